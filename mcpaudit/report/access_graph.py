"""The report as a graph for graph tools: agents load servers, and servers reach resources.

A server that several agents load is one node: that is where their routes meet. An edge to a resource belongs
to one agent, whose client decides, and holds the tools that do the same there with the same outcome.
"""

from collections import defaultdict

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import in_order
from mcpaudit.model.report import Report
from mcpaudit.report.canonical import digest


@dataclass(frozen=True, slots=True)
class GraphNode:
    """An agent, a server or a resource; `id` is short and safe everywhere."""

    id: str
    kind: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """That an agent loads a server (`loads`), or does something to a resource through it (`reaches`)."""

    source: str
    target: str
    kind: str
    agent: str
    installation: str
    state: str
    """Of the installation: whether it is loaded at all."""
    decision: str
    certainty: str
    actions: tuple[str, ...]
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessGraph:
    """All nodes, each named by some edge or row, and all edges; and what they were made from."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    about: tuple[tuple[str, str], ...]


def access_graph(report: Report) -> AccessGraph:
    """The graph of a report, in a fixed order."""
    titles = {("agent", row.id): row.title for row in report.agents} | {
        ("server", row.id): row.name for row in report.servers
    }
    named = set(titles)
    for row in report.installations:
        named |= {("agent", row.agent), ("server", row.server)}
    for reach in report.access:
        named |= {("agent", reach.agent), ("server", reach.server), ("resource", reach.resource)}
    ids = {key: f"n{number}" for number, key in enumerate(sorted(named))}
    nodes = tuple(GraphNode(ids[key], *key, titles.get(key) or key[1]) for key in sorted(named))
    loads = [
        GraphEdge(
            *(ids["agent", row.agent], ids["server", row.server], "loads", row.agent, row.id, row.state),
            *("", "possible" if row.assumed else "certain", (), ()),
        )
        for row in sorted(report.installations, key=lambda row: row.id)
    ]
    return AccessGraph(nodes, (*loads, *_reaches(report, ids)), _about(report))


def _reaches(report: Report, ids: dict[tuple[str, str], str]) -> list[GraphEdge]:
    states = {row.id: row.state for row in report.installations}
    actions: dict[tuple[str, ...], set[str]] = defaultdict(set)
    tools: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in report.access:
        key = (row.agent, row.installation, row.server, row.resource, row.decision, row.certainty)
        actions[key].update(row.actions)
        tools[key].add(row.tool)
    return [
        GraphEdge(
            *(ids["server", server], ids["resource", resource], "reaches", agent, installation),
            *(states.get(installation, "unknown"), decision, certainty, in_order(actions[key])),
            tuple(sorted(tools[key])),
        )
        for key in sorted(tools)
        for agent, installation, server, resource, decision, certainty in [key]
    ]


def _about(report: Report) -> tuple[tuple[str, str], ...]:
    return (
        ("as_of", report.as_of),
        ("verdict", report.summary.verdict),
        ("mode", report.run.mode),
        ("not_read", str(len(report.coverage.unread))),
        ("report_sha256", digest(report)),
    )
