"""Conflicts and flows that begin or end between two states, or go on with other servers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mcpaudit.analysis.state import State
from mcpaudit.dataclass import dataclass
from mcpaudit.model.certainty import Certainty, strongest
from mcpaudit.model.enumeration import few
from mcpaudit.model.fact import TURNS, Conflict, ConflictKind, FactChange, Flow, FlowKind, Leg, Turn
from mcpaudit.model.server import BUILTIN

_OWN = "the client's own tools"
_Key = tuple[str, ConflictKind | FlowKind, str]
"""An agent, what it has there, and of a conflict on which resource."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """One fact as one agent has it."""

    parties: tuple[str, ...]
    where: str
    """The resource of a conflict; empty for a flow."""
    clauses: tuple[str, ...]
    certainty: Certainty


def fact_changes(before: State, after: State) -> tuple[FactChange, ...]:
    """What begins first, then what ends, then what only goes on with others."""
    old, new = _standing(before), _standing(after)
    found = []
    for key in sorted(old.keys() | new.keys()):
        agent, kind, _ = key
        was, now = old.get(key, []), new.get(key, [])
        shown = now or was
        first, then = _parties(was), _parties(now)
        joined, left = tuple(then - first), tuple(first - then)
        how: Turn = "changes" if was and now else "begins" if now else "ends"
        if how == "changes" and not (joined or left):
            continue
        found.append(
            FactChange(
                how,
                kind,
                agent,
                _sentence(shown),
                tuple(sorted(joined)),
                tuple(sorted(left)),
                strongest(*(one.certainty for one in shown)),
            )
        )
    return tuple(sorted(found, key=lambda one: TURNS.index(one.how)))


def _sentence(standing: Sequence[_Standing]) -> str:
    """Several conflicts over one resource often have a party in common, which is named once."""
    said = "; ".join(dict.fromkeys(clause for one in standing for clause in one.clauses))
    return f"{standing[0].where}: {said}" if standing[0].where else said


def _parties(standing: Sequence[_Standing]) -> set[str]:
    return {party for one in standing for party in one.parties}


def _standing(facts: State) -> dict[_Key, list[_Standing]]:
    found: dict[_Key, list[_Standing]] = defaultdict(list)
    for conflict in facts.conflicts:
        for agent in conflict.agents:
            found[agent, conflict.kind, conflict.resource].append(_of_conflict(conflict, agent))
    for flow in facts.flows:
        for agent in flow.agents:
            found[agent, flow.kind, ""].append(_of_flow(flow))
    return found


def _of_conflict(conflict: Conflict, agent: str) -> _Standing:
    roles = [role for role in conflict.roles if role.agent == agent] or list(conflict.roles)
    clauses = tuple(role.sentence for role in roles)
    return _Standing(tuple(role.name for role in roles), conflict.resource, clauses, conflict.certainty)


def _of_flow(flow: Flow) -> _Standing:
    into, private, out = (list(_names(legs)) for legs in (flow.sources, flow.private, flow.sinks))
    ends = "data can leave" if flow.kind == "trifecta" else "something can change or leave"
    sentence = (
        f"what strangers write comes in through {few(into)}, private data through "
        f"{few(private)}, and {ends} through {few(out)}"
    )
    return _Standing(tuple(dict.fromkeys((*into, *private, *out))), "", (sentence,), flow.certainty)


def _names(legs: Sequence[Leg]) -> Iterator[str]:
    return iter(dict.fromkeys(_OWN if leg.server.startswith(BUILTIN) else leg.name for leg in legs))
