"""Many servers and many tools, told in few rows without losing any."""

from mcpaudit.report.matrix import matrices
from mcpaudit.report.web.brief import brief
from mcpaudit.report.web.tools import tool_groups
from tests.report.example import EXAMPLE
from tests.report.test_html import large


def test_every_server_has_one_row() -> None:
    (table,) = [one for one in matrices(large(40)) if one.agent == "claude-code"]
    short = brief(table)
    named = [row.column.installation for row in (*short.first, *short.rest)]
    assert sorted(named) == sorted(column.installation for column in table.columns)
    assert len(short.first) == 25
    assert short.providers == ("slack",)


def test_what_is_in_a_conflict_comes_first_and_loses_no_action() -> None:
    for table in matrices(EXAMPLE):
        short = brief(table)
        flags = [any(cell.conflicts for cell in row.column.cells) for row in (*short.first, *short.rest)]
        assert flags == sorted(flags, reverse=True)
        for row in short.first:
            told = {action for cell in row.cells if cell for _, actions in cell.grants for action in actions}
            assert told == {a for cell in row.column.cells for _, actions in cell.grants for a in actions}


def test_tools_that_do_the_same_share_a_row() -> None:
    for server in EXAMPLE.servers:
        own = [tool for tool in EXAMPLE.tools if tool.server == server.id]
        rows = tool_groups(own, EXAMPLE.run.mode)
        assert sorted(name for row in rows for name in row.names) == sorted(tool.name for tool in own)
    calendar = [tool for tool in EXAMPLE.tools if "calendar" in tool.server]
    assert len(tool_groups(calendar, "interactive")) < len(calendar)
