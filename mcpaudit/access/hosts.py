"""Host names and URLs in one normal form."""

import re
from urllib.parse import unquote, urlsplit

from mcpaudit.model.resource import UNKNOWN
from mcpaudit.model.tenant import INTERNET

LOCAL = "localhost"
_VARIES = re.compile(r"[${}%<>`]")
_DEFAULTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# The gateway names by which a container calls the machine that it runs on (Docker Desktop, Podman).
GATEWAYS = {"host.docker.internal", "gateway.docker.internal", "host.containers.internal"}


def host(text: str) -> str:
    """A host in lower case and ASCII, this machine under one name; `?` where a variable decides it."""
    name = text.strip().rstrip(".").strip("[]").casefold()
    if not name or _VARIES.search(name):
        return UNKNOWN
    if name == LOCAL or name.endswith(".localhost") or name in GATEWAYS or name.startswith(("/", "@")):
        return LOCAL  # a path is that of a socket of this machine
    if address := _address(name):
        return address
    if not name.isascii():
        try:
            return name.encode("idna").decode("ascii")
        except UnicodeError:
            return name
    return name


def _address(name: str) -> str:
    """An IP address in its usual form, loopback as `localhost`; empty for a name."""
    if not (name[-1:].isdigit() or ":" in name):
        return ""
    # Imported here: most hosts are names.
    from ipaddress import IPv4Address, ip_address

    try:
        address = ip_address(int(name) if name.isdigit() and len(name) > 3 else name)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped.is_loopback or mapped == IPv4Address(0):
        return LOCAL
    return str(mapped) if mapped.version == 4 else f"[{mapped}]"


def origin(text: str) -> tuple[str, tuple[str, ...]]:
    """The host of a URL or a bare host, with its port where that is not the one of https, and its path."""
    if text.strip() in ("*", "**"):
        return INTERNET, ()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return UNKNOWN, ()
    name = host(parts.hostname or "")
    port = port or _DEFAULTS.get(parts.scheme.lower(), 0)
    path: list[str] = []
    for part in parts.path.split("/"):
        if part == "..":
            del path[-1:]
        elif part not in ("", "."):
            path.append(UNKNOWN if re.search(r"[${}<>]", part) else unquote(part))
    if UNKNOWN in path:
        del path[path.index(UNKNOWN) + 1 :]
    return (name if port == 443 or name == UNKNOWN else f"{name}:{port}"), tuple(path)


def http_server(text: str) -> str:
    """`HOST:PORT` of a database that is called over HTTP; empty for any other address."""
    if not re.match(r"https?://", text, re.I):
        return ""
    name = origin(text)[0]
    return name if name == UNKNOWN or re.search(r":\d+$", name) else f"{name}:443"
