"""What single change removes a fact: the inverse that comes with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from mcpaudit.model.place import Place
from mcpaudit.model.supposition import Supposition

How = Literal["share", "separate", "rename", "ask", "limit", "narrow", "drop", "deny", "remove", "give-up"]
"""In this order where several take as much away. `share` a credential, `separate` stores, `rename` a server,
`ask` before a tool, state the same `limit`, `narrow` a root, `drop` a rule that allows, `deny` tools,
`remove` servers; to `give-up` the limit itself comes last, whatever it costs.
"""
HOWS: tuple[How, ...] = (
    "share", "separate", "rename", "ask", "limit", "narrow", "drop", "deny", "remove", "give-up",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One change in one agent's configuration."""

    agent: str
    title: str
    """The agent's name for people."""
    phrase: str
    """What to do there: `remove the server X`."""
    place: Place | None = None
    """Where the entry or rule stands that would change."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change, in one or several agents, after which a fact no longer holds."""

    how: How
    acts: tuple[Act, ...]
    cost: int
    """How much access it takes away: actions on resources, counted for each tool."""
    supposed: Supposition | None = None
    """The same as a question to ask, as in `access --what-if-deny`; `None` where it cannot be supposed."""

    @property
    def sentence(self) -> str:
        """What to do, for people; the same change in several agents is said once."""
        agents: dict[str, list[str]] = {}
        for act in self.acts:
            agents.setdefault(act.phrase, []).append(act.title)
        phrases: dict[tuple[str, ...], list[str]] = {}
        for phrase, titles in agents.items():
            phrases.setdefault(tuple(dict.fromkeys(titles)), []).append(phrase)
        return "; ".join(f"in {listed(where)}, {listed(what)}" for where, what in phrases.items())

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """What takes least access away comes first, and what gives up a limit last."""
        return self.how == "give-up", self.cost, HOWS.index(self.how), self.sentence


def ranked(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Each remedy once, the advised one first."""
    return tuple(sorted(dict.fromkeys(remedies), key=lambda one: one.rank))


def joined(first: tuple[Remedy, ...], second: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """What removes two facts that are told as one: the same change in both, or the best of each."""
    if not first or not second:
        return ()
    same = [
        _both(one, other)
        for one in first
        for other in second
        if one.how == other.how and _phrases(one) == _phrases(other)
    ]
    supposed = [[one for one in found if one.supposed is not None] for found in (first, second)]
    best = [pair for pair in ((first, second), supposed) if all(pair)]
    return ranked((*same, *(_both(one[0], other[0]) for one, other in best)))


def _phrases(one: Remedy) -> set[str]:
    return {act.phrase for act in one.acts}


def _both(one: Remedy, other: Remedy) -> Remedy:
    if one == other:
        return one
    supposed = None
    if one.supposed is not None and other.supposed is not None:
        supposed = one.supposed.with_all_of(other.supposed)
    how = max(one.how, other.how, key=HOWS.index)
    acts = tuple(dict.fromkeys((*one.acts, *other.acts)))
    return replace(one, how=how, acts=acts, cost=one.cost + other.cost, supposed=supposed)


def listed(items: Iterable[str]) -> str:
    """`a, b and c`."""
    shown = list(items)
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
