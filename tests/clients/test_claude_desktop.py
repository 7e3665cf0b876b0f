"""Claude Desktop's extensions."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import collect, installed, npx, servers

CLAUDE = "~/.config/Claude/"
BUNDLE = CLAUDE + "Claude Extensions/acme.files/"
SETTINGS = CLAUDE + "Claude Extensions Settings/acme.files.json"
CONFIG = {"command": "node", "args": ["${__dirname}/server/index.js", "${user_config.folder}", "${HOME}/x"]}


def manifest(**config: Any) -> dict[str, Any]:
    return {"name": "files", "server": {"type": "node", "mcp_config": CONFIG | config}}


def test_an_extension_is_an_installation(tmp_path: Path) -> None:
    files = {BUNDLE + "manifest.json": manifest()}
    found = installed(collect(tmp_path, files), "claude-desktop")["files"]
    assert (found.level, found.state) == ("extension", "loaded")
    assert found.server.id == f"path:{BUNDLE}server/index.js"
    assert [word.text for word in found.entry.server_args()] == [
        "${user_config.folder}",
        f"{tmp_path}/home/x",
    ]
    assert found.entry.args[1].unexpanded == ("${user_config.folder}",)


@pytest.mark.parametrize(
    ("settings", "state"),
    [({"isEnabled": False}, "disabled"), ({"isEnabled": True}, "loaded"), ({}, "loaded"), ("{", "loaded")],
)
def test_its_settings_switch_it_off(tmp_path: Path, settings: Any, state: str) -> None:
    files = {BUNDLE + "manifest.json": manifest(), SETTINGS: settings}
    assert installed(collect(tmp_path, files), "claude-desktop")["files"].state == state


def test_what_its_user_chose_is_filled_in(tmp_path: Path) -> None:
    files = {BUNDLE + "manifest.json": manifest(), SETTINGS: {"userConfig": {"folder": "/data"}}}
    found = installed(collect(tmp_path, files), "claude-desktop")["files"]
    assert (found.entry.args[1].text, found.entry.args[1].known) == ("/data", True)


@pytest.mark.parametrize(("platform", "command"), [("linux", "node"), ("macos", "bun")])
def test_another_platform_has_its_own_command(tmp_path: Path, platform: Any, command: str) -> None:
    base = CLAUDE if platform == "linux" else "~/Library/Application Support/Claude/"
    path = base + "Claude Extensions/acme.files/manifest.json"
    files = {path: manifest(platform_overrides={"darwin": {"command": "bun"}})}
    found = installed(collect(tmp_path, files, platform=platform), "claude-desktop")["files"]
    assert (found.entry.command, len(found.entry.args)) == (command, 3)


def test_a_bundle_without_a_server_is_a_gap_and_hides_no_other(tmp_path: Path) -> None:
    files = {
        BUNDLE + "manifest.json": {"name": "files"},
        CLAUDE + "Claude Extensions/broken/manifest.json": "{",
        CLAUDE + "claude_desktop_config.json": servers(fs=npx("x")),
    }
    collected = collect(tmp_path, files)
    assert set(installed(collected, "claude-desktop")) == {"fs"}
    assert [gap.kind for gap in collected.gaps] == ["wrong-type", "malformed"]
