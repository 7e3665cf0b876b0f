"""Keeps in a lock what running servers once answered: no later look at the files can find that out again."""

from dataclasses import replace

from mcpaudit.model.lock import Lock, LockedServer


def with_live(now: LockedServer, before: Lock | None) -> LockedServer:
    """The entry of one installation, with the live list that the lock before has under its name.

    A list stays until its server is listed again, its entry names another version, or its own source on this
    machine has a tool that the list lacks: then it is out of date.
    """
    if before is None or now.manifest.source in ("live", "supplied"):
        return now
    for one in before.servers:
        same = (one.id, one.configured, one.pinned) == (now.id, now.configured, now.pinned)
        if same and one.manifest.source == "live" and {*now.installed_as} <= {*one.installed_as}:
            found = {tool.name for tool in now.tools} if now.manifest.source == "source" else set()
            if found <= {tool.name for tool in one.tools}:
                return replace(now, version=one.version, manifest=one.manifest, tools=one.tools)
    return now
