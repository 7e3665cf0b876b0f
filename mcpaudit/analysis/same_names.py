"""Names that fall together: tools that a model cannot tell apart, and tools that no rule can tell apart."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import Route, by_agent
from mcpaudit.clients.outcome import rule_name
from mcpaudit.model.access import Access
from mcpaudit.model.action import CHANGING
from mcpaudit.model.certainty import weakest
from mcpaudit.model.decision import Verdict
from mcpaudit.model.fact import Conflict
from mcpaudit.model.remedy import ranked

Naming = Callable[[Route, Access], str]
"""What a tool is called; empty where that does not matter."""


def same_names(access: AccessGraph, found: Sequence[Route], remedies: Remedies) -> Iterator[Conflict]:
    """One fact for each set of servers of one agent whose tools share names, and what kind of names."""

    def in_rules(route: Route, row: Access) -> str:
        tool = access.tools[f"tool:{row.installation}/{row.tool}"]
        return rule_name(access.installations[route.installation], tool)

    for agent, own in sorted(by_agent(found).items()):
        for what, naming, says in (
            ("tool names", _of_tool, "`{server}` has a tool `{name}`"),
            ("rule names", in_rules, "rules call a tool of `{server}` `{name}`"),
        ):
            yield from _shared(agent, own, what, naming, says, remedies)


def _of_tool(route: Route, row: Access) -> str:
    """The name that the server gives; to read by either of two servers does no harm."""
    return row.tool if row.actions & CHANGING and row.tool != ANY_TOOL else ""


def _shared(
    agent: str, own: Sequence[Route], what: str, naming: Naming, says: str, remedies: Remedies
) -> Iterator[Conflict]:
    by_name: dict[str, dict[str, tuple[Route, Access]]] = defaultdict(dict)
    tools: dict[tuple[str, str], set[str]] = defaultdict(set)
    for route in own:
        if route.transitive or route.server.startswith("builtin:"):
            continue
        for row in route.rows:
            if name := naming(route, row):
                by_name[name].setdefault(route.installation, (route, row))
                tools[name, route.installation].add(row.tool)
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, holders in sorted(by_name.items()):
        # The same server twice is a duplicate, whatever its tools are called.
        if len({route.server for route, _ in holders.values()}) > 1:
            together[tuple(sorted(holders))].append(name)
    for installations, names in sorted(together.items()):
        held = [by_name[names[0]][installation] for installation in installations]
        held.sort(key=lambda one: (one[0].server, one[0].installation))
        parties = {
            route.installation: (
                route.server,
                frozenset().union(*(tools[name, route.installation] for name in names)),
            )
            for route, _ in held
        }
        ways = list(remedies.left_to_one(parties))
        if what == "rule names":
            renamed = {
                route.installation: f"give `{route.name}` a name that makes other rule names"
                for route, _ in held
                if route.server != held[0][0].server
            }
            ways.append(remedies.changing("rename", renamed))
        yield Conflict(
            kind="ambiguous-route",
            agents=(agent,),
            resource=f"{what}: {', '.join(names)}",
            labels=(),
            roles=tuple(
                route.role("route", row.actions, says.format(server=route.name, name=names[0]))
                for route, row in held
            ),
            certainty=weakest(*(row.certainty for _, row in held)),
            witness=tuple(edge for _, row in held for edge in row.witness),
            modes=(held[0][1].mode,),
            silent=any(row.decision.verdict is Verdict.ALLOW for _, row in held),
            remedies=ranked(ways),
        )
