"""Which requests the HTTP relay passes on, and to where: one server, asked by programs of this machine.

A relay on loopback can be reached by every page in a browser of this machine. So requests that a page could
send under another name (DNS rebinding) or from another place are refused, as MCP's transport asks of servers
(specification 2025-11-25, "Streamable HTTP", security warning).
"""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.live.relay.http_content import READABLE
from mcpaudit.live.relay.http_head import BadHeadError, Head, Start, start_of


@dataclass(frozen=True, slots=True)
class Target:
    """The server behind the relay: the only one that it ever contacts."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """As the field Host names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Its scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    def within(self, location: str) -> str | None:
        """The path of an address of this server; `None` for an address of any other."""
        try:
            parts = urlsplit(location)
            port = parts.port or _DEFAULT.get(parts.scheme)
        except ValueError:
            return None
        if (parts.scheme, parts.hostname, port) != (self.scheme, self.host, self.port):
            return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


_DEFAULT = {"http": 80, "https": 443}


class RefusedError(Exception):
    """A request that is not passed on."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def target_of(url: str) -> Target:
    """The server of an address; raises UsageError for what is no address of one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--to needs an address, and {url} is none: {error}") from None
    if parts.scheme not in _DEFAULT or not parts.hostname:
        raise UsageError(f"--to needs an address like https://HOST/mcp, and {url} is none")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--to takes no user and password: they belong into a header of the entry")
    return Target(parts.scheme, parts.hostname, port or _DEFAULT[parts.scheme])


def listen_address(text: str, *, exposed: bool) -> tuple[str, int]:
    """Host and port to listen at; raises UsageError for what other machines reach unless that is wanted."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.path or parts.username is not None:
        raise UsageError(f"--listen needs an address like 127.0.0.1:8765, and {text} is none")
    if not exposed and not is_loopback(host):
        raise UsageError(
            f"other machines can reach {host}, and what clients send goes there in the clear; "
            "listen at 127.0.0.1, or give --expose"
        )
    return host, port


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked(head: Head, port: int, *, exposed: bool) -> Start:
    """What is asked; raises `RefusedError` where it is not passed on."""
    try:
        start, host = start_of(head), head.one("host")
        origin, _ = head.one("origin"), head.length
    except BadHeadError as error:
        raise RefusedError(400, str(error)) from None
    if start.method == "CONNECT" or not start.target.startswith("/"):
        raise RefusedError(400, "this relay leads to one server; ask for a path, without scheme and host")
    if not _own_host(host, port, exposed=exposed):
        raise RefusedError(421, "the field Host names another server than this relay")
    if origin and not _own_origin(origin, host):
        raise RefusedError(403, "pages of other origins may not use this relay")
    return start


@lru_cache(64)
def _own_host(text: str, port: int, *, exposed: bool) -> bool:
    """A name would do for loopback only; an address in digits is none that DNS could have been bent to."""
    try:
        parts = urlsplit(f"//{text}")
        host, named = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in text or (named or 80) != port:
        return False
    if is_loopback(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return exposed


@lru_cache(64)
def _own_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        return bool(parts.hostname) and (is_loopback(parts.hostname or "") or parts.netloc == host)
    except ValueError:
        return False


def forwarded(head: Head, target: Target) -> Head:
    """The head as the server gets it: its own name, and nothing that would hide messages from the relay."""
    head = head.with_field("host", target.authority)
    codings = [word for word in head.words("accept-encoding") if word.partition(";")[0].strip() in READABLE]
    if head.all("accept-encoding"):
        head = _once(head, "accept-encoding", ", ".join(codings) or "identity")
    if head.all("upgrade"):
        # Another protocol on the connection would pass unread.
        left = [one for one in head.words("connection") if one not in ("upgrade", "http2-settings")]
        head = head.with_field("upgrade", None).with_field("http2-settings", None)
        head = _once(head, "connection", ", ".join(left) or "keep-alive")
    return head


def _once(head: Head, name: str, value: str) -> Head:
    """With one field of that name, where the first one stood."""
    lines, seen = [], False
    for key, line in head.with_field(name, value).lines:
        if key != name.encode() or not seen:
            lines.append((key, line))
        seen = seen or key == name.encode()
    return Head(head.first, tuple(lines))


def returned(head: Head, target: Target) -> Head:
    """The head as the client gets it: what leads to the server itself leads through the relay."""
    location = head.all("location")
    path = target.within(location[0]) if len(location) == 1 else None
    return head if path is None else head.with_field("location", path)
