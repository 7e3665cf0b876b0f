"""What agents gain and lose between two states, by resource and action and not by text.

A root that shrinks from `/` to `/srv` loses access; a new write tool gains some, whatever its version says.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mcpaudit.analysis.fact_change import fact_changes
from mcpaudit.analysis.facts import Facts
from mcpaudit.analysis.routes import permissiveness
from mcpaudit.analysis.state import State
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.fact import CHANGE_KINDS, Change, ChangeKind, Difference
from mcpaudit.model.resource import Relation, Resource, relation
from mcpaudit.model.server import BUILTIN

_HOLDS = (Relation.EQUAL, Relation.CONTAINS)
Index = dict[tuple[str, bool, str, str], dict[Resource, Access]]
"""By agent, whether by its own tools, provider and action: what runs most freely on each resource.

A client's own tools reach every file, after a question or not; a server's access counts beside them.
"""


def difference(before: Facts, after: Facts) -> Difference:
    """Access, conflicts and flows that one audit found and the other did not."""
    return between(State.of(before), State.of(after))


def between(before: State, after: State) -> Difference:
    """Access, conflicts and flows that one state has and the other has not."""
    return Difference(_changes(before, after), fact_changes(before, after))


def _changes(before: State, after: State) -> tuple[Change, ...]:
    """Access gained, lost, and decided otherwise; in a fixed order, what is gained first."""
    old, new = _index(before.rows), _index(after.rows)
    found = [*_gone(after.names, new, old, "gained"), *_gone(before.names, old, new, "lost")]
    for key in new.keys() & old.keys():
        for resource, row in new[key].items():
            was = old[key].get(resource)
            if was is None or was.decision.verdict is row.decision.verdict:
                continue
            kind: ChangeKind = "looser" if permissiveness(row) < permissiveness(was) else "stricter"
            found.append((kind, key[3], after.names, row, row.certainty, was.decision.verdict.value))
    return tuple(_merged(found, {"lost": before.rows}, after.rows))


Found = tuple[ChangeKind, str, Mapping[str, str], Access, Certainty, str]
"""Kind, action, names of the installations, the row, how sure it is, and what was decided before."""


def _index(rows: Sequence[Access]) -> Index:
    found: Index = defaultdict(dict)
    for row in rows:
        if not row.runs:
            continue
        for action in row.actions:
            held = found[row.agent, row.server.startswith(BUILTIN), row.resource.provider, action]
            best = held.get(row.resource)
            if best is None or _rank(row) < _rank(best):
                held[row.resource] = row
    return found


def _rank(row: Access) -> tuple[int, str, str]:
    return permissiveness(row), row.certainty, row.id


def _gone(names: Mapping[str, str], here: Index, there: Index, kind: ChangeKind) -> Iterator[Found]:
    """What is here and is not covered there."""
    for key, held in here.items():
        others = there.get(key, {})
        for resource, row in held.items():
            if resource in others:
                continue
            stands = {other: relation(other, resource) for other in others}
            holding = [others[other] for other, how in stands.items() if how in _HOLDS]
            best = min(holding, key=_rank, default=None)
            if best is None:
                # What may be the same thing there may well be no change at all.
                doubt = Certainty.POSSIBLE if Relation.POSSIBLE in stands.values() else Certainty.CERTAIN
                yield kind, key[3], names, row, weakest(row.certainty, doubt), ""
            elif kind == "gained" and permissiveness(row) < permissiveness(best):
                yield "looser", key[3], names, row, row.certainty, best.decision.verdict.value


def _merged(
    found: Iterable[Found], elsewhere: Mapping[str, Sequence[Access]], after: Sequence[Access]
) -> Iterator[Change]:
    """The actions and tools of one installation on one resource are one change."""
    places = {kind: _placed(rows) for kind, rows in elsewhere.items()}
    placed = _placed(after)
    groups: dict[tuple[int, str, str, str, str, str], list[Found]] = defaultdict(list)
    for one in found:
        kind, _, _, row, _, was = one
        verdict, resource = row.decision.verdict, str(row.resource)
        groups[CHANGE_KINDS.index(kind), row.agent, resource, row.installation, verdict, was].append(one)
    for _, own in sorted(groups.items()):
        kind, _, names, first, _, was = own[0]
        actions = frozenset(action for _, action, *_ in own)
        beside = places.get(kind, placed)[first.installation, first.resource]
        verdict = first.decision.verdict
        rows = [row for row in beside if row.actions & actions and row.decision.verdict is verdict]
        yield Change(
            kind=kind,
            agent=first.agent,
            resource=str(first.resource),
            actions=actions,
            name=names[first.installation],
            server=first.server,
            tools=tuple(sorted({row.tool for row in rows})),
            verdict=verdict.value,
            certainty=strongest(*(sure for *_, sure, _ in own)),
            witness=tuple(dict.fromkeys(edge for row in rows for edge in row.witness)),
            before=was,
            labels=first.labels.union(*(row.labels for row in rows)),
            on=first.resource,
        )


def _placed(rows: Sequence[Access]) -> dict[tuple[str, Resource], list[Access]]:
    found: dict[tuple[str, Resource], list[Access]] = defaultdict(list)
    for row in rows:
        if row.runs:
            found[row.installation, row.resource].append(row)
    return found
