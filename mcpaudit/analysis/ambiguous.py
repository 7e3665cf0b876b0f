"""Ambiguous routes: two servers offer the same change of one resource, and the agent picks one silently."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route, by_agent, comparable
from mcpaudit.model.access import Access
from mcpaudit.model.action import CHANGING, Actions, in_words
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.fact import Conflict
from mcpaudit.model.resource import Relation, relation
from mcpaudit.model.server import BUILTIN


def ambiguous_routes(found: Sequence[Route], remedies: Remedies) -> Iterator[Conflict]:
    """One fact an agent and resource, naming every route; those through an integration stand apart."""
    for agent, own in sorted(by_agent(found).items()):
        # The client's own tools are no second server; where they go round a limit, that is a bypass.
        changing = [
            route
            for route in own
            if route.actions & CHANGING
            and not route.universal
            and not route.server.startswith(BUILTIN)
            and _known(route)
        ]
        groups: dict[tuple[str, bool], Group] = {}
        for a, b in comparable(changing):
            shared = a.actions & b.actions & CHANGING
            stands = relation(a.resource, b.resource) if shared else Relation.DISJOINT
            if stands is Relation.DISJOINT:
                continue
            if (a.transitive or b.transitive) and a.resource.kind != b.resource.kind:
                continue  # an integration is known for one type, not for all that stands around it
            if a.server == b.server and a.resource == b.resource and a.resource.tenant != "?":
                continue  # the same server and bounds twice: that is a duplicate
            transitive = a.transitive or b.transitive
            common = _common(a, b)
            group = groups.setdefault((common, transitive), Group(transitive, {common}))
            group.routes |= {a.installation: a, b.installation: b}
            group.meet(a, b, shared)
            group.doubts.append(Certainty.POSSIBLE if stands is Relation.POSSIBLE else Certainty.CERTAIN)
            if stands in (Relation.CONTAINS, Relation.WITHIN):
                group.wide.add((a if stands is Relation.CONTAINS else b).installation)
        for group in _by_cause([group for _, group in sorted(groups.items())]):
            yield _fact(agent, group, remedies)


@dataclass(slots=True)
class Group:
    """Routes that meet on one resource, or on several that the same wider routes contain."""

    transitive: bool
    resources: set[str]
    routes: dict[str, Route] = field(default_factory=dict)
    doubts: list[Certainty] = field(default_factory=list)
    certainty: Certainty = Certainty.UNKNOWN
    """As certain as the best of its resources."""
    wide: set[str] = field(default_factory=set)
    """The installations whose route contains another's as a whole."""
    pairs: dict[tuple[str, str], tuple[set[str], set[str]]] = field(default_factory=dict)
    """The installations that meet, with the tools by which each makes the changes that both make."""

    def meet(self, a: Route, b: Route, shared: Actions) -> None:
        """Note which tools of two routes meet."""
        mine, theirs = self.pairs.setdefault((a.installation, b.installation), (set(), set()))
        mine |= a.tools(shared)
        theirs |= b.tools(shared)


def _by_cause(groups: Sequence[Group]) -> Iterable[Group]:
    """One server that reaches the whole machine is one cause, and not one for each folder in it."""
    causes: dict[tuple[bool, frozenset[str], str], Group] = {}
    for group in groups:
        certain = [route.certainty for route in group.routes.values()]
        group.certainty = weakest(strongest(*group.doubts), *certain)
        own = "" if group.wide else min(group.resources)
        first = causes.setdefault((group.transitive, frozenset(group.wide), own), group)
        if first is not group:
            first.resources |= group.resources
            first.routes |= group.routes
            for pair, (mine, theirs) in group.pairs.items():
                known = first.pairs.setdefault(pair, (set(), set()))
                known[0].update(mine)
                known[1].update(theirs)
            first.certainty = strongest(first.certainty, group.certainty)
    return causes.values()


def _known(route: Route) -> bool:
    """What a server without a manifest changes is not known: it makes no conflict of this kind."""
    return route.resource.provider != "unknown" and route.certainty is not Certainty.UNKNOWN


def _common(a: Route, b: Route) -> str:
    """Both sides of a pair under one name: the provider's type, with the tenant where both know it."""
    tenant = a.resource.tenant if a.resource.tenant == b.resource.tenant else "?"
    narrow = a if len(a.resource.lineage) >= len(b.resource.lineage) else b
    if a.resource == b.resource or tenant not in ("?", a.resource.tenant):
        return str(a.resource)
    if a.resource.provider in ("local", "sql", "nosql"):
        return str(max(a.resource, b.resource, key=lambda resource: len(resource.path)))
    return f"{a.resource.provider}:{tenant}" + (f"/{narrow.resource.kind}" if narrow.resource.kind else "")


def _fact(agent: str, group: Group, remedies: Remedies) -> Conflict:
    routes = list(group.routes.values())
    # Direct routes first, then those that run silently: the first one is the route that would be taken.
    routes.sort(
        key=lambda route: (route.transitive, _first(route).decision.verdict.value, route.installation)
    )
    shared = _shared(routes)
    roles = tuple(route.role("route", shared, _sentence(route, shared)) for route in routes)
    return Conflict(
        kind="ambiguous-route",
        agents=(agent,),
        resource=min(group.resources),
        resources=tuple(sorted(group.resources)) if len(group.resources) > 1 else (),
        labels=tuple(sorted({label for route in routes for row in route.rows for label in row.labels})),
        roles=roles,
        certainty=group.certainty,
        witness=tuple(edge for route in routes for edge in route.witness(shared & route.actions)),
        modes=(routes[0].rows[0].mode,),
        transitive=group.transitive,
        silent=any(role.verdict == "allow" for role in roles),
        remedies=remedies.covering(group.pairs),
    )


def _shared(routes: Sequence[Route]) -> Actions:
    """The changes that at least two of the routes offer."""
    shared: Actions = frozenset()
    for a, b in combinations(routes, 2):
        shared |= a.actions & b.actions & CHANGING
    return shared


def _first(route: Route) -> Access:
    return route.giving(CHANGING)[0]


def _sentence(route: Route, shared: Actions) -> str:
    way = "through an integration" if route.transitive else "directly"
    return f"`{route.name}` can {in_words(route.actions & shared)} it {way}"
