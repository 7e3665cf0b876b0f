"""Redundant: servers of one agent that reach the same, to do the same, under the same decisions.

As certain as the least certain of their access; what is not known is never said to be the same. Any of them
does what the others do. Which to keep is for a profile to say; without one, nothing is advised.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.excess import loads, merged, removable
from mcpaudit.analysis.near import Near
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.model.access import Access, certainty_of
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.fact import Excess
from mcpaudit.model.remedy import ranked
from mcpaudit.model.resource import Relation, Resource, relation
from mcpaudit.model.server import Installation

Reach = frozenset[tuple[str, str, Resource]]
"""Actions with the client's decision on them and the widest resources on which they hold."""

if TYPE_CHECKING:
    from mcpaudit.analysis.needs import Needed


def redundant(access: AccessGraph, rows: Sequence[Access], held: "Sequence[Needed]") -> list[Excess]:
    """One fact for each group of servers, and one more for each profile that says which of them to keep."""
    own: dict[str, list[Access]] = defaultdict(list)
    for row in rows:
        if row.runs and not row.transitive:
            own[row.installation].append(row)
    facts: list[Excess] = []
    remedies = Remedies(access, rows)
    for agent in sorted(access.configs):
        groups: dict[Reach, list[Installation]] = defaultdict(list)
        for one in removable(access, agent):
            if access.manifests[one.id].complete and (reach := _reach(own[one.id])):
                groups[reach].append(one)
        for group in groups.values():
            # The same server twice is a duplicate.
            if len({one.server.id for one in group}) > 1:
                sure = weakest(*(row.certainty for one in group for row in own[one.id]))
                ways = ranked(remedies.removing_others({one.id: one.server.id for one in group}))
                facts.append(replace(_fact(access, group, sure), remedies=ways))
                for profile in held:
                    if profile.agent == agent:
                        facts += _advice(access, group, sure, profile, remedies)
    return merged(facts)


def _reach(rows: Iterable[Access]) -> Reach:
    """All that a server's tools do; empty where that is not known to the last row."""
    at: dict[tuple[str, str], set[Resource]] = defaultdict(set)
    for row in rows:
        # Of an unknown account it is not certain that it is the other server's.
        if row.certainty is Certainty.UNKNOWN or relation(row.resource, row.resource) is not Relation.EQUAL:
            return frozenset()
        for action in row.actions:
            at[action, row.decision.verdict.value].add(row.resource)
    return frozenset((*how, resource) for how, found in at.items() for resource in _widest(found))


def _widest(found: set[Resource]) -> Iterator[Resource]:
    near = Near((resource, resource) for resource in found)
    for resource in found:
        if all(relation(other, resource) is not Relation.CONTAINS for other in near.of(resource)):
            yield resource


def _fact(
    access: AccessGraph,
    group: Sequence[Installation],
    sure: Certainty,
    profile: str = "",
    keep: Installation | None = None,
) -> Excess:
    names = [f"`{one.name}`" for one in group]
    same = f"{', '.join(names[:-1])} and {names[-1]} can do the same to the same"
    edges = tuple(loads(access, one) for one in group)
    return Excess(
        level="server",
        kind="redundant",
        subject=" + ".join(sorted({one.server.id for one in group})),
        name=", ".join(one.name for one in group),
        agents=(group[0].agent,),
        reason=f"{same}; for the profile `{profile}` keep `{keep.name}`" if keep else same,
        certainty=weakest(certainty_of(edges), sure),
        witness=edges,
        profile=profile,
        instead=keep.name if keep else "",
    )


def _advice(
    access: AccessGraph, group: Sequence[Installation], sure: Certainty, needed: "Needed", remedies: Remedies
) -> Iterator[Excess]:
    """For a profile that needs one of them: the one that gives least beside the need."""
    # What stands in no smallest set is called unneeded already.
    left = [one for one in group if one.id in needed.cover.used]
    if len({one.server.id for one in left}) > 1:
        keep = min(left, key=lambda one: _beyond(needed, one))
        others = [one.id for one in left if one.server.id != keep.server.id]
        fact = _fact(access, left, sure, needed.profile.id, keep)
        yield replace(fact, remedies=tuple(remedies.removing(others)))


def _beyond(needed: "Needed", one: Installation) -> tuple[int, bool, str]:
    """Of those that give as little, the one that the smallest set advises."""
    return len(needed.candidates[one.id].outside), one.id not in needed.keep, one.id
