"""Claude Code: which servers load, in which state, and what its rules decide."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import collect, installed, npx, servers

USER, LOCAL, MANAGED = "~/.claude.json", "~/.claude.json", "/etc/claude-code/"
ONE = servers(fs=npx("server-x@1.0.0"))


def trusted(**more: Any) -> dict[str, Any]:
    return {"projects": {"@project@": {"hasTrustDialogAccepted": True, **more}}}


def states(folder: Path, files: dict[str, Any], **more: Any) -> dict[str, str]:
    return {name: one.state for name, one in installed(collect(folder, files, **more), "claude-code").items()}


@pytest.mark.parametrize(
    ("platform", "managed"),
    [
        ("linux", "/etc/claude-code/managed-mcp.json"),
        ("macos", "/Library/Application Support/ClaudeCode/managed-mcp.json"),
        ("windows", "/Program Files/ClaudeCode/managed-mcp.json"),
    ],
)
def test_levels_on_every_platform(tmp_path: Path, platform: Any, managed: str) -> None:
    local = {"projects": {"@project@": {"mcpServers": {"c": npx("c")}}}, "mcpServers": {"b": npx("b")}}
    files = {".mcp.json": servers(a=npx("a")), "~/.claude.json": local}
    found = installed(collect(tmp_path / "x", files, platform=platform), "claude-code")
    assert {name: one.level for name, one in found.items()} == {"a": "project", "b": "user", "c": "local"}
    files[managed] = servers(d=npx("d"))
    found = installed(collect(tmp_path / "y", files, platform=platform), "claude-code")
    assert {name for name, one in found.items() if one.state == "loaded"} == {"d"}
    assert found["a"].state == "blocked"
    assert found["a"].reason == "managed-mcp.json gives an exclusive set of servers"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, "pending"),
        # What counts without trust: the user's own settings.
        ({"~/.claude/settings.json": {"enabledMcpjsonServers": ["fs"]}}, "loaded"),
        ({"~/.claude/settings.json": {"enableAllProjectMcpServers": True}}, "loaded"),
        # The old place moves to the local settings, and counts as they do.
        ({USER: {"projects": {"@project@": {"enabledMcpjsonServers": ["fs"]}}}}, "pending"),
        ({USER: trusted(enabledMcpjsonServers=["fs"])}, "loaded"),
        ({MANAGED + "managed-settings.json": {"enableAllProjectMcpServers": True}}, "loaded"),
        # Approvals that a repository brings along count in a trusted folder only.
        ({".claude/settings.json": {"enabledMcpjsonServers": ["fs"]}}, "pending"),
        ({".claude/settings.local.json": {"enableAllProjectMcpServers": True}}, "pending"),
        ({".claude/settings.json": {"enabledMcpjsonServers": ["fs"]}, USER: trusted()}, "loaded"),
        ({".claude/settings.local.json": {"enableAllProjectMcpServers": True}, USER: trusted()}, "loaded"),
        ({".claude/settings.json": {"enabledMcpjsonServers": ["other"]}, USER: trusted()}, "pending"),
        # Rejections count from everywhere and beat approvals.
        ({".claude/settings.json": {"disabledMcpjsonServers": ["fs"]}}, "rejected"),
        (
            {
                "~/.claude/settings.json": {"enableAllProjectMcpServers": True},
                ".claude/settings.json": {"disabledMcpjsonServers": ["fs"]},
            },
            "rejected",
        ),
        ({USER: trusted(disabledMcpServers=["fs"])}, "disabled"),
        # A settings file that is not strict JSON is ignored whole, and its approvals with it.
        ({"~/.claude/settings.json": '{"enabledMcpjsonServers": ["fs"],}'}, "pending"),
        ({"~/.claude/settings.json": '// x\n{"enabledMcpjsonServers": ["fs"]}'}, "pending"),
        ({"~/.claude/settings.json": '\ufeff{"enabledMcpjsonServers": ["fs"]}'}, "loaded"),
        # A broken managed file leaves no servers at all.
        ({MANAGED + "managed-mcp.json": "{"}, "blocked"),
        ({MANAGED + "managed-mcp.json": {"mcpServers": {}}}, "blocked"),
    ],
)
def test_the_state_of_a_project_server(tmp_path: Path, files: dict[str, Any], state: str) -> None:
    found = installed(collect(tmp_path, {".mcp.json": ONE, **files}), "claude-code")["fs"]
    assert found.state == state
    assert bool(found.reason) == (state != "loaded")
    assert found.reachable == (state in ("loaded", "pending"))
    assert found.assumed == (state == "pending")


def test_a_pending_server_is_not_reached_as_is(tmp_path: Path) -> None:
    assert not installed(collect(tmp_path, {".mcp.json": ONE}, as_is=True), "claude-code")["fs"].reachable


@pytest.mark.parametrize("name", ["workspace", "computer-use", "claude-in-chrome"])
def test_reserved_names_are_rejected(tmp_path: Path, name: str) -> None:
    found = installed(collect(tmp_path, {USER: servers(**{name: npx("x")})}), "claude-code")[name]
    assert (found.state, found.reason) == ("rejected", "Claude Code reserves this name for itself")


def test_a_url_needs_a_type(tmp_path: Path) -> None:
    url = "https://mcp.acme.example"
    files = {USER: servers(a={"url": url}, b={"url": url, "type": "http"}, c={"url": url, "command": "x"})}
    found = installed(collect(tmp_path, files), "claude-code")
    assert [found[name].state for name in "abc"] == ["rejected", "loaded", "loaded"]
    assert "no `type`" in found["a"].reason
    assert [found[name].server.transport for name in "bc"] == ["http", "stdio"]


def test_a_url_that_a_variable_gives_is_unknown_and_no_mistake(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: servers(a={"url": "${MCP_URL}", "type": "http"})})
    found = installed(collected, "claude-code")["a"]
    assert (found.state, found.server.id, found.reachable) == ("loaded", "url:${MCP_URL}", True)
    assert collected.gaps == ()


APPROVED = {"~/.claude/settings.json": {"enableAllProjectMcpServers": True}}


@pytest.mark.parametrize(
    ("more", "as_is", "winner"),
    [
        (APPROVED, False, "project"),
        (APPROVED, True, "project"),
        ({}, False, "project"),  # judged as once it is approved
        ({}, True, "user"),  # pending, so the user's own stays active
        ({".claude/settings.json": {"disabledMcpjsonServers": ["fs"]}}, False, "user"),
    ],
)
def test_who_wins_a_name(tmp_path: Path, more: dict[str, Any], as_is: bool, winner: str) -> None:
    files = {".mcp.json": ONE, USER: servers(fs=npx("server-y")), **more}
    found = installed(collect(tmp_path, files, as_is=as_is), "claude-code")
    assert len(found) == 2
    assert found["fs"].level == winner
    assert [one.level for one in found.values() if one.reachable] == [winner]


def test_local_beats_both_and_says_so(tmp_path: Path) -> None:
    own = {"projects": {"@project@": ONE}, **servers(fs=npx("server-y"))}
    found = installed(collect(tmp_path, {".mcp.json": ONE, USER: own, **APPROVED}), "claude-code")
    assert set(found) == {"fs", "fs (project, shadowed)", "fs (user, shadowed)"}
    winner = found.pop("fs")
    assert winner.level == "local"
    assert [place.file for place in winner.shadows] == [".mcp.json", "~/.claude.json"]
    assert {one.shadowed_by for one in found.values()} == {winner.place}
    assert not any(one.reachable for one in found.values())


def test_the_secrets_of_a_shadowed_entry_stay_its_own(tmp_path: Path) -> None:
    token = {"SLACK_BOT_TOKEN": "xoxb-000000000000-abcdefghijkl"}
    files = {".mcp.json": servers(s=npx("server-x")), USER: servers(s=npx("server-x", **token)), **APPROVED}
    credentials = collect(tmp_path, files).credentials
    assert [one.holder for one in credentials] == ["claude-code/s (user, shadowed)"]


def gaps(folder: Path, files: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(gap.kind, str(gap.place), gap.reason) for gap in collect(folder, files).gaps]


def test_broken_files_are_gaps_and_hide_no_other(tmp_path: Path) -> None:
    files = {".mcp.json": '{"mcpServers": {', ".claude/settings.json": '{"permissions": {},}', USER: ONE}
    collected = collect(tmp_path, files)
    assert [(gap.kind, gap.place.file, bool(gap.line)) for gap in collected.gaps] == [
        ("ignored", ".claude/settings.json", True),
        ("malformed", ".mcp.json", True),
    ]
    assert "fs" in installed(collected, "claude-code")


def test_wrong_types_are_gaps_with_their_place(tmp_path: Path) -> None:
    entries = servers(
        a=7, b={"command": 5}, c={"command": "npx", "args": "x"}, d={"command": "x", "env": {"A": []}}
    )
    entries["mcpServers"]["ok"] = npx("server-x")
    collected = collect(tmp_path, {USER: entries})
    places = {str(gap.place): gap.reason for gap in collected.gaps if gap.kind == "wrong-type"}
    base = "~/.claude.json / mcpServers / "
    assert (
        places[base + "a"]
        == "mcpServers.a should be an object that describes a server, but is a whole number"
    )
    assert base + "b / command" in places
    assert places[base + "c / args"] == "mcpServers.c.args should be a list, but is a string"
    assert base + "d / env / A" in places
    found = installed(collected, "claude-code")
    assert {name: one.state for name, one in found.items()} == {
        "a": "rejected",
        "b": "rejected",
        "c": "rejected",
        "d": "rejected",
        "ok": "loaded",
    }


def test_servers_in_settings_are_said(tmp_path: Path) -> None:
    files = {"~/.claude/settings.json": ONE}
    assert [(kind, place) for kind, place, _ in gaps(tmp_path, files)] == [
        ("ignored", "~/.claude/settings.json / mcpServers")
    ]


def test_duplicate_keys_are_said(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"command": "x"},\n "a": {"command": "y"}}}'
    (gap,) = collect(tmp_path, {".mcp.json": text}).gaps
    assert (gap.kind, gap.line, gap.place.on_key) == ("duplicate-key", 2, True)


def test_nothing_of_it_means_no_agent(tmp_path: Path) -> None:
    assert [one.agent.id for one in collect(tmp_path, {".mcp.toml": "", "README.md": "x"}).agents] == []
