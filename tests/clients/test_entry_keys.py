"""Keys that decide on servers and tools somewhere, in the entries of clients that do not know them."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.server import Installation
from tests.installation import collect, installed, npx, servers

TRUSTED = {"~/.gemini/settings.json": {"security": {"folderTrust": {"enabled": False}}}}
# The client, its file, keys that it does not know, and keys that it knows.
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("claude-code", "~/.claude.json", {"autoApprove": ["x"], "disabled": True}, {"timeout": 5, "env": {}}),
    ("claude-desktop", "~/.config/Claude/claude_desktop_config.json", {"alwaysAllow": ["x"]}, {"env": {}}),
    ("cursor", "~/.cursor/mcp.json", {"alwaysAllow": ["x"], "disabled": True}, {"envFile": ".env"}),
    ("gemini-cli", ".gemini/settings.json", {"autoApprove": ["x"]}, {"trust": True, "timeout": 5}),
    ("qwen-code", ".qwen/settings.json", {"alwaysAllow": ["x"]}, {"trust": True, "discoveryTimeoutMs": 5}),
    (
        "copilot-cli",
        "~/.copilot/mcp-config.json",
        {"autoApprove": ["x"]},
        {"tools": ["*"], "deferTools": True},
    ),
]


def only(collected: Any, client: str) -> Installation:
    (one,) = installed(collected, client).values()
    return one


@pytest.mark.parametrize(("client", "file", "unknown", "known"), CASES, ids=[case[0] for case in CASES])
def test_what_a_client_does_not_know_is_said_to_change_nothing(
    tmp_path: Path, client: str, file: str, unknown: dict[str, Any], known: dict[str, Any]
) -> None:
    entry = npx("server-x") | unknown | known
    collected = collect(tmp_path, {**TRUSTED, file: servers(a=entry)})
    told = {gap.place.route[-1]: gap for gap in collected.gaps if gap.client == client}
    assert set(told) == set(unknown)
    assert all("nothing" in gap.reason and f"`{key}`" in gap.reason for key, gap in told.items())
    assert only(collected, client).state in ("loaded", "pending")


def test_a_program_that_gives_the_headers_is_not_run_and_said_so(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    entry = {"type": "http", "url": "https://x.example/mcp", "headersHelper": f"touch {marker}"}
    collected = collect(tmp_path, {"~/.claude.json": servers(a=entry)})
    (gap,) = collected.gaps
    assert (gap.kind, gap.place.route[-1]) == ("not-understood", "headersHelper")
    assert "is not run" in gap.reason
    assert not marker.exists()


def test_secrets_of_a_login_and_variables_named_in_tables_are_credentials(tmp_path: Path) -> None:
    gemini = {
        "httpUrl": "https://x.example/mcp",
        "oauth": {"clientId": "me", "clientSecret": "hunter2hunter2"},
    }
    codex = (
        '[mcp_servers.a]\nurl = "https://x.example/mcp"\n'
        'env_http_headers = {Authorization = "CRM_TOKEN"}\n'
        '[mcp_servers.b]\ncommand = "npx"\nargs = ["x"]\nenv_vars = ["CRM_TOKEN", "LANG"]\n'
    )
    files = {".gemini/settings.json": servers(a=gemini), **TRUSTED, "~/.codex/config.toml": codex}
    held = {
        (one.secret.name, one.secret.literal, one.secret.group)
        for one in collect(tmp_path, files).credentials
    }
    groups = {group for name, literal, group in held if not literal}
    assert ("clientSecret", True) in {(name, literal) for name, literal, _ in held}
    assert {name for name, literal, _ in held if not literal} == {"Authorization", "CRM_TOKEN"}
    assert len(groups) == 1, "one variable is one secret"
