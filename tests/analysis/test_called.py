"""Which calls may have been calls of which installation and tool, by the names that clients write."""

from dataclasses import replace

import pytest

from mcpaudit.analysis.called import Calls
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation, Server
from mcpaudit.model.usage import SCHEMA, ToolUse, Usage

LONG = "a-server-whose-name-is-as-long-as-it-can-be"
CASES = [
    ("my.srv", "get.it", ToolUse("codex", "my.srv", "", "get.it", 1, 0, "", ""), True, True),
    ("my.srv", "get.it", ToolUse("codex", "my_srv", "", "get_it", 1, 0, "", ""), True, True),
    ("my.srv", "get.it", ToolUse("codex", "my.srv", "", "put.it", 1, 0, "", ""), True, False),
    ("a", "b", ToolUse("copilot-cli", "ab", "", "b", 1, 0, "", ""), False, False),
    ("a", "b", ToolUse("", "a", "npm:acme", "b", 1, 0, "", ""), True, True),
    ("a", "b", ToolUse("", "a", "npm:other", "b", 1, 0, "", ""), False, False),
    ("plugin:p:s", "t", ToolUse("claude-code", "plugin_p_s", "", "t", 1, 0, "", ""), True, True),
    ("a__b", "t", ToolUse("claude-code", "a", "", "b__t", 1, 0, "", ""), True, True),
    ("my srv", "t", ToolUse("claude-desktop", "my srv", "", "", 1, 0, "", ""), True, False),
    (
        LONG,
        "and_its_tool_is_longer",
        ToolUse("codex", LONG, "", "and_0f3c9a", 1, 0, "", ""),
        True,
        True,
    ),
    ("short", "and_its_tool", ToolUse("codex", "short", "", "and_0f3c9a", 1, 0, "", ""), True, False),
]


@pytest.mark.parametrize(("name", "tool", "use", "of_server", "of_tool"), CASES)
def test_called(name: str, tool: str, use: ToolUse, of_server: bool, of_tool: bool) -> None:
    client = use.client or "cursor"
    other = replace(use, client="another")
    calls = Calls.of(Usage(SCHEMA, "", (use, other), (), (), ()))
    one = Installation(client, client, name, Server("npm:acme"), "user", Place("f"))
    found = list(calls.of_server(one))
    assert found == [use] * of_server
    assert list(calls.of_tool(one, Tool(tool, ()), found)) == [use] * of_tool
    assert list(calls.strangers([one])) == [(use.client, use.server)] * (not of_server)
