"""The access graph in GraphML (http://graphml.graphdrawing.org/specification.html), for graph tools."""

from collections.abc import Iterable, Iterator

from mcpaudit.model.report import Report
from mcpaudit.report.access_graph import GraphEdge, access_graph
from mcpaudit.report.escape import xml

_NODE = ("kind", "name", "title")
_EDGE = ("kind", "agent", "installation", "state", "decision", "certainty", "actions", "tools")


def render(report: Report) -> str:
    """The graph; every attribute is a string, and an edge has one only where it says something."""
    graph = access_graph(report)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *_keys("graph", (name for name, _ in graph.about)),
        *_keys("node", _NODE),
        *_keys("edge", _EDGE),
        '  <graph id="mcpaudit" edgedefault="directed">',
        *(_data("graph", name, value, "    ") for name, value in graph.about),
    ]
    for node in graph.nodes:
        values = (node.kind, node.name, node.title)
        lines += [
            f'    <node id="{node.id}">',
            *(_data("node", name, value, "      ") for name, value in zip(_NODE, values, strict=True)),
            "    </node>",
        ]
    for number, edge in enumerate(graph.edges):
        lines += [
            f'    <edge id="e{number}" source="{edge.source}" target="{edge.target}">',
            *(_data("edge", name, value, "      ") for name, value in _values(edge) if value),
            "    </edge>",
        ]
    return "\n".join([*lines, "  </graph>", "</graphml>"]) + "\n"


def _values(edge: GraphEdge) -> Iterator[tuple[str, str]]:
    for name in _EDGE:
        held = getattr(edge, name)
        yield name, held if isinstance(held, str) else ", ".join(held)


def _keys(part: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield f'  <key id="{part}-{name}" for="{part}" attr.name="{name}" attr.type="string"/>'


def _data(part: str, name: str, value: str, before: str) -> str:
    return f'{before}<data key="{part}-{name}">{xml(value)}</data>'
