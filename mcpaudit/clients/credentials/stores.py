"""In which known stores a server's login could lie: its client's, its own, its provider's, the bridge's."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mcpaudit import shipped
from mcpaudit.clients.credentials.references import database_host, flags, in_container
from mcpaudit.dataclass import dataclass
from mcpaudit.model.server import Argument, Installation


@dataclass(frozen=True, slots=True)
class Store:
    """Where to look, and for what."""

    path: str
    """A site template, or a path as an entry writes it."""
    pattern: str = ""
    """Which files of it, where it is a folder."""
    under: str = ""
    """The key that leads to its logins."""
    shared: bool = False
    """Whether it keeps the logins of several servers, by name and address."""
    profile: str = ""
    """The profile that counts, where it has several."""
    host: str | None = None
    """The host whose lines count, in a password file."""


def stores(installation: Installation, provider: str) -> Iterator[Store]:
    """The stores for one installation; what a variable or flag names instead is read as such."""
    known, env = _known(), dict(installation.entry.env)
    client = known["clients"].get(installation.client)
    if client and installation.server.url:
        yield Store(client["file"], under=client.get("under", ""), shared=True)
    if in_container(installation):
        return
    words = {flag for flag, _ in flags(installation.entry.args)}
    own = known["servers"].get(installation.server.id)
    if own is not None:
        moved = _moved(env, own["env"])
        if "folder" in own:
            yield Store(moved or own["folder"], pattern="*@*.json")
        elif "file" in own and not moved:
            yield Store(own["file"])
    theirs = known["providers"].get(provider)
    if theirs is not None and not {*env, *words} & set(theirs["unless"]):
        yield Store(theirs["file"], profile=theirs.get("profile", ""))
    host = database_host(installation.entry)
    if host is not None and "PGPASSFILE" not in env:
        yield Store(known["pgpass"]["file"], host=host)
    if (name := _bridged(installation)) is not None:
        bridge = known["bridge"]
        yield Store(
            _moved(env, bridge["env"]) or bridge["folder"], pattern=f"mcp-remote-*/{name}_tokens.json"
        )


@cache
def _known() -> dict[str, Any]:
    found: dict[str, Any] = shipped.table("knowledge/credential_stores.yaml")
    return found


def _moved(env: Mapping[str, Argument], names: list[str]) -> str:
    return next((env[name].text for name in names if name in env), "")


_HASHED = {"--header", "--header-file", "--authorize-param", "--client-metadata-url", "--token-endpoint"}


def _bridged(installation: Installation) -> str | None:
    """Under which hash `mcp-remote` keeps a login; `None` where it is not used, or more is hashed."""
    words = [word.text for word in installation.entry.args]
    if not any(re.fullmatch(r"mcp-remote(?:@[\w.^~-]{1,64})?", word) for word in words) or _HASHED & {*words}:
        return None
    url = next((word for word in words if word.startswith(("https://", "http://"))), "")
    resource = next(
        (value.text for flag, value in flags(installation.entry.args) if flag == "--resource"), ""
    )
    joined = "|".join(filter(None, (url, resource)))
    return hashlib.md5(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
