"""Every state that a file gives a server names the place that gave it."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.place import Route
from tests.installation import installed, npx, servers, site_of

A = servers(a=npx("server-x"))
OPEN = {"security": {"folderTrust": {"enabled": False}}}
TOML = '[mcp_servers.a]\ncommand = "npx"\n'
LOCAL = {"type": "local", "command": ["npx", "server-x"]}
# The client, its files, the state, and where that was said.
CASES: list[tuple[str, dict[str, Any], str, tuple[str, Route]]] = [
    (
        "claude-code",
        {".mcp.json": A, "~/.claude/settings.json": {"enabledMcpjsonServers": ["b", "a"]}},
        "loaded",
        ("~/.claude/settings.json", ("enabledMcpjsonServers", 1)),
    ),
    (
        "claude-code",
        {".mcp.json": A, "~/.claude/settings.json": {"enableAllProjectMcpServers": True}},
        "loaded",
        ("~/.claude/settings.json", ("enableAllProjectMcpServers",)),
    ),
    (
        "claude-code",
        {".mcp.json": A, ".claude/settings.json": {"disabledMcpjsonServers": ["a"]}},
        "rejected",
        (".claude/settings.json", ("disabledMcpjsonServers", 0)),
    ),
    (
        "claude-code",
        {"~/.claude.json": A, "/etc/claude-code/managed-settings.json": {"allowedMcpServers": []}},
        "blocked",
        ("/etc/claude-code/managed-settings.json", ("allowedMcpServers",)),
    ),
    (
        "codex",
        {"~/.codex/config.toml": TOML + "enabled = false\n"},
        "disabled",
        ("~/.codex/config.toml", ("mcp_servers", "a", "enabled")),
    ),
    (
        "codex",
        {"~/.codex/config.toml": TOML, "/etc/codex/requirements.toml": "[mcp_servers]\n"},
        "blocked",
        ("/etc/codex/requirements.toml", ("mcp_servers",)),
    ),
    (
        "gemini-cli",
        {"~/.gemini/settings.json": {**OPEN, **A, "mcp": {"excluded": ["a"]}}},
        "disabled",
        ("~/.gemini/settings.json", ("mcp", "excluded", 0)),
    ),
    (
        "gemini-cli",
        {"~/.gemini/settings.json": {**OPEN, **A, "mcp": {"allowed": ["b"]}}},
        "disabled",
        ("~/.gemini/settings.json", ("mcp", "allowed")),
    ),
    (
        "gemini-cli",
        {
            "~/.gemini/settings.json": {**OPEN, **A},
            "~/.gemini/mcp-server-enablement.json": {"a": {"enabled": False}},
        },
        "disabled",
        ("~/.gemini/mcp-server-enablement.json", ("a", "enabled")),
    ),
    (
        "qwen-code",
        {"~/.qwen/settings.json": {**A, "mcp": {"excluded": ["a*"]}}},
        "disabled",
        ("~/.qwen/settings.json", ("mcp", "excluded", 0)),
    ),
    (
        "qwen-code",
        {"~/.qwen/settings.json": {**A, "mcp": {"allowed": ["b"]}}},
        "disabled",
        ("~/.qwen/settings.json", ("mcp", "allowed")),
    ),
    (
        "copilot-cli",
        {
            "~/.copilot/mcp-config.json": A,
            "~/.copilot/settings.json": {"disabledMcpServers": ["a"]},
        },
        "disabled",
        ("~/.copilot/settings.json", ("disabledMcpServers", 0)),
    ),
    (
        "opencode",
        {
            "opencode.json": {"mcp": {"a": LOCAL}},
            "~/.opencode/opencode.json": {"mcp": {"a": {"enabled": False}}},
        },
        "disabled",
        ("~/.opencode/opencode.json", ("mcp", "a", "enabled")),
    ),
    (
        "kilo-code",
        {"kilo.json": {"mcp": {"a": {**LOCAL, "enabled": False}}}},
        "disabled",
        ("kilo.json", ("mcp", "a", "enabled")),
    ),
    (
        "kilo-code",
        {".kilocode/mcp.json": servers(a=npx("server-x") | {"disabled": True})},
        "disabled",
        (".kilocode/mcp.json", ("mcpServers", "a", "disabled")),
    ),
    (
        "auggie",
        {"~/.augment/settings.json": servers(a=npx("server-x") | {"disabled": True})},
        "disabled",
        ("~/.augment/settings.json", ("mcpServers", "a", "disabled")),
    ),
    (
        "cody",
        {".vscode/settings.json": {"cody.mcpServers": {"a": npx("server-x") | {"disabled": True}}}},
        "disabled",
        (".vscode/settings.json", ("cody.mcpServers", "a", "disabled")),
    ),
    (
        "vscode",
        {
            ".vscode/mcp.json": {"servers": {"a": npx("server-x")}},
            ".vscode/settings.json": {"chat.mcp.access": "none"},
        },
        "blocked",
        (".vscode/settings.json", ("chat.mcp.access",)),
    ),
]


@pytest.mark.parametrize(
    ("client", "files", "state", "place"), CASES, ids=[f"{case[0]} {case[2]} {case[3][1]}" for case in CASES]
)
def test_a_state_names_its_place(
    tmp_path: Path, client: str, files: dict[str, Any], state: str, place: tuple[str, Route]
) -> None:
    collected = discover(site_of(tmp_path, files), Packs.shipped())
    one = installed(collected, client)["a"]
    assert one.state == state
    assert one.decided is not None
    assert (one.decided.file, one.decided.route) == place
    # The place is really there, so that a report can show its line.
    assert collected.documents[one.decided.file].locate(one.decided.route, one.decided.on_key)[0] > 0


def test_a_rejection_of_an_entry_by_its_hash(tmp_path: Path) -> None:
    # The hash of {"command": "true"} as the client itself keeps it (observed).
    digest = hashlib.sha256(b'{"command":"true"}').hexdigest()
    assert digest.startswith("13c76770")
    site = site_of(tmp_path, {".mcp.json": servers(a={"command": "true"})})
    record = {str(site.project): {"a": {"hash": digest, "status": "rejected"}}}
    site = site_of(tmp_path, {"~/.qwen/mcpApprovals.json": record})
    one = installed(discover(site, Packs.shipped()), "qwen-code")["a"]
    assert one.state == "rejected"
    assert one.decided is not None
    assert one.decided.route[-1] == "status"
