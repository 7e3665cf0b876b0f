"""What permission rules speak of, put to the tools that are there."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.analysis.facts import RuleFact
from tests.installation import facts_of, saved

KNOWN = {"crm": saved("delete_customer", "get_customer")}
STDIO = {"command": "node", "args": ["/srv/crm.js"]}
CLAUDE = ".claude/settings.json"


def claude(*rules: str, server: str = "crm") -> dict[str, Any]:
    return {
        ".mcp.json": {"mcpServers": {server: STDIO}},
        CLAUDE: {"permissions": {"deny": list(rules)}},
    }


def only(folder: Path, files: dict[str, Any], manifests: dict[str, Any] | None = KNOWN) -> RuleFact:
    (fact,) = facts_of(folder, files, manifests).rules
    return fact


@pytest.mark.parametrize(
    ("rule", "server", "tool", "nearest"),
    [
        ("mcp__crm__delete_customer", True, True, ""),
        ("mcp__crm__delete_*", True, True, ""),
        ("mcp__crm", True, True, ""),
        ("*", True, True, ""),
        ("Bash(git push:*)", True, True, ""),
        ("mcp__crm__delete_custmer", True, False, "mcp__crm__delete_customer"),
        ("mcp__crm__drop_*", True, False, ""),
        ("mcp__crn__delete_customer", False, False, "mcp__crm__delete_customer"),
        ("mcp__mail", False, False, ""),
        ("NoSuchTool", None, None, ""),
    ],
)
def test_claude_code(tmp_path: Path, rule: str, server: bool | None, tool: bool | None, nearest: str) -> None:
    fact = only(tmp_path, claude(rule))
    assert (fact.server_found, fact.tool_found, fact.nearest) == (server, tool, nearest)
    assert fact.effective is tool


@pytest.mark.parametrize(
    ("rule", "tool"), [("mcp__crm__delete_custmer", None), ("mcp__crm", True), ("mcp__mail__send", False)]
)
def test_a_server_whose_tools_are_not_known(tmp_path: Path, rule: str, tool: bool | None) -> None:
    fact = only(tmp_path, claude(rule), manifests=None)
    assert (fact.server_found, fact.tool_found) == (tool is not False, tool)


def test_a_missing_server_is_only_possible_and_a_missing_tool_is_certain(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, claude("mcp__mail__send", "mcp__crm__send"), KNOWN).rules
    assert [fact.certainty for fact in facts] == ["possible", "certain"]


def test_what_does_nothing_anyway_is_put_to_no_tool(tmp_path: Path) -> None:
    fact = only(tmp_path, claude("mcp__crm__delete_customer(1)"))
    assert (fact.effective, fact.tool_found) == (False, None)


OTHERS: list[tuple[dict[str, Any], bool | None, bool | None]] = [
    (
        {".cursor/mcp.json": "servers", ".cursor/permissions.json": {"mcpAllowlist": ["crm:delete_custmer"]}},
        True,
        False,
    ),
    (
        {".cursor/mcp.json": "servers", ".cursor/permissions.json": {"mcpAllowlist": ["CRM:Delete_*"]}},
        True,
        True,
    ),
    ({".cursor/mcp.json": "servers", ".cursor/permissions.json": {"mcpAllowlist": ["mail:*"]}}, False, False),
    (
        {".qwen/settings.json": "servers and", "rules": {"permissions": {"deny": ["mcp__crm__drop"]}}},
        True,
        False,
    ),
    ({"opencode.json": "mcp and", "rules": {"permission": {"crm_drop": "deny"}}}, True, False),
    ({"opencode.json": "mcp and", "rules": {"permission": {"crm_delete_customer": "deny"}}}, True, True),
    ({"opencode.json": "mcp and", "rules": {"permission": {"doom_loop": "deny"}}}, None, None),
    ({"opencode.json": "mcp and", "rules": {"permission": {"bash": {"git *": "deny"}}}}, True, True),
]


@pytest.mark.parametrize(("shape", "server", "tool"), OTHERS)
def test_other_clients(tmp_path: Path, shape: dict[str, Any], server: bool | None, tool: bool | None) -> None:
    rules = shape.pop("rules", {})
    entries = {
        "servers": {"mcpServers": {"crm": STDIO}},
        "servers and": {"mcpServers": {"crm": STDIO}, **rules},
    }
    entries["mcp and"] = {"mcp": {"crm": {"type": "local", "command": ["node", "/srv/crm.js"]}}, **rules}
    files = {name: entries[what] if isinstance(what, str) else what for name, what in shape.items()}
    fact = only(tmp_path, files)
    assert (fact.server_found, fact.tool_found) == (server, tool)
