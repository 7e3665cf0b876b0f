"""Bypass: a restriction stated for one route, and another route of the agent that gives it after all."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.near import Near
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route, by_agent, permissiveness
from mcpaudit.analysis.ways_out import giving_up, going_round
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.access import Edge, Restriction
from mcpaudit.model.action import CHANGING, Actions, changes, in_words
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.fact import Conflict, Role
from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.remedy import ranked
from mcpaudit.model.resource import Relation, contains, relation
from mcpaudit.model.server import BUILTIN

_MISSED = CHANGING | {"send"}
"""What one misses where a tool is refused, though other tools of its server show the same."""

_RUNS: Actions = frozenset({"execute"})

Hit = tuple[Route, Restriction, Actions, Certainty]
"""A route, the limit that it goes round, what it gives, and how surely."""


def bypasses(
    access: AccessGraph,
    found: Sequence[Route],
    limits: Sequence[Restriction],
    packs: Packs,
    remedies: Remedies,
) -> Iterator[Conflict]:
    """One fact for each route that goes round restrictions: a shell that covers forty roots is one cause."""
    agents = by_agent(found)
    for agent, own in sorted(agents.items()):
        stated = [limit for limit in limits if limit.agent == agent]
        near = Near((limit.resource, limit) for limit in stated)
        limited = {limit.installation for limit in stated}
        around: dict[tuple[str, bool], list[Hit]] = defaultdict(list)
        for route in own:
            for limit in stated if route.universal else near.of(route.resource):
                if _same_route(route, limit):
                    if same := _same_in(route, limit):
                        hit = (same, limit, limit.refused & _MISSED, limit.certainty)
                        around[route.installation, True].append(hit)
                    continue
                given, certainty = _given(route, limit, packs)
                if given:
                    around[route.installation, False].append((route, limit, given, certainty))
        for (bypass, _), hits in sorted(around.items()):
            pairs = [(route, limit, given) for route, limit, given, _ in hits]
            ways = [*going_round(pairs, _taken(hits, packs), remedies)]
            # A server that is free again may go round the limits of the one that went round its own.
            if bypass not in limited:
                ways += giving_up(access, [limit for _, limit, _, _ in hits], remedies)
            yield replace(_fact(agent, hits), remedies=ranked(ways))


def _same_route(route: Route, limit: Restriction) -> bool:
    """An installation does not go round its own limits; but a client's shell goes round its denied editor."""
    own_shell = limit.kind == "rule" and route.universal and limit.resource.kind != route.resource.kind
    return route.installation == limit.installation and not own_shell


def _same_in(route: Route, limit: Restriction) -> Route | None:
    """Where another tool of a server surely makes all the changes of a refused one, that is not withheld.

    Reading does not count: servers have many tools that read one kind of thing, each something else of it.
    """
    missed = limit.refused & _MISSED
    own = route.server.startswith(BUILTIN) or route.transitive
    if not missed or own or not contains(route.resource, limit.resource):
        return None
    same = tuple(row for row in route.rows if missed <= row.actions and row.certainty is Certainty.CERTAIN)
    return replace(route, rows=same) if same else None


def _given(route: Route, limit: Restriction, packs: Packs) -> tuple[Actions, Certainty]:
    """What a route gives of what a restriction withholds."""
    # Running a command does whatever a denied tool would have done to what the command reaches.
    runs = route.actions & {"execute"} if route.universal and _covers(route, limit, packs) else frozenset()
    given = runs or route.actions & limit.withheld
    if not given:
        return frozenset(), Certainty.UNKNOWN
    doubt = weakest(route.giving(given).certainty, limit.certainty)
    if runs or (route.universal and _covers(route, limit, packs)):
        return given, doubt
    stands = relation(route.resource, limit.resource)
    if limit.kind == "root":
        # A root withholds its complement: only reach that strictly contains it goes round it.
        return (given, doubt) if stands is Relation.CONTAINS else (frozenset(), doubt)
    if stands is Relation.DISJOINT:
        return frozenset(), doubt
    unsure = Certainty.POSSIBLE if stands is Relation.POSSIBLE else Certainty.CERTAIN
    return given, weakest(doubt, unsure)


def _covers(route: Route, limit: Restriction, packs: Packs) -> bool:
    if route.resource.provider == limit.resource.provider and route.resource.kind == limit.resource.kind:
        return True
    patterns = packs.covers(route.resource.provider, route.resource.kind)
    return any(_pattern(text).match(limit.resource) is not Match.NONE for text in patterns)


_pattern = lru_cache(maxsize=256)(Pattern.parse)


def _taken(hits: Sequence[Hit], packs: Packs) -> dict[str, set[str]]:
    """The tools by which the routes go round their limits."""
    taken: dict[str, set[str]] = defaultdict(set)
    for route, limit, given, _ in hits:
        runs = _RUNS if route.universal and _covers(route, limit, packs) else frozenset()
        # Of a route that goes round its own limit, only the rows that do so are here.
        itself = _same_route(route, limit)
        taken[route.installation] |= route.giving(given if itself else limit.withheld | runs).tools
    return taken


def _fact(agent: str, group: list[Hit]) -> Conflict:
    """What changes silently stands for all routes of its installation; then what is universal, or certain."""
    group = sorted(
        ((route, limit, route.giving(given).freest, certainty) for route, limit, given, certainty in group),
        key=lambda hit: (
            not (changes(hit[2]) and permissiveness(hit[0].giving(hit[2]).rows[0]) == 0),
            not hit[0].universal,
            hit[3].value,
            str(hit[1].resource),
            hit[1].place.sort_key,
        ),
    )
    route, limit, given, _ = group[0]
    restricted: dict[str, Role] = {}
    for _, other, _, _ in group:
        key = f"{other.installation}|{other.sentence}"
        restricted.setdefault(
            key,
            Role(
                part="restricted",
                agent=agent,
                server=other.server,
                name=other.installation.partition("/")[2],
                tools=(other.tool,) if other.tool else (),
                actions=other.permitted,
                verdict="",
                sentence=other.sentence,
                how=other.kind,
            ),
        )
    gives = "everything on this machine" if route.universal else str(route.resource)
    words = "run commands that reach" if route.universal and "execute" in given else in_words(given)
    bypass = route.role("bypass", given, f"{_by_whom(route, limit, given)} the agent {words} {gives}")
    stated = Edge(
        "restricts",
        f"installation:{limit.installation}",
        f"resource:{limit.resource}",
        limit.sentence,
        limit.certainty,
        limit.place,
    )
    return Conflict(
        kind="bypass",
        agents=(agent,),
        resource=str(limit.resource),
        resources=tuple(dict.fromkeys(str(hit[1].resource) for hit in group)),
        labels=tuple(sorted({label for row in route.rows for label in row.labels})),
        roles=(*restricted.values(), bypass),
        certainty=strongest(*(hit[3] for hit in group)),
        witness=(stated, *route.witness(given)),
        modes=(route.rows[0].mode,),
        transitive=route.transitive,
        silent=bypass.verdict == "allow",
    )


def _by_whom(route: Route, limit: Restriction, given: Actions) -> str:
    if not route.server.startswith(BUILTIN):
        own = route.installation == limit.installation
        return f"its own `{route.giving(given).rows[0].tool}` lets" if own else f"`{route.name}` lets"
    tools = list(dict.fromkeys(row.tool for row in route.giving(given).rows))
    return f"the client's own {' and '.join(f'`{tool}`' for tool in tools[:2])} let{'s' * (len(tools) == 1)}"
