"""Cursor: plugins, lists in the wrong form, and what a repository's own list widens."""

from pathlib import Path

from tests.installation import agent, collect, decision, installed, npx, servers

FS = servers(fs=npx("server-x"))
PLUGIN = "~/.cursor/plugins/local/kit/"


def test_servers_of_plugins_have_names_of_their_own(tmp_path: Path) -> None:
    files = {
        f"{PLUGIN}.cursor-plugin/plugin.json": {"name": "tools"},
        f"{PLUGIN}mcp.json": FS,
        "~/.cursor/plugins/cache/m/bare/1.0/.cursor-plugin/plugin.json": {},
        "~/.cursor/plugins/cache/m/bare/1.0/.mcp.json": FS,
        "~/.cursor/plugins/local/none/mcp.json": FS,
        "~/.cursor/permissions.json": {"mcpAllowlist": ["plugin-tools-fs:*"]},
    }
    collected = collect(tmp_path, files)
    found = installed(collected, "cursor")
    assert {name: (one.level, one.server.id) for name, one in found.items()} == {
        "plugin-1.0-fs": ("plugin", "npm:server-x"),
        "plugin-tools-fs": ("plugin", "npm:server-x"),
    }
    assert decision(collected, "cursor", "plugin-tools-fs", "x").verdict == "allow"
    assert decision(collected, "cursor", "plugin-1.0-fs", "x").verdict == "ask"


def test_each_list_has_its_own_form(tmp_path: Path) -> None:
    files = {
        ".cursor/mcp.json": FS,
        "~/.cursor/permissions.json": {"mcpAllowlist": ["Mcp(fs:x)", "fs:x"]},
        ".cursor/cli.json": {"permissions": {"deny": ["fs:x", "Mcp(fs:y)", "Shell(ls)", "Shell(git:*)"]}},
    }
    collected = collect(tmp_path, files)
    rules = agent(collected, "cursor").rules
    assert [(rule.effective, "wrapper `Mcp(...)`" in rule.problem) for rule in rules] == [
        (False, True),
        (None, False),
        (False, True),
        (None, False),
        (None, False),
        (None, False),
    ]
    assert decision(collected, "cursor", "fs", "x").verdict == "allow"
    assert decision(collected, "cursor", "fs", "y").verdict == "deny"


def test_a_repository_widens_what_is_approved_and_the_level_says_so(tmp_path: Path) -> None:
    files = {
        ".cursor/mcp.json": FS,
        "~/.cursor/permissions.json": {"mcpAllowlist": ["fs:a"]},
        ".cursor/permissions.json": {"mcpAllowlist": ["fs:b"]},
    }
    collected = collect(tmp_path, files)
    for tool, level in (("a", "user"), ("b", "project (widens the user's)")):
        found = decision(collected, "cursor", "fs", tool)
        assert (found.verdict, found.rule and found.rule.level) == ("allow", level)
        assert "unless the team's own list replaces it" in found.reason


def test_what_the_app_keeps_is_not_known(tmp_path: Path) -> None:
    found = decision(collect(tmp_path, {".cursor/mcp.json": FS}), "cursor", "fs", "x")
    assert (found.verdict, found.certainty) == ("ask", "possible")
