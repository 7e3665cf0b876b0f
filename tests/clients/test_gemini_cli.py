"""Gemini CLI: folder trust, lists of servers, and the policy engine."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers

USER, PROJECT = "~/.gemini/settings.json", ".gemini/settings.json"
TRUST = {"~/.gemini/trustedFolders.json": '{"@project@": "TRUST_FOLDER"}'}
FS = servers(fs=npx("server-x"))


@pytest.mark.parametrize(
    ("platform", "system"),
    [
        ("linux", "/etc/gemini-cli/settings.json"),
        ("macos", "/Library/Application Support/GeminiCli/settings.json"),
        ("windows", "C:/ProgramData/gemini-cli/settings.json"),
    ],
)
def test_the_system_beats_the_project_beats_the_user(tmp_path: Path, platform: Any, system: str) -> None:
    files = {USER: FS, PROJECT: FS, **TRUST}
    found = installed(collect(tmp_path / "a", files, platform=platform), "gemini-cli")
    assert (found["fs"].level, found["fs (user, shadowed)"].reachable) == ("project", False)
    found = installed(collect(tmp_path / "b", {**files, system: FS}, platform=platform), "gemini-cli")
    assert found["fs"].level == "system"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "pending"),
        (TRUST, "loaded"),
        ({"~/.gemini/trustedFolders.json": {"/": "TRUST_FOLDER"}}, "loaded"),
        ({"~/.gemini/trustedFolders.json": '{"/": "TRUST_FOLDER", "@project@": "DO_NOT_TRUST"}'}, "pending"),
        ({"~/.gemini/trustedFolders.json": '{"@project@x": "TRUST_FOLDER"}'}, "pending"),
        ({PROJECT: {"security": {"folderTrust": {"enabled": False}}}}, "loaded"),
        ({**TRUST, PROJECT: {"mcp": {"excluded": ["fs"]}}}, "disabled"),
        ({**TRUST, PROJECT: {"mcp": {"allowed": ["other"]}}}, "disabled"),
        ({**TRUST, PROJECT: {"mcp": {"allowed": ["fs"]}}}, "loaded"),
    ],
)
def test_the_state_of_a_user_server(tmp_path: Path, more: dict[str, Any], state: str) -> None:
    found = installed(collect(tmp_path, {USER: FS, **more}), "gemini-cli")["fs"]
    assert (found.state, bool(found.reason)) == (state, state != "loaded")


def test_lists_of_several_levels_are_intersected(tmp_path: Path) -> None:
    both = servers(a=npx("a"), b=npx("b"), c=npx("c"))
    files = {
        USER: {**both, "mcp": {"allowed": ["a", "b"]}},
        PROJECT: {"mcp": {"allowed": ["b", "c"]}},
        **TRUST,
    }
    found = installed(collect(tmp_path, files), "gemini-cli")
    assert [name for name, one in found.items() if one.reachable] == ["b"]


def test_the_http_address_wins_and_undefined_variables_stay(tmp_path: Path) -> None:
    entry = {"url": "https://a.example", "httpUrl": "https://$HOST/mcp"}
    known = installed(collect(tmp_path, {USER: servers(x=entry)}, env={"HOST": "b.example"}), "gemini-cli")
    assert known["x"].server.id == "url:https://b.example/mcp"
    literal = installed(collect(tmp_path, {USER: servers(x=entry)}), "gemini-cli")["x"]
    assert literal.entry.url is not None
    assert (literal.entry.url.unexpanded, literal.state) == (("$HOST",), "pending")


def policies(*rules: str) -> dict[str, str]:
    return {"~/.gemini/policies/own.toml": "".join(f"[[rule]]\n{rule}\n" for rule in rules)}


CASES: list[tuple[dict[str, Any], tuple[str, ...], Mode, str]] = [
    ({}, (), "interactive", "ask"),
    ({}, (), "headless", "deny"),
    ({}, (), "bypass", "allow"),
    ({"trust": True}, (), "headless", "allow"),
    ({"includeTools": ["y"]}, (), "interactive", "hidden"),
    ({"excludeTools": ["x"], "trust": True}, (), "interactive", "hidden"),
    ({}, ('mcpName = "fs"\ntoolName = "x"\ndecision = "allow"',), "headless", "allow"),
    ({}, ('mcpName = "fs"\ndecision = "deny"',), "bypass", "deny"),
    ({"trust": True}, ('mcpName = "fs"\ndecision = "ask_user"',), "interactive", "ask"),
    ({}, ('mcpName = "other"\ndecision = "allow"',), "interactive", "ask"),
    ({}, ('toolName = "x"\ndecision = "allow"',), "interactive", "ask"),
    # The highest priority wins, not the strictest rule.
    (
        {},
        (
            'mcpName = "fs"\ndecision = "deny"\npriority = 1',
            'mcpName = "fs"\ndecision = "allow"\npriority = 2',
        ),
        "interactive",
        "allow",
    ),
    # A list names several tools, and no others.
    ({}, ('mcpName = "fs"\ntoolName = ["x", "y"]\ndecision = "deny"',), "interactive", "deny"),
    ({}, ('mcpName = "fs"\ntoolName = ["y", "z"]\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('toolName = "*"\ndecision = "allow"',), "interactive", "allow"),
    # Rules on some uses decide nothing as a whole.
    ({}, ('mcpName = "fs"\nargsPattern = "a"\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('mcpName = "fs"\nmodes = ["plan"]\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('mcpName = "fs"\ndecision = "nonsense"',), "interactive", "ask"),
]


@pytest.mark.parametrize(("entry", "rules", "mode", "verdict"), CASES)
def test_decisions(
    tmp_path: Path, entry: dict[str, Any], rules: tuple[str, ...], mode: Mode, verdict: str
) -> None:
    files = {USER: servers(fs=npx("server-x") | entry), **TRUST, **policies(*rules)}
    assert decision(collect(tmp_path, files), "gemini-cli", "fs", "x", mode).verdict == verdict


def test_rules_on_its_own_tools(tmp_path: Path) -> None:
    files = {USER: FS, **policies('toolName = "run_shell_command"\ndecision = "allow"')}
    collected = collect(tmp_path, files)
    assert decision(collected, "gemini-cli", "", "run_shell_command").verdict == "allow"
    assert decision(collected, "gemini-cli", "", "write_file").verdict == "ask"


def test_yolo_by_default(tmp_path: Path) -> None:
    files = {USER: {**FS, "general": {"defaultApprovalMode": "yolo"}}}
    assert decision(collect(tmp_path, files), "gemini-cli", "fs", "x").verdict == "allow"


def test_a_policy_of_the_repository_does_nothing(tmp_path: Path) -> None:
    files = {USER: FS, ".gemini/policies/x.toml": '[[rule]]\nmcpName = "fs"\ndecision = "allow"\n'}
    assert decision(collect(tmp_path, files), "gemini-cli", "fs", "x").verdict == "ask"


def test_broken_files_are_gaps(tmp_path: Path) -> None:
    files = {USER: '{"mcpServers": [1]}', PROJECT: "{", **policies('decision = ["allow"]')}
    collected = collect(tmp_path, files)
    assert sorted((gap.kind, gap.place.file) for gap in collected.gaps) == [
        ("malformed", PROJECT),
        ("wrong-type", "~/.gemini/policies/own.toml"),
        ("wrong-type", USER),
    ]
