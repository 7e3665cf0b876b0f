"""What Claude Code's rules and modes decide."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, npx, servers

USER = "~/.claude.json"
ONE = servers(fs=npx("server-x@1.0.0"))

RULES: list[tuple[dict[str, list[str]], str, str, str | None]] = [
    ({}, "get", "ask", None),
    ({"allow": ["mcp__my_db"]}, "get", "allow", "mcp__my_db"),
    ({"allow": ["mcp__my_db__*"]}, "get", "allow", "mcp__my_db__*"),
    ({"allow": ["mcp__my_db__get"]}, "get", "allow", "mcp__my_db__get"),
    ({"allow": ["mcp__my_db__get"]}, "drop", "ask", None),
    ({"allow": ["mcp__my_db__g*"]}, "get", "allow", "mcp__my_db__g*"),
    ({"allow": ["mcp__my.db"]}, "get", "ask", None),
    ({"allow": ["mcp__other"]}, "get", "ask", None),
    # Accepted and without effect.
    ({"allow": ["mcp__*"]}, "get", "ask", None),
    ({"allow": ["*"]}, "get", "ask", None),
    ({"allow": ["mcp__my*"]}, "get", "ask", None),
    ({"allow": ["mcp__my_d*"]}, "get", "ask", None),
    ({"allow": ["mcp__my_db__get(x)"]}, "get", "ask", None),
    ({"deny": ["mcp__my_db(x)"]}, "get", "ask", None),
    # deny > ask > allow, whatever is more specific.
    ({"ask": ["mcp__my_db"], "allow": ["mcp__my_db__get"]}, "get", "ask", "mcp__my_db"),
    (
        {"deny": ["mcp__my_db__get"], "ask": ["mcp__my_db"], "allow": ["mcp__my_db"]},
        "get",
        "deny",
        "mcp__my_db__get",
    ),
    ({"deny": ["mcp__my_db__d*"], "allow": ["mcp__my_db"]}, "drop", "deny", "mcp__my_db__d*"),
    ({"deny": ["*"], "allow": ["mcp__my_db"]}, "get", "deny", "*"),
    # A whole server denied is not shown to the model.
    ({"deny": ["mcp__my_db"]}, "get", "hidden", "mcp__my_db"),
]


@pytest.mark.parametrize(("rules", "tool", "verdict", "won"), RULES)
def test_rules(tmp_path: Path, rules: dict[str, list[str]], tool: str, verdict: str, won: str | None) -> None:
    files = {USER: servers(**{"my.db": npx("server-x")}), "~/.claude/settings.json": {"permissions": rules}}
    found = decision(collect(tmp_path, files), "claude-code", "my.db", tool)
    assert (found.verdict, found.rule.pattern if found.rule else None) == (verdict, won)
    assert found.reason


@pytest.mark.parametrize("pattern", ["mcp__*", "mcp__db__x(y)", "mcp__d_b*"])
def test_rules_without_effect_say_why(tmp_path: Path, pattern: str) -> None:
    files = {USER: ONE, ".claude/settings.json": {"permissions": {"allow": [pattern, "mcp__fs__x"]}}}
    first, second = agent(collect(tmp_path, files), "claude-code").rules
    assert (first.effective, bool(first.problem)) == (False, True)
    assert (second.effective, second.problem) == (None, "")


def test_the_rules_that_lost_are_named(tmp_path: Path) -> None:
    files = {
        USER: ONE,
        "~/.claude/settings.json": {
            "permissions": {"allow": ["mcp__fs"], "ask": ["mcp__fs__x", "mcp__fs__y"]}
        },
        ".claude/settings.json": {"permissions": {"deny": ["mcp__fs__x"], "allow": ["mcp__fs__x(1)"]}},
    }
    collected = collect(tmp_path, files)
    found = decision(collected, "claude-code", "fs", "x")
    assert [(rule.level, rule.effect, rule.pattern) for rule in found.beats] == [
        ("user", "ask", "mcp__fs__x"),
        ("user", "allow", "mcp__fs"),
    ]
    assert [rule.pattern for rule in decision(collected, "claude-code", "fs", "y").beats] == ["mcp__fs"]
    assert decision(collected, "claude-code", "fs", "z").beats == ()


MODES: list[tuple[dict[str, Any], Mode, str]] = [
    ({}, "interactive", "ask"),
    ({}, "headless", "deny"),
    ({}, "bypass", "allow"),
    ({"ask": ["mcp__fs"]}, "headless", "deny"),
    ({"ask": ["mcp__fs"]}, "bypass", "ask"),
    ({"deny": ["mcp__fs__x"]}, "bypass", "deny"),
    ({"allow": ["mcp__fs"]}, "headless", "allow"),
    ({"defaultMode": "bypassPermissions"}, "interactive", "allow"),
    ({"defaultMode": "bypassPermissions", "disableBypassPermissionsMode": "disable"}, "interactive", "ask"),
    ({"disableBypassPermissionsMode": "disable"}, "bypass", "ask"),
    ({"defaultMode": "dontAsk"}, "interactive", "deny"),
    ({"defaultMode": "dontAsk", "ask": ["mcp__fs"]}, "interactive", "deny"),
    ({"defaultMode": "dontAsk", "allow": ["mcp__fs"]}, "interactive", "allow"),
    ({"defaultMode": "dontAsk"}, "bypass", "allow"),
]


@pytest.mark.parametrize(("permissions", "mode", "verdict"), MODES)
def test_modes(tmp_path: Path, permissions: dict[str, Any], mode: Mode, verdict: str) -> None:
    files = {USER: ONE, "~/.claude/settings.json": {"permissions": permissions}}
    assert decision(collect(tmp_path, files), "claude-code", "fs", "x", mode).verdict == verdict


@pytest.mark.parametrize(
    ("permissions", "tool", "mode", "verdict"),
    [
        ({}, "Bash", "interactive", "ask"),
        ({}, "Bash", "headless", "deny"),
        ({}, "Bash", "bypass", "allow"),
        ({}, "Read", "interactive", "allow"),
        ({"allow": ["Bash"]}, "Bash", "interactive", "allow"),
        ({"allow": ["Bash(*)"]}, "Bash", "interactive", "allow"),
        # Some commands only: that does not decide the tool as a whole.
        ({"allow": ["Bash(git log:*)"]}, "Bash", "interactive", "ask"),
        ({"deny": ["Bash(rm:*)"]}, "Bash", "interactive", "ask"),
        ({"deny": ["Bash"]}, "Bash", "bypass", "deny"),
        ({"deny": ["mcp__fs"]}, "Bash", "interactive", "ask"),
    ],
)
def test_its_own_tools(
    tmp_path: Path, permissions: dict[str, Any], tool: str, mode: Mode, verdict: str
) -> None:
    files = {USER: ONE, "~/.claude/settings.json": {"permissions": permissions}}
    assert decision(collect(tmp_path, files), "claude-code", "", tool, mode).verdict == verdict


@pytest.mark.parametrize(
    ("default", "tool", "mode", "verdict"),
    [
        ("acceptEdits", "Edit", "interactive", "allow"),
        ("acceptEdits", "Write", "headless", "allow"),
        ("acceptEdits", "NotebookEdit", "interactive", "allow"),
        ("acceptEdits", "Bash", "interactive", "ask"),
        ("plan", "Edit", "interactive", "deny"),
        ("plan", "Bash", "headless", "deny"),
        ("plan", "Edit", "bypass", "allow"),
        ("plan", "Read", "interactive", "allow"),
        ("plan", "WebFetch", "interactive", "ask"),
        ("auto", "Bash", "interactive", "unknown"),
        ("auto", "Bash", "bypass", "allow"),
        ("manual", "Edit", "interactive", "ask"),
    ],
)
def test_the_default_mode_and_its_own_tools(
    tmp_path: Path, default: str, tool: str, mode: Mode, verdict: str
) -> None:
    files = {USER: ONE, "~/.claude/settings.json": {"permissions": {"defaultMode": default}}}
    found = decision(collect(tmp_path, files), "claude-code", "", tool, mode)
    assert found.verdict == verdict
    assert (default in found.reason) == (
        verdict in ("allow", "deny", "unknown") and tool != "Read" and mode != "bypass"
    )


@pytest.mark.parametrize(
    ("default", "verdict"), [("auto", "unknown"), ("plan", "ask"), ("acceptEdits", "ask")]
)
def test_the_default_mode_and_the_tools_of_servers(tmp_path: Path, default: str, verdict: str) -> None:
    files = {USER: ONE, "~/.claude/settings.json": {"permissions": {"defaultMode": default}}}
    assert decision(collect(tmp_path, files), "claude-code", "fs", "Edit").verdict == verdict


@pytest.mark.parametrize(
    ("rules", "tool", "note"),
    [
        (
            {"allow": ["Bash(git:*)", "Bash(ls)", "Bash(cat x)"]},
            "Bash",
            " (3 rules allow some of its commands)",
        ),
        (
            {"allow": ["Bash(git:*)"], "deny": ["Bash(rm:*)", "Bash(dd:*)"]},
            "Bash",
            " (1 rule allows some of its commands, 2 rules deny some of its commands)",
        ),
        (
            {"ask": ["Read(./secrets/**)"], "deny": ["Edit(/etc/**)"]},
            "Read",
            " (1 rule asks before some of its uses)",
        ),
        ({"allow": ["Bash(*)", "BashOutput(x)"]}, "Bash", ""),
        ({"allow": ["mcp__fs__x"]}, "Bash", ""),
    ],
)
def test_rules_for_some_uses_are_counted(
    tmp_path: Path, rules: dict[str, list[str]], tool: str, note: str
) -> None:
    files = {USER: ONE, "~/.claude/settings.json": {"permissions": rules}}
    reason = decision(collect(tmp_path, files), "claude-code", "", tool).reason
    assert reason.endswith(note)
    assert reason.count("(") == bool(note) + reason.count("(*)")


def test_only_managed_rules_count_where_managed_settings_say_so(tmp_path: Path) -> None:
    def found(managed: bool) -> tuple[str, list[str]]:
        only = {"allowManagedPermissionRulesOnly": managed}
        files = {
            USER: ONE,
            "/etc/claude-code/managed-settings.json": only | {"permissions": {"allow": ["mcp__fs__x"]}},
            "~/.claude/settings.json": {"permissions": {"allow": ["mcp__fs"], "deny": ["mcp__fs__x"]}},
        }
        collected = collect(tmp_path / str(managed), files)
        useless = [rule.level for rule in agent(collected, "claude-code").rules if rule.effective is False]
        return decision(collected, "claude-code", "fs", "x").verdict, useless

    assert found(True) == ("allow", ["user", "user"])
    assert found(False) == ("deny", [])


def test_a_user_cannot_switch_off_the_rules_of_others(tmp_path: Path) -> None:
    own = {"allowManagedPermissionRulesOnly": True, "permissions": {"allow": ["mcp__fs"]}}
    collected = collect(tmp_path, {USER: ONE, "~/.claude/settings.json": own})
    assert decision(collected, "claude-code", "fs", "x").verdict == "allow"
