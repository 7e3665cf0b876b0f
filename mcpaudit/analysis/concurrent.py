"""Concurrent writes: several processes change one memory store, and none knows of the others.

A memory server keeps its store in its own process and writes the file as a whole, so the last to write wins
(server-memory's `saveGraph`). What one agent was told to remember, the next reads as its own.
"""

from collections.abc import Iterator, Sequence

from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route
from mcpaudit.model.action import Actions, in_words
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.fact import Conflict
from mcpaudit.model.remedy import Remedy, ranked
from mcpaudit.model.resource import Relation, relation

STORE = "persistent_untrusted"
"""The label of what is kept for later sessions."""
_CHANGES: Actions = frozenset({"create", "write", "delete"})


def concurrent_writes(found: Sequence[Route], remedies: Remedies) -> Iterator[Conflict]:
    """One fact a store, naming every server that changes it, of one agent or of several."""
    writers = [route for route in found if _writes(route)]
    taken: set[int] = set()
    for first, a in enumerate(writers):
        if first in taken:
            continue
        group = {first: Relation.EQUAL}
        for other, b in enumerate(writers):
            stands = relation(a.resource, b.resource)
            if other > first and a.installation != b.installation and stands is not Relation.DISJOINT:
                group[other] = stands
        if len(group) > 1:
            taken |= group.keys()
            yield _fact([writers[index] for index in group], tuple(group.values()), remedies)


def _writes(route: Route) -> bool:
    labels = {label for row in route.rows for label in row.labels}
    return STORE in labels and not route.universal and bool(route.actions & _CHANGES)


def _fact(routes: Sequence[Route], stands: Sequence[Relation], remedies: Remedies) -> Conflict:
    # Without a path each keeps the store where its package lies, which may or may not be one place; and no
    # file says whether two agents run at the same time.
    named = all(route.resource.path for route in routes) and Relation.POSSIBLE not in stands
    agents = tuple(sorted({route.agent for route in routes}))
    doubt = Certainty.CERTAIN if named and len(agents) < len(routes) else Certainty.POSSIBLE
    return Conflict(
        kind="concurrent-write",
        agents=agents,
        resource=str(routes[0].resource),
        labels=tuple(sorted({label for route in routes for row in route.rows for label in row.labels})),
        roles=tuple(
            route.role("writer", _CHANGES, f"`{route.name}` of {route.agent} can {_does(route)} it")
            for route in routes
        ),
        certainty=weakest(doubt, *(route.certainty for route in routes)),
        witness=tuple(edge for route in routes for edge in route.witness(_CHANGES)),
        modes=(routes[0].rows[0].mode,),
        silent=any(
            row.decision.verdict == "allow" for route in routes for row in route.giving(_CHANGES).rows
        ),
        remedies=_remedies(routes, remedies),
    )


def _remedies(routes: Sequence[Route], remedies: Remedies) -> tuple[Remedy, ...]:
    """A store for each, or one that writes."""
    others = {route.installation: f"give `{route.name}` a store of its own" for route in routes[1:]}
    parties = {route.installation: (route.installation, route.giving(_CHANGES).tools) for route in routes}
    return ranked((remedies.changing("separate", others), *remedies.left_to_one(parties)))


def _does(route: Route) -> str:
    return in_words(route.actions & _CHANGES)
