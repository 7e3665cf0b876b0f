"""Ambiguous routes: two servers offer the same change of one resource, and the agent picks one silently."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from mcpaudit.analysis.parting import Meeting
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Bucket, Route, by_agent, meetings
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.action import CHANGING, Actions, in_words
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.fact import Conflict
from mcpaudit.model.resource import Relation, Resource
from mcpaudit.model.server import BUILTIN

Rival = tuple[Route, Actions]
"""A route, and the changes that another installation offers as well."""


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
        offers: dict[tuple[Resource, bool], _Offers] = {}
        for a, b, stands in meetings(changing):
            transitive = a.transitive or b.transitive
            if transitive and a.resource.kind != b.resource.kind:
                continue  # an integration is known for one type, not for all that stands around it
            one = a.resource == b.resource and a.resource.tenant != "?"
            for bucket in (a, b):
                if bucket.key not in offers:
                    offers[bucket.key] = _Offers(bucket)
            mine, theirs = _rivals(a, offers[b.key], one), _rivals(b, offers[a.key], one)
            if not mine or not theirs:
                continue
            common = _common(a.resource, b.resource)
            group = groups.setdefault((common, transitive), Group(transitive, {common}))
            group.add([route for route, _ in (*mine, *theirs)])
            group.meet(mine, theirs, one=one)
            doubt = Certainty.POSSIBLE if stands is Relation.POSSIBLE else Certainty.CERTAIN
            group.certainty = strongest(group.certainty, doubt)
            if stands in (Relation.CONTAINS, Relation.WITHIN):
                wide = mine if stands is Relation.CONTAINS else theirs
                group.wide.update(route.installation for route, _ in wide)
        for group in _by_cause([group for _, group in sorted(groups.items())]):
            yield _fact(agent, group, remedies)


class _Offers:
    """Which servers and installations of a bucket offer each change."""

    def __init__(self, bucket: Bucket) -> None:
        self.servers: dict[str, set[str]] = defaultdict(set)
        self.installations: dict[str, set[str]] = defaultdict(set)
        for route in bucket.routes:
            for action in route.actions & CHANGING:
                self.servers[action].add(route.server)
                self.installations[action].add(route.installation)


def _rivals(bucket: Bucket, others: _Offers, one: bool) -> list[Rival]:
    """The routes of a bucket of which another installation offers a change as well.

    To `one` and the same resource the same server twice is a duplicate, and no rival.
    """
    found: list[Rival] = []
    for route in bucket.routes:
        shared = frozenset(
            action
            for action in route.actions & CHANGING
            if (
                _another(others.servers[action], route.server)
                if one
                else _another(others.installations[action], route.installation)
            )
        )
        if shared:
            found.append((route, shared))
    return found


def _another(names: set[str], name: str) -> bool:
    return len(names) > (name in names)


@dataclass(slots=True)
class Group:
    """Routes that meet on one resource, or on several that the same wider routes contain."""

    transitive: bool
    resources: set[str]
    routes: dict[str, Route] = field(default_factory=dict)
    """By installation; of several routes of one, the narrowest."""
    certainty: Certainty = Certainty.UNKNOWN
    """As certain as the best of its resources."""
    wide: set[str] = field(default_factory=set)
    """The installations whose route contains another's as a whole."""
    meetings: dict[tuple[frozenset[tuple[str, str]], ...], Meeting] = field(default_factory=dict)
    """Who meets whom over one change, each meeting once."""
    tools: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The tools by which each installation makes changes that another one makes too."""

    def meet(self, mine: Sequence[Rival], theirs: Sequence[Rival], *, one: bool) -> None:
        """Note who meets; to `one` and the same resource a server does not meet itself."""
        left, right = self._sides(mine, one=one), self._sides(theirs, one=one)
        for action in sorted(left.keys() & right.keys()):
            key = (frozenset(left[action].items()), frozenset(right[action].items()))
            self.meetings.setdefault(key, Meeting(left[action], right[action]))

    def _sides(self, rivals: Sequence[Rival], *, one: bool) -> dict[str, dict[str, str]]:
        """By action, who of one side makes it."""
        side: dict[str, dict[str, str]] = defaultdict(dict)
        for route, shared in rivals:
            self.tools[route.installation] |= route.giving(shared).tools
            for action in shared:
                side[action][route.installation] = route.server if one else route.installation
        return side

    def add(self, routes: Iterable[Route]) -> None:
        """Take routes in."""
        for route in routes:
            held = self.routes.get(route.installation)
            if held is None or (str(held.resource), held.transitive) < (
                str(route.resource),
                route.transitive,
            ):
                self.routes[route.installation] = route


def _by_cause(groups: Sequence[Group]) -> Iterable[Group]:
    """One server that reaches the whole machine is one cause, and not one for each folder in it."""
    causes: dict[tuple[bool, frozenset[str], str], Group] = {}
    for group in groups:
        group.certainty = weakest(group.certainty, *(route.certainty for route in group.routes.values()))
        own = "" if group.wide else min(group.resources)
        first = causes.setdefault((group.transitive, frozenset(group.wide), own), group)
        if first is not group:
            first.resources |= group.resources
            first.routes |= group.routes
            first.meetings |= group.meetings
            for name, tools in group.tools.items():
                first.tools[name] |= tools
            first.certainty = strongest(first.certainty, group.certainty)
    return causes.values()


def _known(route: Route) -> bool:
    """What a server without a manifest changes is not known: it makes no conflict of this kind."""
    return route.resource.provider != "unknown" and route.certainty is not Certainty.UNKNOWN


def _common(a: Resource, b: Resource) -> str:
    """Both sides of a pair under one name: the provider's type, with the tenant where both know it."""
    tenant = a.tenant if a.tenant == b.tenant else "?"
    narrow = a if len(a.lineage) >= len(b.lineage) else b
    if a == b or tenant not in ("?", a.tenant):
        return str(a)
    if a.provider in ("local", "sql", "nosql"):
        return str(max(a, b, key=lambda resource: len(resource.path)))
    return f"{a.provider}:{tenant}" + (f"/{narrow.kind}" if narrow.kind else "")


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
        remedies=remedies.covering(group.meetings.values(), group.tools),
    )


def _shared(routes: Sequence[Route]) -> Actions:
    """The changes that at least two of the routes offer."""
    offered = Counter(action for route in routes for action in route.actions & CHANGING)
    return frozenset(action for action, times in offered.items() if times > 1)


def _first(route: Route) -> Access:
    return route.giving(CHANGING).rows[0]


def _sentence(route: Route, shared: Actions) -> str:
    way = "through an integration" if route.transitive else "directly"
    return f"`{route.name}` can {in_words(route.actions & shared)} it {way}"
