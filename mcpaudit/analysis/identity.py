"""Identity: one resource, certainly or possibly, reached with two distinct credentials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route, by_agent, comparable
from mcpaudit.model.access import Edge
from mcpaudit.model.action import EVERYTHING, in_words
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.credential import Credential
from mcpaudit.model.fact import Conflict
from mcpaudit.model.remedy import ranked
from mcpaudit.model.resource import Relation, relation


def identities(
    found: Sequence[Route], credentials: Mapping[str, Sequence[Credential]], remedies: Remedies
) -> Iterator[Conflict]:
    """One fact for each pair of installations of an agent; credentials are told apart by group, not name."""
    for _, own in sorted(by_agent(found).items()):
        direct = [
            route
            for route in own
            if not route.transitive and not route.universal and _held(route, credentials)
        ]
        seen: set[tuple[str, str]] = set()
        for a, b in comparable(direct):
            pair = (a.installation, b.installation)
            stands = relation(a.resource, b.resource)
            if pair in seen or stands is Relation.DISJOINT:
                continue
            mine, theirs = _held(a, credentials), _held(b, credentials)
            if mine is None or theirs is None or mine.secret.group == theirs.secret.group:
                continue
            seen.add(pair)
            one = f"give `{b.name}` the credential of `{a.name}`, or both one that is as narrow as they need"
            shared = remedies.changing("share", {b.installation: one})
            ways = (shared, *remedies.removing([a.installation]), *remedies.removing([b.installation]))
            yield replace(_fact(a, b, mine, theirs, stands), remedies=ranked(ways))


def _held(route: Route, credentials: Mapping[str, Sequence[Credential]]) -> Credential | None:
    """The credential with which an installation reaches the resource's provider."""
    held = credentials.get(route.installation, ())
    return next((one for one in held if one.secret.provider == route.resource.provider), None)


def _fact(a: Route, b: Route, mine: Credential, theirs: Credential, stands: Relation) -> Conflict:
    # Two variables of other names, or a variable and a literal, may hold the same secret after all.
    seen = mine.secret.kind != "reference" and theirs.secret.kind != "reference"
    doubt = Certainty.CERTAIN if seen and stands is not Relation.POSSIBLE else Certainty.POSSIBLE
    resource = b.resource if stands is Relation.CONTAINS else a.resource
    return Conflict(
        kind="identity",
        agents=(a.agent,),
        resource=str(resource),
        labels=tuple(sorted({label for route in (a, b) for row in route.rows for label in row.labels})),
        roles=tuple(
            route.role(
                "holder",
                EVERYTHING,
                f"`{route.name}` may {in_words(route.actions)} it as `{held.secret.name}`",
            )
            for route, held in ((a, mine), (b, theirs))
        ),
        certainty=weakest(a.certainty, b.certainty, doubt),
        witness=(_holds(a, mine), *a.witness(EVERYTHING), _holds(b, theirs), *b.witness(EVERYTHING)),
        modes=(a.rows[0].mode,),
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
