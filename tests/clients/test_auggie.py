"""Auggie: four levels, whole files that vanish, allow by default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, installed, npx, servers, site_of

CLIENT, USER = "auggie", "~/.augment/settings.json"
PROJECT, LOCAL = ".augment/settings.json", ".augment/settings.local.json"
FS = servers(fs=npx("server-x"))


@pytest.mark.parametrize(
    ("platform", "managed"),
    [
        ("linux", "/etc/augment/settings.json"),
        ("macos", "/etc/augment/settings.json"),
        ("windows", "C:/ProgramData/augment/settings.json"),
    ],
)
def test_levels_on_every_platform(tmp_path: Path, platform: Any, managed: str) -> None:
    order = [managed, LOCAL, PROJECT, USER]
    for at, strongest in enumerate(order):
        found = installed(
            collect(tmp_path / str(at), dict.fromkeys(order[at:], FS), platform=platform), CLIENT
        )
        (active,) = [one for one in found.values() if one.shadowed_by is None]
        assert (active.place.file, len(active.shadows)) == (strongest, 3 - at)


@pytest.mark.parametrize(("git", "names"), [(True, {"root"}), (False, {"inner"})])
def test_the_workspace_is_the_git_root(tmp_path: Path, git: bool, names: set[str]) -> None:
    files = {PROJECT: servers(root=npx("x")), f"sub/{PROJECT}": servers(inner=npx("x")), ".mcp.json": FS}
    site = site_of(tmp_path, files | ({".git": "gitdir: x"} if git else {}))
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert set(found) == names


def test_states(tmp_path: Path) -> None:
    entries = {"off": npx("x") | {"disabled": True}, "on": npx("x") | {"enabled": False}}
    found = installed(collect(tmp_path, {USER: servers(**entries)}), CLIENT)
    assert {name: one.state for name, one in found.items()} == {"off": "disabled", "on": "loaded"}


def test_variables(tmp_path: Path) -> None:
    entries = {
        "local": npx("x", "$A", "${A}", "${B:-b}", "${C}", "${workspaceFolder}/d", KEY="$A-${A}"),
        "remote": {"url": "https://${HOST}/mcp?$filter=x", "headers": {"X-A": "${A}"}},
    }
    found = installed(
        collect(tmp_path, {USER: servers(**entries)}, env={"A": "1", "HOST": "a.example"}), CLIENT
    )
    words = found["local"].entry.args[2:]
    assert [word.text for word in words] == ["1", "1", "b", "${C}", f"{tmp_path}/project/d"]
    assert words[3].unexpanded == ("${C}",)
    assert found["local"].entry.env[0][1].text == "$A-1"
    remote = found["remote"].entry
    assert (remote.url and remote.url.text, remote.headers[0][1].text) == (
        "https://a.example/mcp?$filter=x",
        "1",
    )


@pytest.mark.parametrize(
    ("entry", "server"),
    [
        ({"command": "npx -y server-x"}, "npm:server-x"),
        ({"command": "npx", "args": ["-y server-x"]}, "npm:server-x"),
        ({"command": "npx -y server-x; curl a.example"}, "command:npx -y server-x; curl a.example"),
        ({"command": "npx -y 'server-x"}, "command:npx -y 'server-x"),
        ({"command": "uvx", "args": ["server-x", 5, True, 1.0, 1.5]}, "pypi:server-x"),
    ],
)
def test_a_command_is_a_line_for_a_shell(tmp_path: Path, entry: dict[str, Any], server: str) -> None:
    (found,) = installed(collect(tmp_path, {USER: servers(fs=entry)}), CLIENT).values()
    assert found.server.id == server
    if 5 in entry.get("args", ()):
        assert [word.text for word in found.entry.args[1:]] == ["5", "true", "1", "1.5"]


def test_a_url_beats_a_command(tmp_path: Path) -> None:
    both = {"command": "x", "url": "https://a.example/mcp"}
    found = installed(collect(tmp_path, {USER: servers(a=both, b=both | {"type": "stdio"})}), CLIENT)
    assert {name: one.server.transport for name, one in found.items()} == {"a": "http", "b": "stdio"}


@pytest.mark.parametrize(
    "bad",
    [
        5,
        {"command": "x", "type": "odd"},
        {"command": "x", "args": "y"},
        {"command": "x", "args": [{}]},
        {"command": ["x"]},
        {"command": "x", "env": {"A": {}}},
        {"command": "x", "env": []},
        {"url": "https://a.example", "headers": {"A": 1}},
        {"command": "x", "disabled": "true"},
    ],
)
def test_one_invalid_entry_takes_its_whole_file_along(tmp_path: Path, bad: Any) -> None:
    files = {USER: servers(fs=npx("x"), bad=bad), PROJECT: servers(kept=npx("kept"))}
    collected = collect(tmp_path, files)
    found = installed(collected, CLIENT)
    assert [name for name, one in found.items() if one.reachable] == ["kept"]
    assert found["fs"].state == "rejected"
    assert any("ignores all servers of this file" in gap.reason for gap in collected.gaps)


@pytest.mark.parametrize(
    "bad", [{"env": {}}, {"type": "http", "command": "x"}, {"type": "stdio", "url": "https://a.example"}]
)
def test_an_entry_without_its_transport_drops_all_servers(tmp_path: Path, bad: dict[str, Any]) -> None:
    collected = collect(tmp_path / "a", {USER: servers(bad=bad), PROJECT: FS})
    assert {one.state for one in installed(collected, CLIENT).values()} == {"rejected"}
    assert any("drops all servers of its settings" in gap.reason for gap in collected.gaps)
    # One that a stronger level hides does no harm.
    collected = collect(tmp_path / "b", {USER: servers(fs=bad), PROJECT: FS})
    assert [one.level for one in installed(collected, CLIENT).values() if one.reachable] == ["project"]


@pytest.mark.parametrize("text", ["{", "", b'\xef\xbb\xbf{"mcpServers": {"fs": {"command": "x"}}}'])
@pytest.mark.parametrize("name", [USER, PROJECT])
def test_broken_files_and_marks_drop_the_file(tmp_path: Path, name: str, text: Any) -> None:
    other = {LOCAL: servers(kept=npx("kept"))}
    collected = collect(tmp_path, {name: text, **other})
    assert set(installed(collected, CLIENT)) == {"kept"}
    assert installed(collected, CLIENT)["kept"].reachable
    assert [gap.place.file for gap in collected.gaps] == [name]


def test_comments_and_trailing_commas_are_fine(tmp_path: Path) -> None:
    text = '{"mcpServers": {"fs": {"command": "x"},}} // c'
    collected = collect(tmp_path, {USER: text})
    assert installed(collected, CLIENT)["fs"].reachable
    assert collected.gaps == ()


def rule(tool: str, kind: str, **more: Any) -> dict[str, Any]:
    named = {"script-policy": {"script": "/x"}, "webhook-policy": {"webhookUrl": "https://a.example"}}
    return {"toolName": tool, "permission": {"type": kind} | named.get(kind, {})} | more


CASES: list[tuple[list[dict[str, Any]], Mode, str]] = [
    ([], "interactive", "allow"),
    ([], "headless", "allow"),
    ([rule("x_fs", "deny")], "bypass", "deny"),
    ([rule("x_fs", "allow"), rule("x_fs", "deny")], "interactive", "allow"),
    ([rule("x_fs", "ask-user")], "interactive", "ask"),
    ([rule("x_fs", "ask-user")], "headless", "deny"),
    ([rule("y_fs", "deny"), rule("fs_x", "deny")], "interactive", "allow"),
    ([rule("*_fs", "deny")], "interactive", "allow"),
    ([rule("x_fs", "script-policy")], "interactive", "unknown"),
    ([rule("x_fs", "webhook-policy")], "headless", "unknown"),
    ([rule("x_fs", "deny", eventType="tool-response")], "interactive", "allow"),
    # The expression is for the shell's tools; of any other it is ignored.
    ([rule("x_fs", "deny", shellInputRegex="rm")], "interactive", "deny"),
]


@pytest.mark.parametrize(("rules", "mode", "verdict"), CASES)
def test_decisions(tmp_path: Path, rules: list[dict[str, Any]], mode: Mode, verdict: str) -> None:
    collected = collect(tmp_path, {USER: {**FS, "toolPermissions": rules}})
    found = decision(collected, CLIENT, "fs", "x", mode)
    assert (found.verdict, found.certainty.name == "UNKNOWN") == (verdict, verdict == "unknown")


def test_the_first_rule_of_the_strongest_level_decides(tmp_path: Path) -> None:
    order = ["/etc/augment/settings.json", LOCAL, PROJECT, USER]
    effects = ["deny", "allow", "deny", "allow"]
    for at in range(4):
        files: dict[str, Any] = {
            name: {"toolPermissions": [rule("x_fs", effect)]}
            for name, effect in zip(order[at:], effects[at:], strict=True)
        }
        files[USER] |= FS
        found = decision(collect(tmp_path / str(at), files), CLIENT, "fs", "x")
        assert found.verdict == effects[at]
        assert found.rule is not None
        assert found.rule.place.file == order[at]


def test_names_of_tools_are_cleaned_and_cut(tmp_path: Path) -> None:
    long = "t" * 70
    rules = [rule("a_b_my_fs", "deny"), rule(long[:64], "deny"), rule("x_my.fs", "deny")]
    entry = {"mcpServers": {"my.fs": npx("x")}, "toolPermissions": rules}
    collected = collect(tmp_path, {USER: entry})
    verdicts = [decision(collected, CLIENT, "my.fs", name).verdict for name in ("a.b", long, "x")]
    assert verdicts == ["deny", "deny", "allow"]
    never = agent(collected, CLIENT).rules[-1]
    assert (never.effective, bool(never.problem)) == (False, True)


@pytest.mark.parametrize(
    "bad",
    [
        {"toolName": 5},
        rule("x_fs", "odd"),
        {"toolName": "x_fs", "permission": {"type": "script-policy"}},
        rule("x_fs", "deny", eventType="odd"),
        rule("x_fs", "deny", shellInputRegex=5),
    ],
)
def test_one_invalid_rule_takes_its_list_along(tmp_path: Path, bad: dict[str, Any]) -> None:
    text = {**FS, "toolPermissions": [rule("x_fs", "deny"), bad], "removedTools": ["view", 5]}
    collected = collect(tmp_path, {USER: text})
    assert decision(collected, CLIENT, "fs", "x").verdict == "allow"
    assert decision(collected, CLIENT, "", "view").verdict == "allow"
    assert any("ignores all rules of this list" in gap.reason for gap in collected.gaps)


def test_tool_search_goes_past_the_rules(tmp_path: Path) -> None:
    text = {**FS, "toolPermissions": [rule("x_fs", "deny"), rule("view", "deny")], "enableToolSearch": True}
    collected = collect(tmp_path / "a", {USER: text})
    assert decision(collected, CLIENT, "fs", "x").verdict == "unknown"
    assert decision(collected, CLIENT, "fs", "y").verdict == "allow"
    assert decision(collected, CLIENT, "", "view").verdict == "deny"
    off = {USER: text, PROJECT: {"enableToolSearch": False}}
    assert decision(collect(tmp_path / "b", off), CLIENT, "fs", "x").verdict == "deny"


def test_its_own_tools(tmp_path: Path) -> None:
    rules = [rule("view", "deny"), rule("launch-process", "deny", shellInputRegex="rm")]
    collected = collect(tmp_path, {USER: {"toolPermissions": rules, "removedTools": ["save-file"]}})
    verdicts = {
        name: decision(collected, CLIENT, "", name).verdict
        for name in ("view", "save-file", "launch-process")
    }
    assert verdicts == {"view": "deny", "save-file": "hidden", "launch-process": "allow"}
