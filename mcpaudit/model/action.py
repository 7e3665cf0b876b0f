"""What can be done to a resource: a set over nine atoms, ordered by inclusion."""

from collections.abc import Iterable
from functools import lru_cache

Actions = frozenset[str]

ACTIONS = ("list", "read", "create", "write", "delete", "share", "admin", "execute", "send")

OBSERVING: Actions = frozenset({"list", "read"})
# `send` lets data out but leaves the resource as it is, so it is egress and no change.
CHANGING: Actions = frozenset({"create", "write", "delete", "share", "admin", "execute"})
EVERYTHING: Actions = frozenset(ACTIONS)

_IMPLIES: dict[str, tuple[str, ...]] = {"read": ("list",), "admin": ("share",)}


def closure(actions: Iterable[str]) -> Actions:
    """The actions with those they bring along: reading lists, administering shares."""
    found = set(actions)
    for action in tuple(found):
        found.update(_IMPLIES.get(action, ()))
    return frozenset(found)


def changes(actions: Iterable[str]) -> bool:
    """Whether any of the actions leaves the resource, its access or the host different."""
    return not CHANGING.isdisjoint(actions)


def in_order(actions: Iterable[str]) -> tuple[str, ...]:
    """The actions in the order in which people read them, mildest first."""
    return _ordered(frozenset(actions))


@lru_cache(maxsize=512)  # all subsets of nine
def _ordered(actions: Actions) -> tuple[str, ...]:
    return tuple(sorted(actions, key=ACTIONS.index))


def in_words(actions: Iterable[str]) -> str:
    """The actions as prose: `read and write`, `list, read and send`."""
    names = in_order(actions)
    if len(names) < 2:
        return "".join(names) or "do nothing with"
    return f"{', '.join(names[:-1])} and {names[-1]}"
