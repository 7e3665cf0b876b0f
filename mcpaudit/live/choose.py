"""Which installed servers are asked: those that their client loads, and of these the ones that are named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mcpaudit.clients.client import Collected
from mcpaudit.errors import UsageError
from mcpaudit.model.lock import name_of
from mcpaudit.model.server import Installation


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be asked."""

    installed: tuple[Installation, ...]
    """Every server that is installed, whatever its state; builtin ones are none."""
    chosen: tuple[Installation, ...]
    waiting: tuple[str, ...]
    """Those that nobody has approved yet: they are asked only where they are named."""


def choose(collected: Collected, names: Sequence[str]) -> Choice:
    """The servers of this name or `AGENT/NAME`, else all; raises UsageError for a name that is none."""
    installed = [one for config in collected.agents for one in config.installations if not one.server.builtin]
    loaded = [one for one in installed if one.reachable and not one.assumed]
    waiting = [one for one in installed if one.reachable and one.assumed]
    chosen = loaded
    if names:
        chosen = [one for name in names for one in _named(name, installed)]
        waiting = []
    return Choice(
        tuple(installed),
        tuple(dict.fromkeys(chosen)),
        tuple(sorted({name_of(one) for one in waiting})),
    )


def _named(name: str, installed: Iterable[Installation]) -> list[Installation]:
    fitting = [one for one in installed if name in (one.name, name_of(one))]
    if not fitting:
        known = sorted({word for one in installed for word in (one.name, name_of(one))})
        near = get_close_matches(name[:200], known, 1, 0.6)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"there is no server `{name}` here{hint}")
    usable = [one for one in fitting if one.reachable]
    if not usable:
        one = fitting[0]
        why = f": {one.reason}" if one.reason else ""
        state = "hidden by another entry of its name" if one.shadowed_by else one.state
        raise UsageError(f"`{name_of(one)}` is {state} and not started{why}")
    return usable
