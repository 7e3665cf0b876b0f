"""Identity: one resource, certainly or possibly, reached with two or more distinct credentials."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route, by_agent, meetings
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Edge
from mcpaudit.model.action import EVERYTHING, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import Credential
from mcpaudit.model.fact import Conflict
from mcpaudit.model.remedy import Remedy, ranked
from mcpaudit.model.resource import Relation, Resource

Held = tuple[Route, Credential]


def identities(
    found: Sequence[Route], credentials: Mapping[str, Sequence[Credential]], remedies: Remedies
) -> Iterator[Conflict]:
    """One fact for all installations of an agent that hold credentials to one resource."""
    for _, own in sorted(by_agent(found).items()):
        held = {
            (route.installation, route.resource.provider): credential
            for route in own
            if (credential := _held(route, credentials)) is not None
        }
        direct = [
            route
            for route in own
            if not route.transitive
            and not route.universal
            and (route.installation, route.resource.provider) in held
        ]
        groups: dict[Resource, Group] = {}
        for a, b, stands in meetings(direct):
            # What is narrower is what both reach.
            resource = b.resource if stands is Relation.CONTAINS else a.resource
            group = groups.setdefault(resource, Group(resource))
            for route in (*a.routes, *b.routes):
                holds = held[route.installation, route.resource.provider]
                group.note((route, holds), doubtful=stands is Relation.POSSIBLE)
        yield from _facts(groups.values(), remedies)


@dataclass(slots=True)
class Group:
    """The installations that reach one resource, each with what it authenticates with."""

    resource: Resource
    holders: dict[str, Held] = field(default_factory=dict)
    sure: set[str] = field(default_factory=set)
    """The installations of which it is certain that they reach it, and with which secret."""

    def note(self, held: Held, *, doubtful: bool) -> None:
        """Take one in; two variables, or a variable and a literal, may hold the same secret after all."""
        route, credential = held
        self.holders.setdefault(route.installation, held)
        reference = credential.secret.kind == "reference"
        if not (doubtful or reference or route.certainty is not Certainty.CERTAIN):
            self.sure.add(route.installation)

    def certain(self) -> "tuple[Certainty, dict[str, Held]]":
        """Those that are sure."""
        return Certainty.CERTAIN, {name: held for name, held in self.holders.items() if name in self.sure}

    def possible(self) -> "tuple[Certainty, dict[str, Held]]":
        """All of them."""
        known = (route.certainty is not Certainty.UNKNOWN for route, _ in self.holders.values())
        return (Certainty.POSSIBLE if sum(known) > 1 else Certainty.UNKNOWN), self.holders


def _facts(groups: Iterable[Group], remedies: Remedies) -> Iterator[Conflict]:
    """Where the same installations share several resources, the first stands for all; the sure come first."""
    told: dict[str, list[frozenset[str]]] = defaultdict(list)
    found = [(*one, group.resource) for group in groups for one in (group.certain(), group.possible())]
    rank = (Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.UNKNOWN)
    for certainty, holders, resource in sorted(found, key=lambda one: (rank.index(one[0]), -len(one[1]))):
        names = frozenset(holders)
        if len({credential.secret.group for _, credential in holders.values()}) < 2:
            continue
        if any(names <= others for others in told[min(names)]):
            continue
        for name in names:
            told[name].append(names)
        held = [holders[name] for name in sorted(names)]
        yield replace(_fact(resource, held, certainty), remedies=ranked(_ways(held, remedies)))


def _ways(holders: Sequence[Held], remedies: Remedies) -> Iterator[Remedy]:
    """One credential for all, or installations removed until one credential is left."""
    first, kept = holders[0]
    others = [route for route, held in holders if held.secret.group != kept.secret.group]
    both = ", or both one that is as narrow as they need" if len(holders) == 2 else ""
    yield remedies.changing(
        "share",
        {one.installation: f"give `{one.name}` the credential of `{first.name}`{both}" for one in others},
    )
    yield from remedies.removing_others(
        {route.installation: str(held.secret.group) for route, held in holders}
    )


def _held(route: Route, credentials: Mapping[str, Sequence[Credential]]) -> Credential | None:
    """The credential with which an installation reaches the resource's provider."""
    held = credentials.get(route.installation, ())
    return next((one for one in held if one.secret.provider == route.resource.provider), None)


def _fact(resource: Resource, holders: Sequence[Held], certainty: Certainty) -> Conflict:
    first = holders[0][0]
    return Conflict(
        kind="identity",
        agents=(first.agent,),
        resource=str(resource),
        labels=tuple(sorted({label for route, _ in holders for row in route.rows for label in row.labels})),
        roles=tuple(
            route.role(
                "holder",
                EVERYTHING,
                f"`{route.name}` may {in_words(route.actions)} it as `{held.secret.name}`",
            )
            for route, held in holders
        ),
        certainty=certainty,
        witness=tuple(
            edge for route, held in holders for edge in (_holds(route, held), *route.witness(EVERYTHING))
        ),
        modes=(first.rows[0].mode,),
    )


def _holds(route: Route, held: Credential) -> Edge:
    return Edge(
        "authenticates-with",
        f"installation:{route.installation}",
        f"credential:{held.id}",
        f"`{route.name}` authenticates with `{held.secret.name}`",
        Certainty.CERTAIN,
        held.secret.place,
    )
