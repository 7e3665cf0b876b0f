"""What changed between a lock and what is installed now, in sentences; it judges nothing."""

from collections.abc import Iterable, Iterator

from mcpaudit.manifests.lock.drift_server import server_drift
from mcpaudit.model.action import in_words
from mcpaudit.model.drift import KINDS, Drift, counted, enumerated
from mcpaudit.model.lock import Lock, LockedServer

_ById = dict[str, list[LockedServer]]


def compare(before: Lock, after: Lock) -> tuple[Drift, ...]:
    """Every difference that matters, sorted; none where both say the same of the same servers."""
    old, new = _by_id(before), _by_id(after)
    changed = [*_identities(old, new)]
    explained = {(one, name) for name, *ids in changed for one in ids}
    found = [
        Drift(
            "identity-changed", two, "", one, two, f"`{name}` was {one} and is now {two}: {_what(new[two])}"
        )
        for name, one, two in changed
    ]
    for id in sorted({*old, *new}):
        was, now = old.get(id, []), new.get(id, [])
        left = sorted(_names(was) - _names(now) - {name for one, name in explained if one == id})
        came = sorted(_names(now) - _names(was) - {name for one, name in explained if one == id})
        if was and now:
            for one, two in _pairs(was, now):
                found += server_drift(one, two)
            if left:
                text = f"it is no longer installed as {enumerated(left)}"
                found.append(Drift("name-gone", id, "", ", ".join(left), "", text))
            if came:
                text = f"it is now also installed as {enumerated(came)}"
                found.append(Drift("name-added", id, "", "", ", ".join(came), text))
        elif was and (left or not _names(was)):
            text = f"it was installed as {enumerated(left)} and no longer is"
            found.append(Drift("server-gone", id, "", was[0].version, "", text))
        elif now and (came or not _names(now)):
            text = f"it is installed as {enumerated(came)} and not in the lock: {_what(now)}"
            found.append(Drift("server-added", id, "", "", now[0].version, text))
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda one: (one.server, one.tool, KINDS.index(one.kind), one)))


def _identities(old: _ById, new: _ById) -> Iterator[tuple[str, str, str]]:
    """Names that stand for another server now, with the old and the new one."""
    was, now = _by_name(old), _by_name(new)
    for name in sorted(was.keys() & now.keys()):
        lost, gained = sorted(was[name] - now[name]), sorted(now[name] - was[name])
        if lost and gained:
            yield from ((name, one, two) for one in lost for two in gained)


def _pairs(was: list[LockedServer], now: list[LockedServer]) -> Iterator[tuple[LockedServer, LockedServer]]:
    """Which entries of one id to compare: those that share a name, and each of the others with the first."""
    met: set[int] = set()
    for one in was:
        for two in now:
            if set(one.installed_as) & set(two.installed_as):
                met |= {id(one), id(two)}
                yield one, two
    yield from ((one, now[0]) for one in was if id(one) not in met)
    yield from ((was[0], two) for two in now if id(two) not in met)


def _what(entries: list[LockedServer]) -> str:
    """What a server that nobody has reviewed can do."""
    tools = {tool.name: tool for one in entries for tool in one.tools}
    if not tools:
        return f"its tools are not known, because {entries[0].manifest.reason}"
    can = {action for tool in tools.values() for action in tool.actions}
    return f"{counted(len(tools), 'tool')} that can {in_words(can)}" if can else counted(len(tools), "tool")


def _names(entries: Iterable[LockedServer]) -> set[str]:
    return {name for one in entries for name in one.installed_as}


def _by_id(lock: Lock) -> _ById:
    found: _ById = {}
    for server in lock.servers:
        found.setdefault(server.id, []).append(server)
    return found


def _by_name(servers: _ById) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for id, entries in servers.items():
        for name in _names(entries):
            found.setdefault(name, set()).add(id)
    return found
