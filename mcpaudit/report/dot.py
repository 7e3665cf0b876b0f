"""The access graph in DOT, for Graphviz (https://graphviz.org/doc/info/lang.html)."""

from mcpaudit.model.report import Report
from mcpaudit.report.access_graph import GraphEdge, GraphNode, access_graph
from mcpaudit.report.escape import dot as quoted

_SHAPES = {"agent": "house", "server": "box", "resource": "ellipse"}
_COLOURS = {
    "allow": "#b42318",
    "ask": "#b54708",
    "unknown": "#6941c6",
    "deny": "#475467",
    "hidden": "#98a2b3",
}
_STYLES = {"certain": "solid", "possible": "dashed", "unknown": "dotted"}
_SHOWN = 3


def render(report: Report) -> str:
    """The graph; a label says what the colour and the line say."""
    graph = access_graph(report)
    about = "; ".join(f"{name} {value}" for name, value in graph.about)
    lines = [
        "digraph mcpaudit {",
        f'  graph [rankdir="LR", label={quoted(about)}];',
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize="10"];',
        *(f"  {node.id} [{_node(node)}];" for node in graph.nodes),
        *(f"  {edge.source} -> {edge.target} [{_edge(edge)}];" for edge in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(node: GraphNode) -> str:
    return f'shape="{_SHAPES[node.kind]}", label={quoted(node.title)}, tooltip={quoted(node.name)}'


def _edge(edge: GraphEdge) -> str:
    style = _STYLES.get(edge.certainty, "dotted")
    doubt = "" if edge.certainty == "certain" else f" ({edge.certainty})"
    if edge.kind == "loads":
        return f'style="{style}", label={quoted(edge.state + doubt)}, tooltip={quoted(edge.installation)}'
    colour = _COLOURS.get(edge.decision, _COLOURS["unknown"])
    what = f"{edge.decision}: {', '.join(edge.actions) or 'unknown'}{doubt}"
    more = len(edge.tools) - _SHOWN
    tools = ", ".join(edge.tools[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (
        f'color="{colour}", style="{style}", label={quoted(what)}, tooltip={quoted(f"{edge.agent}: {tools}")}'
    )
