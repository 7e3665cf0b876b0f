"""Qwen Code: levels with `.mcp.json`, approvals by content, lists of globs, rules by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers

CLIENT, USER, PROJECT, SHARED = "qwen-code", "~/.qwen/settings.json", ".qwen/settings.json", ".mcp.json"
APPROVALS, SYSTEM = "~/.qwen/mcpApprovals.json", "/etc/qwen-code/settings.json"
FS = servers(fs=npx("server-x"))
# The hash that Qwen Code itself wrote for this entry.
TRUE = servers(fs={"command": "true"})
HASH = "13c76770"


def approve(entry: dict[str, Any], status: str = "approved") -> dict[str, str]:
    import hashlib

    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    record = {"hash": hashlib.sha256(text.encode()).hexdigest(), "status": status}
    return {APPROVALS: json.dumps({"@project@": {"fs": record}})}


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/qwen-code/"),
        ("macos", "/Library/Application Support/QwenCode/"),
        ("windows", "C:/ProgramData/qwen-code/"),
    ],
)
def test_levels_on_every_platform(tmp_path: Path, platform: Any, folder: str) -> None:
    order = [f"{folder}settings.json", PROJECT, SHARED, USER, f"{folder}system-defaults.json"]
    for at, strongest in enumerate(order):
        files = dict.fromkeys(order[at:], FS) | ({USER: {}} if at == 4 else {})
        found = installed(collect(tmp_path / str(at), files, platform=platform), CLIENT)
        (active,) = [one for one in found.values() if one.shadowed_by is None]
        assert active.place.file == strongest.replace("C:/", "C:/")


def test_the_hash_is_the_observed_one(tmp_path: Path) -> None:
    entry = {"command": "true"}
    record = json.loads(approve(entry)[APPROVALS])["@project@"]["fs"]
    assert record["hash"].startswith(HASH)
    found = installed(collect(tmp_path, {PROJECT: TRUE, **approve(entry)}), CLIENT)
    assert found["fs"].state == "loaded"


@pytest.mark.parametrize("name", [PROJECT, SHARED])
@pytest.mark.parametrize(
    ("entry", "approval", "state"),
    [
        ({"command": "true"}, {USER: {}}, "pending"),
        ({"command": "true"}, approve({"command": "true"}), "loaded"),
        ({"command": "true", "description": "d"}, approve({"command": "true"}), "loaded"),
        ({"command": "false"}, approve({"command": "true"}), "pending"),
        ({"command": "true"}, approve({"command": "true"}, "rejected"), "rejected"),
        ({"command": "false"}, approve({"command": "true"}, "rejected"), "pending"),
        ({"command": "true", "disabled": True}, {USER: {}}, "pending"),
    ],
)
def test_project_servers_need_approval(
    tmp_path: Path, name: str, entry: dict[str, Any], approval: dict[str, Any], state: str
) -> None:
    found = installed(collect(tmp_path, {name: servers(fs=entry), **approval}), CLIENT)["fs"]
    assert (found.state, bool(found.reason)) == (state, state != "loaded")


def test_a_pending_entry_hides_the_users_own(tmp_path: Path) -> None:
    found = installed(collect(tmp_path, {USER: FS, SHARED: FS}, as_is=True), CLIENT)
    assert {(one.level, one.state, one.reachable) for one in found.values()} == {
        ("project", "pending", False),
        ("user", "loaded", False),
    }


@pytest.mark.parametrize(
    ("user", "state"),
    [
        ({}, "loaded"),
        ({"mcp": {"excluded": ["f*"], "allowed": ["fs"]}}, "disabled"),
        ({"mcp": {"allowed": ["g*"]}}, "disabled"),
        ({"mcp": {"allowed": ["f?"]}}, "loaded"),
        ({"security": {"folderTrust": {"enabled": True}}}, "loaded"),
    ],
)
def test_lists_of_globs(tmp_path: Path, user: dict[str, Any], state: str) -> None:
    assert installed(collect(tmp_path, {USER: {**FS, **user}}), CLIENT)["fs"].state == state


def test_folder_trust_holds_project_servers_back(tmp_path: Path) -> None:
    files = {PROJECT: TRUE, **approve({"command": "true"})}
    on = {USER: {"security": {"folderTrust": {"enabled": True}}}}
    found = installed(collect(tmp_path, {**files, **on}), CLIENT)["fs"]
    assert (found.state, "folder trust is on" in found.reason) == ("pending", True)


def test_limits_of_several_levels_are_a_gap(tmp_path: Path) -> None:
    files = {USER: {**FS, "mcp": {"allowed": ["fs"]}}, SYSTEM: {"mcp": {"allowed": ["x"]}}}
    collected = collect(tmp_path, files)
    assert installed(collected, CLIENT)["fs"].reachable
    assert [gap.kind for gap in collected.gaps] == ["not-understood"]


def test_transports_and_variables(tmp_path: Path) -> None:
    url = {"url": "https://a.example", "type": "http"}
    entries = {
        "a": url,
        "b": {**url, "httpUrl": "https://$HOST"},
        "c": npx("x", "$HOST", "${HOST:-d}", "$NO"),
    }
    shared = servers(d=url, e={"url": "https://a.example"})
    files = {USER: servers(**entries), SHARED: shared}
    found = installed(collect(tmp_path, files, env={"HOST": "b.example"}), CLIENT)
    assert {name: found[name].server.transport for name in "abde"} == {
        "a": "sse",
        "b": "http",
        "d": "http",
        "e": "unknown",
    }
    assert found["b"].server.id == "url:https://b.example"
    assert [word.text for word in found["c"].entry.args[2:]] == ["b.example", "${HOST:-d}", "$NO"]


@pytest.mark.parametrize("text", ["{", "", '{"mcpServers": {"fs": {"command": "x"},}}'])
def test_the_user_file_stops_it_and_the_project_file_is_dropped(tmp_path: Path, text: str) -> None:
    collected = collect(tmp_path / "a", {USER: text, SYSTEM: servers(kept=npx("kept"))})
    assert {one.state for one in installed(collected, CLIENT).values()} == {"rejected"}
    assert any("Qwen Code does not start" in gap.reason for gap in collected.gaps)
    collected = collect(tmp_path / "b", {PROJECT: text, USER: servers(kept=npx("kept"))})
    assert set(installed(collected, CLIENT)) == {"kept"}
    assert installed(collected, CLIENT)["kept"].reachable
    assert [gap.place.file for gap in collected.gaps] == [PROJECT]


def test_comments_and_byte_order_marks(tmp_path: Path) -> None:
    comment = '{"mcpServers": {"fs": {"command": "x"}} /* c */}'
    mark = b'\xef\xbb\xbf{"mcpServers": {"bom": {"command": "x"}}}'
    found = installed(collect(tmp_path / "a", {USER: mark, SHARED: comment}), CLIENT)
    assert set(found) == {"bom", "fs"}
    collected = collect(tmp_path / "b", {USER: {}, SHARED: mark})
    assert installed(collected, CLIENT) == {}
    assert any(gap.kind == "ignored" and "byte order mark" in gap.reason for gap in collected.gaps)


def test_one_bad_entry_hides_no_other(tmp_path: Path) -> None:
    found = installed(collect(tmp_path, {USER: servers(bad=5, worse={}, fs=npx("x"))}), CLIENT)
    assert [name for name, one in found.items() if one.reachable] == ["fs"]


DEFAULT = {"tools": {"approvalMode": "default"}}
CASES: list[tuple[dict[str, Any], dict[str, Any], Mode, str]] = [
    # Its default mode is auto: a model decides.
    ({}, {}, "interactive", "unknown"),
    ({}, {}, "headless", "unknown"),
    ({}, {}, "bypass", "allow"),
    ({}, DEFAULT, "interactive", "ask"),
    ({}, DEFAULT, "headless", "deny"),
    ({}, DEFAULT, "bypass", "allow"),
    ({"trust": True}, {}, "headless", "allow"),
    ({"trust": True}, {"security": {"folderTrust": {"enabled": True}}}, "interactive", "unknown"),
    ({}, {"security": {"folderTrust": {"enabled": True}}}, "bypass", "unknown"),
    ({}, {"security": {"folderTrust": {"enabled": True}}, **DEFAULT}, "interactive", "ask"),
    ({"includeTools": ["y"]}, {}, "interactive", "hidden"),
    ({"excludeTools": ["x"], "trust": True}, {}, "interactive", "hidden"),
    ({}, {"permissions": {"allow": ["mcp__fs"]}}, "headless", "allow"),
    ({}, {"permissions": {"allow": ["mcp__fs__x"]}}, "interactive", "allow"),
    ({}, {"permissions": {"allow": ["mcp__fs__y", "mcp__other"]}, **DEFAULT}, "interactive", "ask"),
    ({"trust": True}, {"permissions": {"ask": ["mcp__fs"], "allow": ["mcp__fs"]}}, "interactive", "ask"),
    ({"trust": True}, {"permissions": {"ask": ["mcp__fs"]}}, "headless", "deny"),
    # Its bypass mode answers what rules ask as well.
    ({}, {"permissions": {"ask": ["mcp__fs"]}}, "bypass", "allow"),
    ({"trust": True}, {"permissions": {"deny": ["mcp__fs"], "allow": ["mcp__fs__x"]}}, "bypass", "deny"),
    ({}, {"tools": {"allowed": ["mcp__fs__x"]}}, "interactive", "allow"),
    ({}, {"tools": {"exclude": ["mcp__fs__x"], "allowed": ["mcp__fs"]}}, "interactive", "deny"),
    ({}, {"tools": {"approvalMode": "yolo"}}, "interactive", "allow"),
    ({}, {"tools": {"approvalMode": "auto-edit"}}, "interactive", "ask"),
    ({}, {"tools": {"approvalMode": "plan"}}, "interactive", "deny"),
]


@pytest.mark.parametrize(("entry", "settings", "mode", "verdict"), CASES)
def test_decisions(
    tmp_path: Path, entry: dict[str, Any], settings: dict[str, Any], mode: Mode, verdict: str
) -> None:
    files = {USER: {**servers(fs=npx("server-x") | entry), **settings}}
    assert decision(collect(tmp_path, files), CLIENT, "fs", "x", mode).verdict == verdict


def test_a_deny_of_any_level_wins(tmp_path: Path) -> None:
    files = {
        USER: {**FS, "permissions": {"deny": ["mcp__fs"]}},
        SYSTEM: {"permissions": {"allow": ["mcp__fs"]}},
    }
    assert decision(collect(tmp_path, files), CLIENT, "fs", "x").verdict == "deny"


# The approval mode, the tool, the mode, and the decision where no rule matches.
OWN: list[tuple[str, str, Mode, str]] = [
    ("auto", "run_shell_command", "interactive", "unknown"),
    ("auto", "run_shell_command", "headless", "deny"),
    ("auto", "write_file", "interactive", "allow"),
    ("auto", "write_file", "headless", "deny"),
    ("auto", "web_fetch", "headless", "unknown"),
    ("auto", "read_file", "headless", "allow"),
    ("default", "run_shell_command", "interactive", "ask"),
    ("default", "edit", "interactive", "ask"),
    ("default", "edit", "headless", "deny"),
    ("default", "grep_search", "interactive", "allow"),
    ("auto-edit", "edit", "headless", "allow"),
    ("auto-edit", "web_fetch", "interactive", "allow"),
    ("auto-edit", "run_shell_command", "interactive", "ask"),
    ("plan", "edit", "interactive", "deny"),
    ("plan", "web_fetch", "interactive", "ask"),
    ("plan", "read_file", "interactive", "allow"),
    ("plan", "edit", "bypass", "allow"),
    ("yolo", "run_shell_command", "headless", "allow"),
]


@pytest.mark.parametrize(("approval", "tool", "mode", "verdict"), OWN)
def test_its_own_tools(tmp_path: Path, approval: str, tool: str, mode: Mode, verdict: str) -> None:
    collected = collect(tmp_path, {USER: {**FS, "tools": {"approvalMode": approval}}})
    assert decision(collected, CLIENT, "", tool, mode).verdict == verdict


def test_rules_on_its_own_tools(tmp_path: Path) -> None:
    rules = {"allow": ["run_shell_command", "edit(src/**)"], "deny": ["Read"], "ask": ["Edit(*)"]}
    collected = collect(tmp_path / "a", {USER: {"permissions": rules, **DEFAULT}})
    assert decision(collected, CLIENT, "", "run_shell_command").verdict == "allow"
    assert decision(collected, CLIENT, "", "monitor").verdict == "allow"
    assert decision(collected, CLIENT, "", "edit").verdict == "ask"
    assert decision(collected, CLIENT, "", "write_file").verdict == "ask"
    assert decision(collected, CLIENT, "", "grep_search").verdict == "deny"
    collected = collect(tmp_path / "b", {USER: {"permissions": {"deny": ["Bash"]}}})
    assert decision(collected, CLIENT, "", "run_shell_command").verdict == "deny"
    collected = collect(tmp_path / "c", {USER: {"permissions": {"deny": ["Terminal"]}}})
    assert decision(collected, CLIENT, "", "run_shell_command").verdict == "unknown"


def test_auto_drops_a_rule_that_allows_the_whole_shell(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: {"permissions": {"allow": ["Bash", "WebFetch"]}}})
    assert decision(collected, CLIENT, "", "run_shell_command", "headless").verdict == "unknown"
    assert decision(collected, CLIENT, "", "run_shell_command", "bypass").verdict == "allow"
    assert decision(collected, CLIENT, "", "web_fetch").verdict == "allow"


def test_a_shared_file_alone_does_not_show_the_client(tmp_path: Path) -> None:
    assert CLIENT not in {one.agent.id for one in collect(tmp_path, {SHARED: FS}).agents}
