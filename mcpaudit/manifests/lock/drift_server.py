"""What changed of one server: its version, its source, what it needs, and its tools."""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.manifests.lock.drift_tool import tool_added, tool_drift
from mcpaudit.model.action import in_words
from mcpaudit.model.drift import Drift, brief, counted, enumerated
from mcpaudit.model.lock import LockedManifest, LockedServer, LockedTool

_FROM = {
    "supplied": "a saved list",
    "live": "the server itself",
    "bundle": "a bundle",
    "docker": "Docker's catalog",
    "registry": "a registry entry",
    "catalog": "the shipped catalog",
    "source": "its source",
    "lock": "a lock",
    "builtin": "its client",
    "none": "nothing",
}


def server_drift(one: LockedServer, two: LockedServer) -> tuple[Drift, ...]:
    """Every difference between two entries of one server; their names are compared elsewhere."""
    found = (*_version(one, two), *_knowledge(one, two), *_needs(one, two), *_tools(one, two))
    if not found and (fields := _rest(one, two)):
        text = f"its entry changed: {', '.join(fields)}"
        return (Drift("entry-changed", two.id, "", one.digest, two.digest, text),)
    return found


def _version(one: LockedServer, two: LockedServer) -> Iterator[Drift]:
    before, after = _told_version(one), _told_version(two)
    if before != after:
        if one.pinned and not two.pinned:
            text = f"it was pinned to {brief(before)}, and now is not pinned: {brief(after)}"
        elif two.pinned and not one.pinned:
            text = f"it was not pinned ({brief(before)}), and now is pinned to {brief(after)}"
        else:
            text = f"its version was {brief(before)} and is {brief(after)}"
        yield Drift("version-changed", two.id, "", before, after, text)
    if one.integrity != two.integrity:
        before, after = one.integrity or "", two.integrity or ""
        was, now = brief(before) or "not known", brief(after) or "not known"
        text = f"the hash of what runs was {was} and is {now}"
        yield Drift("integrity-changed", two.id, "", before, after, text)


def _told_version(server: LockedServer) -> str:
    if server.pinned:
        return server.version
    wanted = f"`{server.configured}`" if server.configured else "any version"
    known = f", whose tools are known of {server.version}" if server.version else ""
    return f"{wanted}{known}"


def _knowledge(one: LockedServer, two: LockedServer) -> Iterator[Drift]:
    was, now = one.manifest, two.manifest
    before, after = _FROM[was.source], _FROM[now.source]
    if one.tools and not two.tools:
        count = counted(len(one.tools), "tool") + (" was" if len(one.tools) == 1 else " were")
        text = f"{count} known from {before}, and none is known now: {now.reason}"
        yield Drift("completeness-lost", two.id, "", before, after, text)
    elif two.tools and not one.tools:
        can = in_words({action for tool in two.tools for action in tool.actions})
        count = counted(len(two.tools), "tool")
        text = f"its tools were not known, and now {count} from {after} can {can}"
        yield Drift("completeness-gained", two.id, "", before, after, text)
    elif was.complete and not now.complete:
        text = f"all of its tools were known, and now perhaps not: {now.reason}"
        yield Drift("completeness-lost", two.id, "", before, after, text)
    elif now.complete and not was.complete:
        text = f"perhaps not all of its tools were known, and now they are, from {after}"
        yield Drift("completeness-gained", two.id, "", before, after, text)
    elif was.source != now.source:
        text = f"its tools were known from {before} and now are from {after}, so not all can be compared"
        yield Drift("source-changed", two.id, "", before, after, text)


def _needs(one: LockedServer, two: LockedServer) -> Iterator[Drift]:
    for old, new, needs, no_more in (
        (one.needs_env, two.needs_env, "now needs the variable", "no longer needs the variable"),
        (one.needs_scopes, two.needs_scopes, "now asks for the scope", "no longer asks for the scope"),
        (one.given_env, two.given_env, "is now given the variable", "is no longer given the variable"),
        (one.given_headers, two.given_headers, "is now sent the header", "is no longer sent the header"),
    ):
        for name in sorted({*new} - {*old}):
            yield Drift("credential-needed", two.id, "", "", name, f"it {needs} `{name}`")
        for name in sorted({*old} - {*new}):
            yield Drift("credential-gone", two.id, "", name, "", f"it {no_more} `{name}`")


def _tools(one: LockedServer, two: LockedServer) -> Iterator[Drift]:
    if not one.tools or not two.tools:
        return  # told as a whole
    old, new = _by_name(one), _by_name(two)
    for name in sorted({*old, *new}):
        was, now = old.get(name, []), new.get(name, [])
        for before, after in zip(was, now, strict=False):
            yield from tool_drift(two.id, before, after)
        for extra in now[len(was) :]:
            yield tool_added(two.id, extra)
        for extra in was[len(now) :]:
            doubt = "" if two.manifest.complete else ", in a list that may not be complete"
            text = f"`{name}` is no longer there{doubt}"
            yield Drift("tool-gone", two.id, name, enumerated(extra.actions), "", text)


def _by_name(server: LockedServer) -> dict[str, list[LockedTool]]:
    """A server may list two tools of one name."""
    found: dict[str, list[LockedTool]] = {}
    for tool in server.tools:
        found.setdefault(tool.name, []).append(tool)
    return found


def _rest(one: LockedServer, two: LockedServer) -> list[str]:
    """Fields that differ and that nothing else speaks of; reasons are only words about the same."""
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(one, name), getattr(two, name)) for name in ("version", "pinned", "configured")
    ]
    pairs += [("manifest", _wordless(one), _wordless(two)), ("tools", _bare(one), _bare(two))]
    return [name for name, before, after in pairs if before != after]


def _wordless(server: LockedServer) -> LockedManifest:
    return replace(server.manifest, reason="", without="")


def _bare(server: LockedServer) -> tuple[LockedTool, ...]:
    return tuple(replace(tool, full_title="", full_description="") for tool in server.tools)
