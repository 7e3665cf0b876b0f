"""Cursor, VS Code, Cody and Claude Desktop: files by platform, states, and decisions."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, installed, npx, servers

FS = servers(fs=npx("server-x"))
USERDATA = {
    "linux": "~/.config/",
    "macos": "~/Library/Application Support/",
    "windows": "~/AppData/Roaming/",
}


@pytest.mark.parametrize("platform", ["linux", "macos", "windows"])
def test_user_files_on_every_platform(tmp_path: Path, platform: Any) -> None:
    data = USERDATA[platform]
    files = {
        f"{data}Claude/claude_desktop_config.json": FS,
        f"{data}Code/User/mcp.json": {"servers": FS["mcpServers"]},
        f"{data}Code/User/settings.json": {"cody.mcpServers": FS["mcpServers"]},
        "~/.cursor/mcp.json": FS,
    }
    collected = collect(tmp_path, files, platform=platform)
    assert [one.agent.id for one in collected.agents] == ["claude-desktop", "cursor", "cody", "vscode"]
    for one in collected.agents:
        assert installed(collected, one.agent.id)["fs"].level == "user"


def test_user_files_are_not_read_without_a_home(tmp_path: Path) -> None:
    from dataclasses import replace

    from mcpaudit.clients.discover import discover
    from mcpaudit.knowledge.pack import Packs
    from tests.installation import site_of

    site = replace(
        site_of(tmp_path, {"~/.cursor/mcp.json": FS, ".vscode/mcp.json": {"servers": {}}}), home=None
    )
    assert [one.agent.id for one in discover(site, Packs.shipped()).agents] == ["vscode"]


def test_cursor_loads_equal_names_of_both_levels(tmp_path: Path) -> None:
    files = {".cursor/mcp.json": FS, "~/.cursor/mcp.json": servers(fs=npx("server-y"))}
    found = installed(collect(tmp_path, files), "cursor")
    assert {name: (one.server.id, one.reachable) for name, one in found.items()} == {
        "fs": ("npm:server-x", True),
        "fs (user)": ("npm:server-y", True),
    }


CURSOR: list[tuple[dict[str, Any], Mode, str, str | None]] = [
    ({}, "interactive", "ask", None),
    ({}, "headless", "deny", None),
    ({}, "bypass", "allow", None),
    ({"~/.cursor/permissions.json": {"mcpAllowlist": ["fs:x"]}}, "headless", "allow", "fs:x"),
    ({".cursor/permissions.json": '{"mcpAllowlist": ["FS:*",] /* c */}'}, "interactive", "allow", "FS:*"),
    ({".cursor/permissions.json": {"mcpAllowlist": ["*:*"]}}, "interactive", "allow", "*:*"),
    ({".cursor/permissions.json": {"mcpAllowlist": ["fs:y", "other:x"]}}, "interactive", "ask", None),
    ({".cursor/permissions.json": {"mcpAllowlist": ["fs", "*"]}}, "interactive", "ask", None),
    ({".cursor/permissions.json": {"mcpAllowlist": ["Mcp(fs:x)"]}}, "interactive", "ask", None),
    ({".cursor/permissions.json": {"autoRun": True}}, "interactive", "allow", None),
    ({".cursor/permissions.json": {"autoRun": False}}, "interactive", "ask", None),
    ({".cursor/cli.json": {"permissions": {"allow": ["Mcp(fs:x)"]}}}, "interactive", "allow", "fs:x"),
    ({".cursor/cli.json": {"permissions": {"allow": ["fs:x"]}}}, "interactive", "ask", None),
    (
        {".cursor/cli.json": {"permissions": {"deny": ["Mcp(fs:*)"], "allow": ["Mcp(fs:x)"]}}},
        "bypass",
        "deny",
        "fs:*",
    ),
    (
        {
            "~/.cursor/cli-config.json": {"permissions": {"deny": ["Mcp(fs:x)"]}},
            ".cursor/permissions.json": {"mcpAllowlist": ["fs:x"], "autoRun": True},
        },
        "interactive",
        "deny",
        "fs:x",
    ),
]


@pytest.mark.parametrize(("files", "mode", "verdict", "won"), CURSOR)
def test_cursor(tmp_path: Path, files: dict[str, Any], mode: Mode, verdict: str, won: str | None) -> None:
    found = decision(collect(tmp_path, {".cursor/mcp.json": FS, **files}), "cursor", "fs", "x", mode)
    assert (found.verdict, found.rule.pattern if found.rule else None) == (verdict, won)


def test_cursor_hides_what_its_entry_leaves_out(tmp_path: Path) -> None:
    files = {".cursor/mcp.json": servers(fs=npx("server-x") | {"enabledTools": ["y"]})}
    assert decision(collect(tmp_path, files), "cursor", "fs", "x", "bypass").verdict == "hidden"


def test_cursor_rules_without_a_colon_say_why_they_do_nothing(tmp_path: Path) -> None:
    rules = {
        ".cursor/permissions.json": {"mcpAllowlist": ["fs"]},
        ".cursor/cli.json": {"permissions": {"deny": ["Mcp(fs)"]}},
    }
    found = agent(collect(tmp_path, {".cursor/mcp.json": FS, **rules}), "cursor").rules
    assert [(rule.effective, rule.problem) for rule in found] == [
        (False, "an entry without a colon never matches")
    ] * 2


SETTINGS = ".vscode/settings.json"
EVERYTHING = {"chat.tools.global.autoApprove": True}
VSCODE: list[tuple[dict[str, Any], dict[str, Any], dict[str, bool], Mode, str]] = [
    ({}, {}, {}, "interactive", "ask"),
    ({}, {}, {}, "headless", "deny"),
    ({}, {}, {}, "bypass", "allow"),
    ({}, {}, {"read_only": True}, "headless", "allow"),
    ({}, {}, {"read_only": False}, "interactive", "ask"),
    ({"sandboxEnabled": True}, {}, {}, "interactive", "allow"),
    ({"sandboxEnabled": False}, {}, {}, "interactive", "ask"),
    ({}, {SETTINGS: EVERYTHING}, {}, "interactive", "allow"),
    ({}, {"~/.config/Code/User/settings.json": EVERYTHING}, {}, "interactive", "allow"),
    ({}, {SETTINGS: {"chat.tools.global.autoApprove": "yes"}}, {}, "interactive", "ask"),
]


@pytest.mark.parametrize(("entry", "files", "hints", "mode", "verdict"), VSCODE)
def test_vscode(
    tmp_path: Path,
    entry: dict[str, Any],
    files: dict[str, Any],
    hints: dict[str, bool],
    mode: Mode,
    verdict: str,
) -> None:
    files = {".vscode/mcp.json": {"servers": {"fs": npx("server-x") | entry}}, **files}
    assert decision(collect(tmp_path, files), "vscode", "fs", "x", mode, **hints).verdict == verdict


def test_vscode_reads_its_old_places_and_comments(tmp_path: Path) -> None:
    files = {
        ".vscode/mcp.json": '{"servers": {"a": {"command": "x"},} /* c */}',
        SETTINGS: {"mcp": {"servers": {"b": {"command": "x"}}}},
        "~/.config/Code/User/settings.json": {"mcp.servers": {"a": {"command": "y"}, "c": {"command": "x"}}},
    }
    collected = collect(tmp_path, files)
    found = installed(collected, "vscode")
    assert {name: one.level for name, one in found.items()} == {
        "a": "workspace",
        "b": "workspace",
        "c": "user",
        "a (user, shadowed)": "user",
    }
    assert collected.gaps == ()


def test_vscode_expands_its_own_variables(tmp_path: Path) -> None:
    args = ["${workspaceFolder}/a", "${env:X}", "${input:token}", "${userHome}/b"]
    files = {
        ".vscode/mcp.json": {
            "servers": {"a": {"command": "node", "args": args, "cwd": "${workspaceFolder}/c"}}
        }
    }
    found = installed(collect(tmp_path, files, env={"X": "y"}), "vscode")["a"]
    project, home = tmp_path / "project", tmp_path / "home"
    assert [word.text for word in found.entry.args] == [f"{project}/a", "y", "${input:token}", f"{home}/b"]
    assert [word.known for word in found.entry.args] == [True, True, False, True]
    assert found.entry.cwd == f"{project}/c"


def test_settings_of_an_editor_alone_are_no_agent(tmp_path: Path) -> None:
    assert collect(tmp_path, {SETTINGS: {"editor.tabSize": 2}}).agents == ()


def test_cody_asks_nobody(tmp_path: Path) -> None:
    entries = {"fs": npx("server-x"), "off": npx("server-y") | {"disabled": True}}
    collected = collect(tmp_path, {SETTINGS: {"cody.mcpServers": entries}})
    assert {name: one.state for name, one in installed(collected, "cody").items()} == {
        "fs": "loaded",
        "off": "disabled",
    }
    for mode in ("interactive", "headless", "bypass"):
        assert decision(collected, "cody", "fs", "x", mode).verdict == "allow"
    assert decision(collected, "cody", "", "cliTool").verdict == "ask"


def test_claude_desktop_asks_and_may_have_been_told_not_to(tmp_path: Path) -> None:
    collected = collect(tmp_path, {"~/.config/Claude/claude_desktop_config.json": FS})
    found = decision(collected, "claude-desktop", "fs", "x", "headless")
    assert (found.verdict, found.certainty) == ("ask", "possible")


@pytest.mark.parametrize(
    ("client", "file", "text"),
    [
        ("claude-desktop", "~/.config/Claude/claude_desktop_config.json", "{"),
        ("cursor", ".cursor/mcp.json", '{"mcpServers": '),
        ("vscode", ".vscode/mcp.json", "nonsense"),
    ],
)
def test_a_broken_file_is_a_gap_and_the_client_is_named(
    tmp_path: Path, client: str, file: str, text: str
) -> None:
    collected = collect(tmp_path, {file: text})
    assert [one.agent.id for one in collected.agents] == [client]
    (gap,) = collected.gaps
    assert (gap.kind, gap.place.file, gap.client, gap.line > 0) == ("malformed", file, client, True)


def test_one_bad_entry_hides_no_neighbour(tmp_path: Path) -> None:
    entries = servers(bad=[1], worse=None, empty={}, fs=npx("server-x"), url={"url": 5}, nowhere={"url": "x"})
    collected = collect(tmp_path, {".cursor/mcp.json": entries})
    found = installed(collected, "cursor")
    assert [name for name, one in found.items() if one.reachable] == ["fs"]
    named = {gap.place.route[1] for gap in collected.gaps}
    assert named == {"bad", "worse", "empty", "url", "nowhere"}
    assert all(one.reason for name, one in found.items() if name != "fs")


def test_the_home_as_a_project_is_read_once(tmp_path: Path) -> None:
    from dataclasses import replace

    from mcpaudit.clients.discover import discover
    from mcpaudit.knowledge.pack import Packs
    from tests.installation import site_of

    toml = '[mcp_servers.fs]\ncommand = "x"\n'
    files = {"~/.cursor/mcp.json": FS, "~/.codex/config.toml": toml, "~/.gemini/settings.json": FS}
    site = site_of(tmp_path, files)
    collected = discover(replace(site, project=site.home), Packs.shipped())
    for client in ("cursor", "codex", "gemini-cli"):
        assert [(name, one.level) for name, one in installed(collected, client).items()] == [("fs", "user")]
