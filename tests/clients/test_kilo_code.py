"""Kilo Code: its own names for opencode's files, the older project file, ask by default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers, site_of

CLIENT, USER, PROJECT, OLDER = "kilo-code", "~/.config/kilo/kilo.json", "kilo.json", ".kilocode/mcp.json"


def local(package: str, **more: Any) -> dict[str, Any]:
    return {"type": "local", "command": ["npx", "-y", package]} | more


def mcp(**entries: Any) -> dict[str, Any]:
    return {"mcp": entries}


def test_levels_from_the_weakest_to_the_strongest(tmp_path: Path) -> None:
    order = [OLDER, USER, PROJECT, "opencode.json", "kilo.jsonc", ".kilo/kilo.json", "/etc/kilo/kilo.json"]
    for count in range(1, len(order) + 1):
        files: dict[str, Any] = {name: mcp(fs=local(f"p{at}")) for at, name in enumerate(order[:count])}
        files[OLDER] = servers(fs=npx("p0"))
        (fs,) = installed(collect(tmp_path / str(count), files), CLIENT).values()
        assert (fs.server.id, fs.place.file) == (f"npm:p{count - 1}", order[count - 1])
        assert len(fs.shadows) == count - 1
    windows = installed(collect(tmp_path / "windows", files, platform="windows"), CLIENT)["fs"]
    assert windows.place.file == ".kilo/kilo.json"


@pytest.mark.parametrize(
    ("older", "user", "state"),
    [
        ({}, {}, "loaded"),
        ({"disabled": True}, {}, "disabled"),
        ({}, {"enabled": False}, "disabled"),
        ({"disabled": True}, {"enabled": True}, "loaded"),
    ],
)
def test_fields_are_merged_over_both_formats(
    tmp_path: Path, older: dict[str, Any], user: dict[str, Any], state: str
) -> None:
    files = {OLDER: servers(fs=npx("server-x", A="{env:A}") | older), USER: mcp(fs=user) if user else {}}
    (fs,) = installed(collect(tmp_path, files, env={"A": "1"}), CLIENT).values()
    assert (fs.state, fs.server.id, bool(fs.reason)) == (state, "npm:server-x", state != "loaded")
    assert fs.entry.env[0][1].text == "{env:A}"


def test_disabled_is_not_a_word_of_the_new_format(tmp_path: Path) -> None:
    entry = local("{env:PKG}", disabled=True)
    found = installed(collect(tmp_path, {USER: mcp(fs=entry)}, env={"PKG": "server-x"}), CLIENT)["fs"]
    assert (found.state, found.server.id) == ("loaded", "npm:server-x")


def test_folders_up_to_the_git_root(tmp_path: Path) -> None:
    files = {
        PROJECT: mcp(far=local("x"), both=local("far")),
        "sub/kilo.json": mcp(both=local("near")),
        ".git/HEAD": "",
    }
    site = site_of(tmp_path, files)
    (tmp_path / PROJECT).write_text('{"mcp": {"above": {"type": "local", "command": ["x"]}}}')
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert {name: one.server.id for name, one in found.items()} == {"far": "npm:x", "both": "npm:near"}


def test_the_users_broken_file_stops_it_and_a_projects_is_dropped(tmp_path: Path) -> None:
    collected = collect(tmp_path / "a", {USER: "{", PROJECT: mcp(fs=local("x"))})
    assert installed(collected, CLIENT)["fs"].state == "rejected"
    assert any("Kilo Code does not start" in gap.reason for gap in collected.gaps)
    lenient = '{"mcp": {"fs": {"type": "local", "command": ["x"]}, "bad": 5,}} // c'
    collected = collect(tmp_path / "b", {PROJECT: "{", "kilo.jsonc": lenient})
    found = installed(collected, CLIENT)
    assert (found["fs"].reachable, found["bad"].state) == (True, "rejected")
    assert {gap.place.file for gap in collected.gaps} == {PROJECT, "kilo.jsonc"}


CASES: list[tuple[dict[str, Any], Mode, str]] = [
    ({}, "interactive", "ask"),
    ({}, "headless", "unknown"),
    ({}, "bypass", "unknown"),
    ({"fs_*": "allow"}, "headless", "allow"),
    ({"fs_*": "allow", "fs_x": "ask"}, "interactive", "ask"),
    ({"fs_x": "ask"}, "headless", "unknown"),
    ({"fs_x": "allow", "fs_*": "deny"}, "bypass", "deny"),
    ({"fs_y": "deny"}, "interactive", "ask"),
]


@pytest.mark.parametrize(("permission", "mode", "verdict"), CASES)
def test_decisions(tmp_path: Path, permission: dict[str, Any], mode: Mode, verdict: str) -> None:
    collected = collect(tmp_path, {USER: {**mcp(fs=local("x")), "permission": permission}})
    assert decision(collected, CLIENT, "fs", "x", mode).verdict == verdict


def test_the_older_approvals_are_not_trusted(tmp_path: Path) -> None:
    files = {OLDER: servers(fs=npx("x") | {"alwaysAllow": ["x"]})}
    collected = collect(tmp_path / "a", files)
    assert decision(collected, CLIENT, "fs", "x").verdict == "unknown"
    assert decision(collected, CLIENT, "fs", "y").verdict == "ask"
    collected = collect(tmp_path / "b", {**files, USER: {"permission": {"fs_*": "allow"}}})
    assert decision(collected, CLIENT, "fs", "x").verdict == "allow"


def test_files_of_other_clients_do_not_show_it(tmp_path: Path) -> None:
    files = {"opencode.json": mcp(fs=local("x")), ".mcp.json": servers(fs=npx("x"))}
    files["~/.kilocode/cli/global/settings/mcp_settings.json"] = servers(fs=npx("x"))
    files[".opencode/opencode.json"] = files["~/.config/opencode/opencode.json"] = mcp(fs=local("x"))
    assert CLIENT not in {one.agent.id for one in collect(tmp_path, files).agents}
