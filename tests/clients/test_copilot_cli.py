"""Copilot CLI: folders up to the git root, trust, switches of the repository, saved approvals."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers, site_of

CLIENT, USER, SETTINGS = "copilot-cli", "~/.copilot/mcp-config.json", "~/.copilot/settings.json"
SHARED, OWN = ".mcp.json", ".github/mcp.json"
FS = servers(fs=npx("server-x"))
TRUST = {"~/.copilot/config.json": '{"trusted_folders": ["@project@"]}'}


def approvals(*listed: dict[str, Any]) -> dict[str, Any]:
    import json

    text = json.dumps({"locations": {"@project@": {"tool_approvals": listed}}})
    return {"~/.copilot/permissions-config.json": text}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "pending"),
        (TRUST, "loaded"),
        ({"~/.copilot/config.json": {"trustedFolders": ["/"]}}, "loaded"),
        ({"~/.copilot/config.json": '{"trustedFolders": ["@project@/sub/.."]}'}, "loaded"),
        ({"~/.copilot/config.json": '{"trustedFolders": ["@project@x"]}'}, "pending"),
        ({SETTINGS: '{"trustedFolders": ["@project@"]}'}, "pending"),
        ({**TRUST, SETTINGS: {"disabledMcpServers": ["fs"], "enabledMcpServers": ["fs"]}}, "disabled"),
        ({**TRUST, "~/.copilot/config.json": {"disabledMcpServers": ["fs"]}}, "pending"),
    ],
)
def test_the_state_of_a_project_server(tmp_path: Path, more: dict[str, Any], state: str) -> None:
    found = installed(collect(tmp_path, {OWN: FS, **more}), CLIENT)["fs"]
    assert (found.state, bool(found.reason)) == (state, state != "loaded")


def test_a_trusted_project_beats_the_user(tmp_path: Path) -> None:
    files = {USER: FS, SHARED: FS}
    found = installed(collect(tmp_path / "a", {**files, **TRUST}), CLIENT)
    assert (found["fs"].level, found["fs (user, shadowed)"].reachable) == ("project", False)
    found = installed(collect(tmp_path / "b", files, as_is=True), CLIENT)
    assert [one.level for one in found.values() if one.reachable] == ["user"]


@pytest.mark.parametrize("name", [".github/copilot/settings.json", ".github/copilot/settings.local.json"])
def test_a_trusted_repository_switches_off_the_users_servers(tmp_path: Path, name: str) -> None:
    files = {USER: FS, name: {"disabledMcpServers": ["fs"]}, ".git/HEAD": "ref"}
    assert installed(collect(tmp_path / "a", {**files, **TRUST}), CLIENT)["fs"].state == "disabled"
    assert installed(collect(tmp_path / "b", files, as_is=True), CLIENT)["fs"].state == "loaded"
    # They count at the git root alone: not in a folder below it, nor outside a repository.
    site = site_of(tmp_path / "c", {USER: FS, f"sub/{name}": files[name], ".git/HEAD": "ref"})
    assert site.project is not None
    below = discover(replace(site, project=site.project / "sub"), Packs.shipped())
    assert installed(below, CLIENT)["fs"].state == "loaded"
    outside = {one: text for one, text in files.items() if one != ".git/HEAD"}
    assert installed(collect(tmp_path / "d", {**outside, **TRUST}), CLIENT)["fs"].state == "loaded"


def test_folders_up_to_the_git_root(tmp_path: Path) -> None:
    files = {
        USER: servers(),
        "sub/deep/.mcp.json": servers(near=npx("near")),
        "sub/.github/mcp.json": servers(near=npx("far"), middle=npx("middle")),
        ".mcp.json": "{",
        ".github/mcp.json": servers(hidden=npx("hidden")),
        ".git/HEAD": "ref",
    }
    site = site_of(tmp_path, files)
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"above": {"command": "x"}}}')
    assert site.project is not None
    inner = replace(site, project=site.project / "sub/deep")
    found = installed(discover(inner, Packs.shipped()), CLIENT)
    assert {name: one.server.id for name, one in found.items() if one.reachable} == {
        "near": "npm:near",
        "middle": "npm:middle",
    }
    assert found["near"].place.file == ".mcp.json"
    assert found["middle"].place.file == "../.github/mcp.json"


def test_without_git_only_the_current_folder_counts(tmp_path: Path) -> None:
    site = site_of(
        tmp_path, {USER: FS, "sub/.mcp.json": servers(near=npx("x")), SHARED: servers(up=npx("x"))}
    )
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert set(found) == {"fs", "near"}


@pytest.mark.parametrize(
    "text",
    [
        '{"mcpServers": {"fs": {"command": "x"}}, /* c */ "a": 1}',
        '{"mcpServers": {"fs": {"command": "x"},}}',
        b'\xef\xbb\xbf{"mcpServers": {"fs": {"command": "x"}}}',
    ],
)
def test_project_files_are_strict_and_user_files_are_not(tmp_path: Path, text: Any) -> None:
    collected = collect(tmp_path / "a", {SHARED: text, **TRUST})
    assert installed(collected, CLIENT) == {}
    assert [(gap.kind, gap.client) for gap in collected.gaps if gap.client == CLIENT] == [("ignored", CLIENT)]
    assert "Copilot CLI ignores" in collected.gaps[-1].reason
    assert installed(collect(tmp_path / "b", {USER: text}), CLIENT)["fs"].reachable


@pytest.mark.parametrize("text", ["{", "", "{}", '{"fs": {"command": "x"}}', '{"mcpServers": []}'])
def test_a_user_file_without_servers_stops_the_client(tmp_path: Path, text: str) -> None:
    collected = collect(tmp_path, {USER: text, OWN: FS, **TRUST})
    assert installed(collected, CLIENT)["fs"].state == "rejected"
    assert any("Copilot CLI does not start" in gap.reason for gap in collected.gaps)


def test_shapes_of_entries(tmp_path: Path) -> None:
    flat = {
        "one": npx("one"),
        "bad": {"command": 5},
        "remote": {"url": "https://a.example/mcp", "disabled": True, "enabled": False},
        "variable": {"url": "https://${HOST}/mcp"},
        "only-variable": {"url": "${ADDRESS}"},
        "type": {"command": "x", "type": "odd"},
        "args": {"command": "x", "args": "y"},
        "tools": {"command": "x", "tools": "*"},
        "servers": {"not": npx("two")},
    }
    found = installed(collect(tmp_path, {SHARED: flat, **TRUST}, env={"HOST": "b.example"}), CLIENT)
    assert {name: one.state for name, one in found.items()} == {
        "one": "loaded",
        "bad": "rejected",
        "remote": "loaded",
        "variable": "loaded",
        "only-variable": "rejected",
        "type": "rejected",
        "args": "rejected",
        "tools": "rejected",
    }
    assert found["remote"].server.transport == "http"
    assert found["type"].reason.endswith("a type that it does not know")


def test_variables_in_env_and_headers_only(tmp_path: Path) -> None:
    entry = npx("server-x", "$A", KEY="${A}-${B:-d}-$C")
    found = installed(collect(tmp_path, {USER: servers(x=entry)}, env={"A": "1"}), CLIENT)["x"]
    assert found.entry.args[-1].text == "$A"
    assert (found.entry.env[0][1].text, found.entry.env[0][1].unexpanded) == ("1-d-$C", ("$C",))


MCP = {"kind": "mcp", "serverName": "fs"}
CASES: list[tuple[dict[str, Any], list[dict[str, Any]], Mode, str]] = [
    ({}, [], "interactive", "ask"),
    ({}, [], "headless", "deny"),
    ({}, [], "bypass", "allow"),
    ({}, [{**MCP, "toolName": None}], "headless", "allow"),
    ({}, [{**MCP, "toolName": "x"}], "interactive", "allow"),
    ({}, [{**MCP, "toolName": "y"}], "interactive", "ask"),
    ({}, [{**MCP, "serverName": "other"}], "interactive", "ask"),
    ({}, [{**MCP, "kind": "mcp-sampling"}], "interactive", "ask"),
    ({"tools": ["*"]}, [], "interactive", "ask"),
    ({"tools": ["x"]}, [], "interactive", "ask"),
    ({"tools": ["y"]}, [MCP], "interactive", "hidden"),
    ({"tools": []}, [MCP], "bypass", "hidden"),
]


@pytest.mark.parametrize(("entry", "listed", "mode", "verdict"), CASES)
def test_decisions(
    tmp_path: Path, entry: dict[str, Any], listed: list[dict[str, Any]], mode: Mode, verdict: str
) -> None:
    collected = collect(tmp_path, {USER: servers(fs=npx("server-x") | entry), **approvals(*listed)})
    found = decision(collected, CLIENT, "fs", "x", mode, read_only=True)
    assert found.verdict == verdict
    assert (found.rule is not None) == (verdict == "allow" and mode != "bypass")


def test_bypass_can_be_barred(tmp_path: Path) -> None:
    files = {USER: FS, SETTINGS: {"permissions": {"disableBypassPermissionsMode": "disable"}}}
    collected = collect(tmp_path, files)
    assert decision(collected, CLIENT, "fs", "x", "bypass").verdict == "ask"
    assert decision(collected, CLIENT, "", "bash", "bypass").verdict == "ask"
    assert decision(collected, CLIENT, "", "view").verdict == "allow"


def test_a_shared_file_alone_does_not_show_the_client(tmp_path: Path) -> None:
    collected = collect(tmp_path, {SHARED: FS})
    assert CLIENT not in {one.agent.id for one in collected.agents}
