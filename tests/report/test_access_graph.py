"""The access graph, and its two notations: all of the report in it, and nothing that dangles."""

import re
from io import BytesIO

import networkx as nx
import pytest

from mcpaudit.model.report import Report
from mcpaudit.report import dot, graphml
from mcpaudit.report.access_graph import access_graph
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

REPORTS = [SAMPLE, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())]

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_STATEMENT = re.compile(rf"  (n\d+|node|edge|graph)(?: -> (n\d+))? \[\w+={_QUOTED}(?:, \w+={_QUOTED})*\];")


def read(report: Report) -> nx.MultiDiGraph:
    return nx.read_graphml(BytesIO(graphml.render(report).encode()), force_multigraph=True)


def test_every_row_is_an_edge_with_its_decision_and_certainty() -> None:
    graph = access_graph(SAMPLE)
    names = {node.id: node.name for node in graph.nodes}
    edges = {
        (edge.installation, names[edge.target], edge.decision, edge.certainty): edge
        for edge in graph.edges
        if edge.kind == "reaches"
    }
    for row in SAMPLE.access:
        edge = edges[row.installation, row.resource, row.decision, row.certainty]
        assert row.tool in edge.tools
        assert set(row.actions) <= set(edge.actions)
        assert names[edge.source] == row.server
    loads = {edge.installation: edge.state for edge in graph.edges if edge.kind == "loads"}
    assert loads == {row.id: row.state for row in SAMPLE.installations}


def test_a_server_of_two_agents_is_one_node() -> None:
    servers = [node.name for node in access_graph(SAMPLE).nodes if node.kind == "server"]
    assert len(servers) == len(set(servers))
    assert {row.id for row in SAMPLE.servers} <= set(servers)


@pytest.mark.parametrize("report", REPORTS)
def test_no_edge_dangles_in_either_notation(report: Report) -> None:
    graph = access_graph(report)
    ids = [node.id for node in graph.nodes]
    assert len(set(ids)) == len(ids)
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= set(ids)
    loaded = read(report)
    assert sorted(loaded.nodes) == sorted(ids)
    assert loaded.number_of_edges() == len(graph.edges)
    assert {data["kind"] for _, data in loaded.nodes(data=True)} <= {"agent", "server", "resource"}
    first, *statements, last, end = dot.render(report).split("\n")
    assert (first, last, end) == ("digraph mcpaudit {", "}", "")
    found = [_STATEMENT.fullmatch(line) for line in statements]
    assert all(found)
    assert [
        match[1] for match in found if match and not match[2] and match[1] not in ("graph", "node", "edge")
    ] == ids
    assert sum(1 for match in found if match and match[2]) == len(graph.edges)


def test_graphml_keeps_what_the_graph_says() -> None:
    loaded = read(SAMPLE)
    assert loaded.graph["verdict"] == SAMPLE.summary.verdict
    assert loaded.graph["not_read"] == str(len(SAMPLE.coverage.unread))
    found = {
        (data["installation"], data["decision"])
        for _, _, data in loaded.edges(data=True)
        if data["kind"] == "reaches"
    }
    assert found == {(row.installation, row.decision) for row in SAMPLE.access}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a"b', r'"a\"b"'),
        ("a\\", r'"a\\"'),
        ("\\N<b>", r'"\\N<b>"'),
        ("&lt;", '"&amp;lt;"'),
        ("a\nb", r'"a\\u000ab"'),
    ],
)
def test_dot_reads_a_label_as_it_stands(text: str, expected: str) -> None:
    from mcpaudit.report.escape import dot as quoted

    assert quoted(text) == expected
