"""Access of one installation to one resource, taken together: what the conflict analyses compare."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import NamedTuple

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.near import Near
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access, Witness
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, strongest
from mcpaudit.model.decision import Verdict
from mcpaudit.model.fact import Role
from mcpaudit.model.resource import Relation, Resource, relation

_PERMISSIVE = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Part(NamedTuple):
    """What a route gives of some actions."""

    rows: tuple[Access, ...]
    """The rows that give any of them, the most permissive and certain ones first."""
    tools: frozenset[str]
    certainty: Certainty
    """How surely it gives any of them."""
    freest: Actions
    """Those that come at the most permissive decision."""


@dataclass(frozen=True, slots=True)
class Route:
    """All the access that one installation gives to one resource and that its client lets run."""

    agent: str
    installation: str
    server: str
    name: str
    resource: Resource
    rows: tuple[Access, ...]
    transitive: bool
    universal: bool
    actions: Actions
    """What the route gives in all."""
    _parts: dict[Actions, Part] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def certainty(self) -> Certainty:
        """As certain as its best row."""
        return strongest(*(row.certainty for row in self.rows))

    def giving(self, actions: Actions) -> Part:
        """What it gives of some actions: worked out once, as one route meets thousands of others."""
        if actions not in self._parts:
            self._parts[actions] = self._part(actions)
        return self._parts[actions]

    def _part(self, actions: Actions) -> Part:
        rows = [row for row in self.rows if not actions.isdisjoint(row.actions)]
        rows.sort(key=lambda row: (permissiveness(row), row.certainty.value, row.tool))
        best = [row.actions for row in rows if permissiveness(row) == permissiveness(rows[0])]
        return Part(
            rows=tuple(rows),
            tools=frozenset(row.tool for row in rows),
            certainty=strongest(*(row.certainty for row in rows)),
            freest=actions & frozenset().union(*best),
        )

    def by_tool(self) -> dict[str, Actions]:
        """What each of its tools gives."""
        found: dict[str, Actions] = {}
        for row in self.rows:
            found[row.tool] = found.get(row.tool, frozenset()) | row.actions
        return found

    def role(self, part: str, actions: Actions, sentence: str) -> Role:
        """This route as a party to a conflict over some actions."""
        rows = self.giving(actions).rows
        tools = [row.tool for row in rows if permissiveness(row) == permissiveness(rows[0])]
        return Role(
            part=part,
            agent=self.agent,
            server=self.server,
            name=self.name,
            tools=tuple(dict.fromkeys(tools)),
            actions=self.actions & actions,
            verdict=rows[0].decision.verdict.value if rows else "",
            sentence=sentence,
        )

    def witness(self, actions: Actions) -> Witness:
        """The path of the row that matters most for some actions."""
        return self.giving(actions).rows[0].witness


def permissiveness(row: Access) -> int:
    """0 where the call runs silently, more the less permissive the decision is."""
    return _PERMISSIVE[row.decision.verdict]


def routes(access: AccessGraph, rows: Iterable[Access]) -> tuple[Route, ...]:
    """Group the rows that run into routes, in a fixed order."""
    grouped: dict[tuple[str, str, bool], list[Access]] = {}
    for row in rows:
        if row.runs:
            grouped.setdefault((row.installation, str(row.resource), row.transitive), []).append(row)
    return tuple(
        Route(
            agent=own[0].agent,
            installation=installation,
            server=own[0].server,
            name=access.installations[installation].name,
            resource=own[0].resource,
            rows=tuple(own),
            transitive=transitive,
            universal=any(row.universal for row in own),
            actions=frozenset().union(*(row.actions for row in own)),
        )
        for (installation, _, transitive), own in sorted(grouped.items(), key=lambda item: item[0])
    )


def by_agent(found: Sequence[Route]) -> dict[str, list[Route]]:
    """The routes of each agent."""
    agents: dict[str, list[Route]] = {}
    for route in found:
        agents.setdefault(route.agent, []).append(route)
    return agents


@dataclass(frozen=True, slots=True)
class Bucket:
    """All routes to one resource, direct ones and those through an integration apart."""

    resource: Resource
    transitive: bool
    routes: list[Route]

    @property
    def key(self) -> tuple[Resource, bool]:
        """What no other bucket has."""
        return self.resource, self.transitive


def meetings(found: Iterable[Route]) -> Iterator[tuple[Bucket, Bucket, Relation]]:
    """Every two resources of one provider that overlap, and each with itself, with the routes to both."""
    grouped: dict[tuple[Resource, bool], Bucket] = {}
    for route in found:
        key = (route.resource, route.transitive)
        grouped.setdefault(key, Bucket(*key, [])).routes.append(route)
    buckets = list(grouped.values())
    near = Near((bucket.resource, bucket) for bucket in buckets)
    for first, a in enumerate(buckets):
        for second in near.numbers(a.resource):
            b = buckets[second]
            if second < first or a.resource.provider != b.resource.provider:
                continue
            stands = relation(a.resource, b.resource)
            if stands is not Relation.DISJOINT:
                yield a, b, stands
