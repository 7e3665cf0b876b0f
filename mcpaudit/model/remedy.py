"""What single change removes a fact: the inverse that comes with it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Literal

from mcpaudit.dataclass import dataclass
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


def joined(*found: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """What removes several facts that are told as one: the same change in all, or the best of each."""
    if not all(found):
        return ()
    same = [{(one.how, _phrases(one)): one for one in reversed(ways)} for ways in found]
    together = [
        _all([ways[key] for ways in same]) for key in same[0] if all(key in ways for ways in same[1:])
    ]
    supposed = [[one for one in ways if one.supposed is not None] for ways in found]
    best = [_all([one[0] for one in ways]) for ways in (found, supposed) if all(ways)]
    return ranked((*together, *best))


def _phrases(one: Remedy) -> frozenset[str]:
    return frozenset(act.phrase for act in one.acts)


def _all(ones: Sequence[Remedy]) -> Remedy:
    """Several changes as one."""
    ones = list(dict.fromkeys(ones))
    if len(ones) == 1:
        return ones[0]
    supposed = [one.supposed for one in ones if one.supposed is not None]
    return replace(
        ones[0],
        how=max((one.how for one in ones), key=HOWS.index),
        acts=tuple(dict.fromkeys(act for one in ones for act in one.acts)),
        cost=sum(one.cost for one in ones),
        supposed=reduce(Supposition.with_all_of, supposed) if len(supposed) == len(ones) else None,
    )


def listed(items: Iterable[str]) -> str:
    """`a, b and c`."""
    shown = list(items)
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
