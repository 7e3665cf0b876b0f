"""Auggie: four levels, whole files that vanish, allow by default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers, site_of

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


def test_states_and_variables(tmp_path: Path) -> None:
    entries = {
        "off": npx("x") | {"disabled": True},
        "on": npx("x", "${TOKEN}") | {"enabled": False},
        "bad": 5,
    }
    found = installed(collect(tmp_path, {USER: servers(**entries)}, env={"TOKEN": "t"}), CLIENT)
    assert {name: one.state for name, one in found.items()} == {
        "off": "disabled",
        "on": "loaded",
        "bad": "rejected",
    }
    assert found["on"].entry.args[-1].unexpanded == ("${TOKEN}",)


@pytest.mark.parametrize("bad", [{"command": "x", "type": "odd"}, {"command": "x", "args": "y"}])
def test_one_invalid_entry_takes_its_whole_file_along(tmp_path: Path, bad: dict[str, Any]) -> None:
    files = {USER: servers(fs=npx("x"), bad=bad), PROJECT: servers(kept=npx("kept"))}
    collected = collect(tmp_path, files)
    found = installed(collected, CLIENT)
    assert [name for name, one in found.items() if one.reachable] == ["kept"]
    assert found["fs"].state == "rejected"
    assert any("ignores all servers of this file" in gap.reason for gap in collected.gaps)


def test_an_entry_without_transport_stops_the_client(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: servers(bad={"env": {}}), PROJECT: FS})
    assert {one.state for one in installed(collected, CLIENT).values()} == {"rejected"}
    assert any("Auggie does not start" in gap.reason for gap in collected.gaps)


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


def rule(tool: str, kind: str, **more: str) -> dict[str, Any]:
    return {"toolName": tool, "permission": {"type": kind}} | more


CASES: list[tuple[list[dict[str, Any]], Mode, str, str]] = [
    ([], "interactive", "allow", "certain"),
    ([], "headless", "allow", "certain"),
    ([rule("x_fs", "deny")], "bypass", "deny", "possible"),
    ([rule("x_fs", "allow"), rule("x_fs", "deny")], "interactive", "allow", "possible"),
    ([rule("x_fs", "ask-user")], "interactive", "ask", "possible"),
    ([rule("x_fs", "ask-user")], "headless", "unknown", "unknown"),
    ([rule("y_fs", "deny"), rule("fs_x", "deny")], "interactive", "allow", "possible"),
    ([rule("*_fs", "deny")], "interactive", "unknown", "unknown"),
    ([rule("x_fs", "script-policy")], "interactive", "unknown", "unknown"),
    ([rule("x_fs", "webhook-policy")], "headless", "unknown", "unknown"),
    ([rule("x_fs", "deny", eventType="tool-response")], "interactive", "allow", "possible"),
    ([rule("x_fs", "deny", shellInputRegex="rm")], "interactive", "allow", "possible"),
]


@pytest.mark.parametrize(("rules", "mode", "verdict", "certainty"), CASES)
def test_decisions(
    tmp_path: Path, rules: list[dict[str, Any]], mode: Mode, verdict: str, certainty: str
) -> None:
    collected = collect(tmp_path, {USER: {**FS, "toolPermissions": rules}})
    found = decision(collected, CLIENT, "fs", "x", mode)
    assert (found.verdict, found.certainty.name.lower()) == (verdict, certainty)


def test_levels_that_differ_are_not_joined_by_guess(tmp_path: Path) -> None:
    files = {
        USER: {**FS, "toolPermissions": [rule("x_fs", "deny")]},
        PROJECT: {"toolPermissions": [rule("x_fs", "allow")]},
    }
    assert decision(collect(tmp_path / "a", files), CLIENT, "fs", "x").verdict == "unknown"
    files[PROJECT] = {"toolPermissions": [rule("x_fs", "deny")]}
    assert decision(collect(tmp_path / "b", files), CLIENT, "fs", "x").verdict == "deny"


def test_its_own_tools(tmp_path: Path) -> None:
    text = {"toolPermissions": [rule("view", "deny"), {"toolName": 5}], "removedTools": ["save-file"]}
    collected = collect(tmp_path, {USER: text})
    verdicts = {
        name: decision(collected, CLIENT, "", name).verdict
        for name in ("view", "save-file", "launch-process")
    }
    assert verdicts == {"view": "deny", "save-file": "hidden", "launch-process": "allow"}
    assert {gap.kind for gap in collected.gaps} == {"wrong-type"}
