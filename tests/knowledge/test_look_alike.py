"""Names that are one slip away from those of well-known servers, and those that are not."""

import pytest

from mcpaudit.knowledge.look_alike import resembles
from mcpaudit.knowledge.pack import Packs

CONTEXT = "npm:@upstash/context7-mcp"


@pytest.mark.parametrize(
    "name",
    [
        "npm:@upstash/contex7-mcp",
        "npm:@upstash/context7-mcpp",
        "npm:@upstash/context7-mpc",
        "npm:@upstash/c0ntext7-mcp",
        "npm:@upstsah/context7-mcp",
        "npm:@Upstash/Contex7-MCP",
        "npm:upstash/context7-mcp",
    ],
)
def test_one_slip(name: str) -> None:
    assert resembles(name) == CONTEXT


@pytest.mark.parametrize(
    "name",
    [
        CONTEXT,
        "npm:@upstash/context8-mcp",
        "npm:@upstash/context77-mcp",
        "npm:@upstash/contet7-mpc",
        "npm:@upstash/other",
        "pypi:@upstash/contex7-mcp",
        "path:@upstash/contex7-mcp",
        "pypi:mcp_server.fetch",
        "oci:mcp-grafana",
        "npm:",
        "npm:x",
    ],
)
def test_none(name: str) -> None:
    assert resembles(name) == ""


def test_no_well_known_server_is_taken_for_a_slip_of_another() -> None:
    assert {one for one in Packs.shipped().servers() if resembles(one)} == set()
