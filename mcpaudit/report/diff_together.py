"""What a comparison says of several agents, said once: many clients read one file."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from mcpaudit.dataclass import dataclass
from mcpaudit.model.diff import AccessChange, Diff, Doubt, FactRow
from mcpaudit.model.enumeration import few
from mcpaudit.model.fact import ChangeKind
from mcpaudit.report.diff_words import sentence
from mcpaudit.report.verdict import count, listed

_EACH = "\0"
"""Stands where a server is named."""
_Row = TypeVar("_Row", AccessChange, Doubt, FactRow)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of access and all agents that it is the same for."""

    row: AccessChange
    """That of the first agent."""
    agents: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing that is not wholly known, and all agents that it is the same for."""

    row: Doubt
    sentence: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one or several servers are not wholly known."""

    row: Doubt
    """That of the first server."""
    servers: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One conflict or flow and all agents that have it."""

    row: FactRow
    agents: str


def changes(seen: Diff) -> list[Change]:
    """All changes of access, in the order of their first agents."""
    return [
        Change(rows[0], titles := _titles(rows), sentence(rows[0], titles))
        for rows in _alike(seen.access, lambda row: replace(row, agent="", title="", sentence="", witness=()))
    ]


def doubts(seen: Diff) -> list[Unknown]:
    """All that is not wholly known, in the order of the first agents."""
    return [
        Unknown(rows[0], _titles(rows) + _without_title(rows[0]))
        for rows in _alike(
            seen.doubts, lambda row: replace(row, agent="", title="", sentence=_without_title(row))
        )
    ]


def causes(seen: Diff) -> list[Cause]:
    """The same, told once for all servers of which it can be said in the same words."""
    groups: dict[tuple[str, bool], list[Unknown]] = {}
    for one in doubts(seen):
        said = one.sentence.replace(f"`{one.row.name}`", _EACH, 1) if one.row.name else one.sentence
        groups.setdefault((said, one.row.private), []).append(one)
    return [
        Cause(rows[0].row, len(rows), said.replace(_EACH, f"each of {_names(rows)}", 1))
        if len(rows) > 1
        else Cause(rows[0].row, 1, rows[0].sentence)
        for (said, _), rows in groups.items()
    ]


def facts(seen: Diff) -> list[Fact]:
    """All conflicts and flows that change, in the order of the first agents."""
    alike = _alike(seen.facts, lambda row: replace(row, agent="", title=""))
    return [Fact(rows[0], _titles(rows)) for rows in alike]


def summary(seen: Diff) -> str:
    """What changes, counted as it is told."""
    kinds = Counter(one.row.kind for one in changes(seen))
    words: tuple[tuple[ChangeKind, str], ...] = (
        ("gained", "gained"),
        ("looser", "asked less often"),
        ("lost", "lost"),
    )
    said = [f"{count(kinds[kind], 'access', 'accesses')} {word}" for kind, word in words if kinds[kind]]
    for how in ("new", "resolved"):
        number = sum(one.how == how for one in seen.findings)
        said += [f"{count(number, f'{how} finding')}"] if number else []
    if unknown := doubts(seen):
        said.append(f"{count(len(unknown), 'thing')} not wholly known")
    if seen.own:
        said.append(f"{count(len(seen.own), 'change')} of mcpaudit's own files")
    return f"{listed(said)}." if said else "Nothing that is known changes."


def _alike(rows: Iterable[_Row], what: Callable[[_Row], _Row]) -> list[list[_Row]]:
    groups: dict[_Row, list[_Row]] = {}
    for row in rows:
        groups.setdefault(what(row), []).append(row)
    return list(groups.values())


def _names(rows: Sequence[Unknown]) -> str:
    return few([f"`{one.row.name}`" for one in rows])


def _titles(rows: Sequence[AccessChange] | Sequence[Doubt] | Sequence[FactRow]) -> str:
    return listed(list(dict.fromkeys(row.title for row in rows if row.title)))


def _without_title(row: Doubt) -> str:
    return row.sentence.removeprefix(row.title)
