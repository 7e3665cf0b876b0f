"""Decision conflicts: explicit statements about one server that contradict each other.

Within an agent two rules decide differently on one tool; across agents one states a limit (a rule or a
switch) and another gives more. Defaults that differ between clients are inventory, not conflict.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.near import Near
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route
from mcpaudit.analysis.ways_out import asked_here, contradicting, limited_here
from mcpaudit.model.access import Access, Edge, Restriction
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.decision import Rule, Verdict
from mcpaudit.model.fact import Conflict, Role
from mcpaudit.model.remedy import joined, ranked
from mcpaudit.model.resource import Relation, relation

_NOTHING: Actions = frozenset()
_Pair = tuple[str, str, str]
"""A server, the agent that limits it, and the one that gives more."""


def within_agents(access: AccessGraph, rows: Sequence[Access], remedies: Remedies) -> Iterator[Conflict]:
    """Rules of one agent that contradict each other for a tool: who wins, who loses."""
    seen: dict[tuple[str, str, Rule, Rule], list[Access]] = defaultdict(list)
    for row in rows:
        winner = row.decision.rule
        for loser in row.decision.beats:
            if winner is not None and loser.effect != winner.effect and loser.level != winner.level:
                seen[(row.agent, row.installation, winner, loser)].append(row)
    for (agent, installation, winner, loser), hits in sorted(seen.items(), key=lambda item: _order(item[0])):
        row = hits[0]
        name = access.installations[installation].name
        tools = tuple(sorted({hit.tool for hit in hits}))
        node = f"installation:{installation}"
        yield Conflict(
            kind="decision",
            agents=(agent,),
            resource=str(row.resource),
            labels=tuple(sorted(row.labels)),
            roles=(
                _ruled("winner", row, name, tools, winner),
                _ruled("loser", row, name, tools, loser),
            ),
            certainty=Certainty.CERTAIN,
            witness=(
                Edge(
                    "restricts",
                    node,
                    f"rule:{winner.pattern}",
                    _says(winner, "wins"),
                    Certainty.CERTAIN,
                    winner.place,
                ),
                Edge(
                    "restricts",
                    node,
                    f"rule:{loser.pattern}",
                    _says(loser, "loses"),
                    Certainty.CERTAIN,
                    loser.place,
                ),
            ),
            modes=(row.mode,),
            silent=row.decision.verdict is Verdict.ALLOW,
            remedies=ranked(contradicting(agent, winner, loser, hits, remedies)),
        )


def _order(key: tuple[str, str, Rule, Rule]) -> tuple[str, str, str, str]:
    return key[0], key[1], str(key[2].place), str(key[3].place)


def _says(rule: Rule, outcome: str) -> str:
    return f"the {rule.level} rule `{rule.pattern}` says {rule.effect} and {outcome}"


def _ruled(part: str, row: Access, name: str, tools: tuple[str, ...], rule: Rule) -> Role:
    sentence = f"the {rule.level} settings say {rule.effect}: `{rule.pattern}`"
    return Role(part, row.agent, row.server, name, tools, row.actions, rule.effect, sentence, "rule")


def across_agents(
    access: AccessGraph,
    rows: Sequence[Access],
    found: Sequence[Route],
    limits: Sequence[Restriction],
    remedies: Remedies,
) -> Iterator[Conflict]:
    """One server in two agents: a limit stated here, more given there; one fact for a pair of agents."""
    over = _over(access, found, limits)
    asking = _asking(rows)
    for key, (stated, hits) in over.items():
        ways = ranked(limited_here(access, stated, hits, remedies))
        if key in asking:
            ways = joined(ways, ranked(asked_here(access, *asking[key], remedies)))
        yield replace(_across(access, *hits[0]), remedies=ways)
    for key, (asks, runs) in asking.items():
        if key not in over:
            ways = ranked(asked_here(access, asks, runs, remedies))
            yield replace(_asks_here(access, asks[0], runs[0]), remedies=ways)


def _over(
    access: AccessGraph, found: Sequence[Route], limits: Sequence[Restriction]
) -> dict[_Pair, tuple[list[Restriction], list[tuple[Restriction, Route]]]]:
    """The limits that other agents' routes go beyond, and by which routes; of limits alike, the first's."""
    hits: dict[_Pair, tuple[list[Restriction], list[tuple[Restriction, Route]]]] = {}
    by_server: dict[str, list[Route]] = defaultdict(list)
    for route in found:
        if not route.transitive:
            by_server[route.server].append(route)
    near = {
        server: Near((route.resource, (route, route.by_tool())) for route in own)
        for server, own in by_server.items()
    }
    alike: dict[tuple[object, ...], set[_Pair]] = {}
    for limit in limits:
        if limit.server not in near or access.installations[limit.installation].server.builtin:
            continue
        what = (
            limit.agent,
            limit.server,
            limit.resource,
            limit.kind,
            limit.tool,
            limit.withheld,
            limit.refused,
        )
        if what in alike:
            for key in alike[what]:
                hits[key][0].append(limit)
            continue
        keys = alike.setdefault(what, set())
        for route, does in near[limit.server].of(limit.resource):
            given = _given(limit, route, does)
            if given and route.agent != limit.agent and _wider(limit, route):
                key = (limit.server, limit.agent, route.agent)
                stated, pairs = hits.setdefault(key, ([], []))
                pairs.append((limit, route))
                if key not in keys:
                    keys.add(key)
                    stated.append(limit)
    return hits


def _given(limit: Restriction, route: Route, does: Mapping[str, Actions]) -> Actions:
    """What a route, with what each of its tools does, gives of what a limit withholds."""
    return limit.refused & does.get(limit.tool, _NOTHING) if limit.tool else route.actions & limit.withheld


def _wider(limit: Restriction, route: Route) -> bool:
    stands = relation(route.resource, limit.resource)
    return stands is Relation.CONTAINS if limit.kind == "root" else stands is not Relation.DISJOINT


def _across(access: AccessGraph, limit: Restriction, route: Route) -> Conflict:
    given = _given(limit, route, route.by_tool())
    stands = relation(route.resource, limit.resource)
    doubt = Certainty.POSSIBLE if stands is Relation.POSSIBLE else Certainty.CERTAIN
    here = access.configs[limit.agent].agent.title
    there = access.configs[route.agent].agent.title
    first = route.giving(given).rows[0]
    return Conflict(
        kind="decision",
        agents=tuple(sorted((limit.agent, route.agent))),
        resource=str(limit.resource),
        labels=tuple(sorted(first.labels)),
        roles=(
            Role(
                "restricted", limit.agent, limit.server, limit.installation.partition("/")[2],
                (limit.tool,) if limit.tool else (), limit.permitted, "", f"in {here}, {limit.sentence}",
                limit.kind,
            ),
            route.role("permissive", given, f"in {there}, `{route.name}` has no such limit"),
        ),
        certainty=weakest(limit.certainty, first.certainty, doubt),
        witness=(
            Edge("restricts", f"installation:{limit.installation}", f"resource:{limit.resource}",
                 f"in {here}, {limit.sentence}", limit.certainty, limit.place),
            *first.witness,
        ),
        modes=(first.mode,),
        silent=first.decision.verdict is Verdict.ALLOW,
    )  # fmt: skip


def _asking(rows: Sequence[Access]) -> dict[_Pair, tuple[list[Access], list[Access]]]:
    """An explicit question here, a silent run there, for the same tool of the same server."""
    by_tool: dict[tuple[str, str], list[Access]] = defaultdict(list)
    found: dict[_Pair, tuple[list[Access], list[Access]]] = defaultdict(lambda: ([], []))
    for row in rows:
        if not row.transitive and not row.server.startswith("builtin:"):
            by_tool[(row.server, row.tool)].append(row)
    for (server, _), own in sorted(by_tool.items()):
        asking: dict[str, list[Access]] = defaultdict(list)
        silent: dict[str, list[Access]] = defaultdict(list)
        for row in own:
            if row.decision.verdict is Verdict.ASK and row.decision.rule is not None:
                asking[row.agent].append(row)
            elif row.decision.verdict is Verdict.ALLOW:
                silent[row.agent].append(row)
        for here, there in product(asking, silent):
            if here != there:
                asks, runs = found[server, here, there]
                asks += asking[here]
                runs += silent[there]
    return found


def _asks_here(access: AccessGraph, row: Access, other: Access) -> Conflict:
    rule = row.decision.rule
    assert rule is not None
    here, there = access.configs[row.agent].agent.title, access.configs[other.agent].agent.title
    name, other_name = (
        access.installations[row.installation].name,
        access.installations[other.installation].name,
    )
    asks = f"in {here}, the rule `{rule.pattern}` asks before `{row.tool}`"
    runs = f"in {there}, it runs silently: {other.decision.reason}"
    return Conflict(
        kind="decision",
        agents=tuple(sorted((row.agent, other.agent))),
        resource=str(row.resource),
        labels=tuple(sorted(row.labels)),
        roles=(
            Role("restricted", row.agent, row.server, name, (row.tool,), row.actions, "ask", asks, "rule"),
            Role(
                "permissive",
                other.agent,
                other.server,
                other_name,
                (other.tool,),
                other.actions,
                "allow",
                runs,
            ),
        ),
        certainty=weakest(row.certainty, other.certainty, other.decision.certainty),
        witness=(
            Edge(
                "restricts",
                f"installation:{row.installation}",
                f"rule:{rule.pattern}",
                asks,
                Certainty.CERTAIN,
                rule.place,
            ),
            *other.witness,
        ),
        modes=(row.mode,),
        silent=other.decision.verdict is Verdict.ALLOW,
    )
