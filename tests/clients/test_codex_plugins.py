"""Servers of Codex's plugins: what enables them, and what the user's configuration changes."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import collect, decision, installed

CACHE, ON = "~/.codex/plugins/cache/mk/pl/1.0.0/", '[plugins."pl@mk"]\nenabled = true\n'
MANIFEST = {CACHE + ".codex-plugin/plugin.json": {"name": "pl"}}
SERVERS = {CACHE + ".mcp.json": {"mcpServers": {"a": {"command": "npx", "args": ["-y", "server-x"]}}}}


def test_an_enabled_plugin_brings_its_servers_and_says_where_they_stand(tmp_path: Path) -> None:
    files = {"~/.codex/config.toml": ON, **MANIFEST, **SERVERS}
    one = installed(collect(tmp_path, files), "codex")["a"]
    assert (one.server.id, one.level, one.place.file) == ("npm:server-x", "plugin", CACHE + ".mcp.json")


def test_the_configuration_switches_single_servers_and_decides_on_their_tools(tmp_path: Path) -> None:
    own = '[plugins."pl@mk".mcp_servers.a]\n'
    files = {**MANIFEST, **SERVERS}
    off = collect(tmp_path / "off", {**files, "~/.codex/config.toml": ON + own + "enabled = false\n"})
    one = installed(off, "codex")["a"]
    assert (one.state, one.decided.file if one.decided else "") == ("disabled", "~/.codex/config.toml")
    tools = own + 'enabled_tools = ["x"]\ntools.x.approval_mode = "approve"\n'
    limited = collect(tmp_path / "tools", {**files, "~/.codex/config.toml": ON + tools})
    assert decision(limited, "codex", "a", "x", "headless").verdict == "allow"
    assert decision(limited, "codex", "a", "y").verdict == "hidden"


@pytest.mark.parametrize("name", ["../../x@mk", "pl@..", "pl@", "@mk", "pl", "p/l@mk"])
def test_a_name_that_leads_elsewhere_is_not_followed(tmp_path: Path, name: str) -> None:
    config = f'[plugins."{name}"]\nenabled = true\n[mcp_servers.own]\ncommand = "x"\n'
    files = {"~/.codex/config.toml": config, **MANIFEST, **SERVERS}
    assert set(installed(collect(tmp_path, files), "codex")) == {"own"}


@pytest.mark.parametrize("named", ["../../../../../../outside.json", "/outside.json"])
def test_a_manifest_that_leads_out_of_its_plugin_is_not_followed(tmp_path: Path, named: str) -> None:
    manifest: dict[str, Any] = {CACHE + ".codex-plugin/plugin.json": {"name": "pl", "mcpServers": named}}
    outside = {"~/outside.json": {"mcpServers": {"a": {"command": "x"}}}}
    files = {"~/.codex/config.toml": ON, **manifest, **outside}
    assert installed(collect(tmp_path, files), "codex") == {}
