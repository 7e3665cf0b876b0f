"""Keeps in a lock what running servers once answered: no later look at the files can find that out again."""

from dataclasses import replace

from mcpaudit.manifests.lock.write import sealed
from mcpaudit.model.lock import Lock, LockedServer


def with_live(now: Lock, before: Lock | None) -> Lock:
    """The lock of what is installed now, with the live lists of the lock before.

    A list stays until its server is listed again, its entry names another version, or its own source on this
    machine has a tool that the list lacks: then it is out of date.
    """
    if before is None:
        return now
    return replace(now, servers=tuple(_kept(one, before) for one in now.servers))


def _kept(now: LockedServer, before: Lock) -> LockedServer:
    if now.manifest.source in ("live", "supplied"):
        return now
    for one in before.servers:
        same = (one.id, one.configured, one.pinned) == (now.id, now.configured, now.pinned)
        if same and one.manifest.source == "live" and {*one.installed_as} & {*now.installed_as}:
            found = {tool.name for tool in now.tools} if now.manifest.source == "source" else set()
            if found <= {tool.name for tool in one.tools}:
                return _with(now, one)
    return now


def _with(now: LockedServer, live: LockedServer) -> LockedServer:
    return sealed(replace(now, version=live.version, manifest=live.manifest, tools=live.tools))
