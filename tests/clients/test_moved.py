"""Variables by which clients move their files, and files that several clients share."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.site import Site
from tests.installation import collect, installed, npx, servers, site_of

A, B = servers(a=npx("here")), servers(a=npx("there"))
OPENCODE = {"mcp": {"a": {"type": "local", "command": ["npx", "there"]}}}
MOVED: list[tuple[str, dict[str, str], str]] = [
    ("claude-code", {"CLAUDE_CONFIG_DIR": "/opt/x"}, "/opt/x/.claude.json"),
    ("copilot-cli", {"COPILOT_HOME": "/opt/x/"}, "/opt/x/mcp-config.json"),
    ("gemini-cli", {"GEMINI_CLI_HOME": "/opt/x"}, "/opt/x/.gemini/settings.json"),
    ("qwen-code", {"QWEN_HOME": "/opt/x"}, "/opt/x/settings.json"),
    ("qwen-code", {"QWEN_CODE_SYSTEM_SETTINGS_PATH": "/opt/x/q.json"}, "/opt/x/q.json"),
    ("vscode", {"VSCODE_PORTABLE": "/opt/x"}, "/opt/x/user-data/User/mcp.json"),
    ("vscode", {"XDG_CONFIG_HOME": "/opt/x"}, "/opt/x/Code/User/mcp.json"),
    ("claude-desktop", {"XDG_CONFIG_HOME": "/opt/x"}, "/opt/x/Claude/claude_desktop_config.json"),
    ("opencode", {"XDG_CONFIG_HOME": "/opt/x"}, "/opt/x/opencode/opencode.json"),
]


@pytest.mark.parametrize(("client", "env", "file"), MOVED)
def test_a_variable_moves_the_files(tmp_path: Path, client: str, env: dict[str, str], file: str) -> None:
    contents: Any = {"opencode": OPENCODE, "vscode": {"servers": B["mcpServers"]}}
    left = {"~/.claude.json": A, "~/.copilot/mcp-config.json": A, "~/.gemini/settings.json": A}
    collected = collect(tmp_path, {**left, file: contents.get(client, B)}, env=env)
    one = installed(collected, client)["a"]
    assert (one.server.id, one.place.file) == ("npm:there", file)


def test_codex_and_a_path_below_the_home(tmp_path: Path) -> None:
    text = '[mcp_servers.a]\ncommand = "npx"\nargs = ["there"]\n'
    site = site_of(tmp_path, {"~/own/config.toml": text})
    assert site.home is not None
    moved = Site(site.project, site.home, Path("/"), "linux", {"CODEX_HOME": str(site.home / "own")})
    one = installed(discover(moved, Packs.shipped()), "codex")["a"]
    assert (one.server.id, one.place.file) == ("npm:there", "~/own/config.toml")


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_a_value_that_is_no_absolute_path_moves_nothing(tmp_path: Path, value: str) -> None:
    collected = collect(tmp_path, {"~/.claude.json": A}, env={"CLAUDE_CONFIG_DIR": value})
    assert installed(collected, "claude-code")["a"].place.file == "~/.claude.json"


SHARED = {".mcp.json": A}


def clients(tmp_path: Path, files: dict[str, Any], *, home: bool) -> set[str]:
    site = site_of(tmp_path, files)
    site = site if home else Site(site.project, None, None, "linux")
    return {one.agent.client for one in discover(site, Packs.shipped()).agents}


def test_without_a_home_a_shared_file_is_loaded_by_all_its_readers(
    tmp_path: Path,
) -> None:
    assert clients(tmp_path, SHARED, home=False) == {"claude-code", "copilot-cli", "qwen-code", "vscode"}


@pytest.mark.parametrize(
    ("trace", "client"),
    [
        ("~/.copilot/logs/x", "copilot-cli"),
        ("~/.qwen/tmp/x", "qwen-code"),
        ("~/.config/Code/x", "vscode"),
    ],
)
def test_a_home_tells_which_of_its_readers_there_are(tmp_path: Path, trace: str, client: str) -> None:
    assert clients(tmp_path / "without", SHARED, home=True) == {"claude-code"}
    assert clients(tmp_path / "with", {**SHARED, trace: ""}, home=True) == {"claude-code", client}


@pytest.mark.parametrize("drop", ['{"mcpServers": {}} // no', '{"mcpServers": {},}', b"\xef\xbb\xbf{}"])
def test_vs_code_reads_the_shared_file_as_strict_json(tmp_path: Path, drop: Any) -> None:
    own = {".vscode/mcp.json": {"servers": {"b": npx("other")}}}
    collected = collect(tmp_path, {**own, ".mcp.json": drop})
    assert set(installed(collected, "vscode")) == {"b"}
    assert [gap.kind for gap in collected.gaps if gap.client == "vscode"] == ["ignored"]


def test_vs_code_takes_its_own_entry_first_and_expands_nothing_in_the_shared_file(tmp_path: Path) -> None:
    shared = servers(a=npx("shared"), c=npx("${env:WHICH}"))
    own = {"servers": {"a": npx("own"), "b": npx("${env:WHICH}")}}
    found = installed(
        collect(tmp_path, {".vscode/mcp.json": own, ".mcp.json": shared}, env={"WHICH": "known"}), "vscode"
    )
    reachable = {name: one.server.id for name, one in found.items() if one.reachable}
    assert reachable == {"a": "npm:own", "b": "npm:known", "c": "npm:${env:which}"}


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ({"cursor-global": True, "claude-desktop": False}, {"c"}),
        ({"claude-desktop": True, "windsurf": True}, {"d", "w"}),
        (True, {"c", "d", "p", "w"}),
        (False, set()),
    ],
)
def test_vs_code_borrows_the_servers_of_other_clients(tmp_path: Path, setting: Any, names: set[str]) -> None:
    files = {
        ".vscode/mcp.json": {"servers": {}},
        ".vscode/settings.json": {"chat.mcp.discovery.enabled": setting},
        "~/.cursor/mcp.json": servers(c=npx("x")),
        ".cursor/mcp.json": servers(p=npx("x")),
        "~/.config/Claude/claude_desktop_config.json": servers(d=npx("x")),
        "~/.codeium/windsurf/mcp_config.json": servers(w=npx("x")),
    }
    assert set(installed(collect(tmp_path, files), "vscode")) == names
