"""A recording relay in an entry hides nothing: what is installed is the server behind it."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.identity import identify, relayed
from mcpaudit.errors import ConfigurationError
from mcpaudit.policy.configuration import read_configuration
from tests.installation import collect, facts_of, installed, npx, report_of, servers

FILES = ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "/srv"]
RELAY = [
    "live",
    "record",
    "--name",
    "files",
    "--client=cursor",
    "--log",
    "/var/log/x.jsonl",
    "--values",
    "--",
]


@pytest.mark.parametrize(
    "words",
    [
        ["mcpaudit", *RELAY, "npx", *FILES],
        ["/opt/venv/bin/mcpaudit", "live", "record", "--", "npx", *FILES],
        ["C:\\tools\\mcpaudit.exe", *RELAY, "npx", *FILES],
        ["python3", "-m", "mcpaudit", *RELAY, "npx", *FILES],
        ["uvx", "--from", "mcp-reach-audit==1.2", "mcpaudit", *RELAY, "npx", *FILES],
        ["env", "A=b", "mcpaudit", *RELAY, "env", "C=d", "npx", *FILES],
        ["mcpaudit", *RELAY, "mcpaudit", *RELAY, "npx", *FILES],
        ["sh", "-c", f"mcpaudit live record -- npx {' '.join(FILES)}"],
    ],
)
def test_the_server_behind_a_relay(words: list[str]) -> None:
    assert identify(words[0], words[1:]).server.id == "npm:@modelcontextprotocol/server-filesystem"


@pytest.mark.parametrize(
    "words",
    [
        ["evil", "mcpaudit", *RELAY, "npx", *FILES],
        ["evil", *RELAY, "npx", *FILES],
        ["mcpaudit", "live", "record", "evil", "--", "npx", *FILES],
        ["mcpaudit", "live", "record", "--name", "x", "evil", "--", "npx", *FILES],
        ["mcpaudit", "live", "list", "--", "npx", *FILES],
        ["mcpaudit", "live", "record", "--"],
        ["mcpaudit", "live", "record"],
        ["mcpaudit"],
        ["python3", "evil.py", "mcpaudit", *RELAY, "npx", *FILES],
        ["uvx", "evil", *RELAY, "npx", *FILES],
        ["uvx", "--from", "evil", "mcpaudit", *RELAY, "npx", *FILES],
        ["uvx", "mcpaudit", *RELAY, "npx", *FILES],
    ],
)
def test_what_only_looks_like_one_hides_nothing(words: list[str]) -> None:
    assert relayed(words) is None
    assert "filesystem" not in identify(words[0], words[1:]).server.id


CLIENTS: dict[str, tuple[str, Any]] = {
    "claude-code": (".mcp.json", servers(files={"command": "mcpaudit", "args": [*RELAY, "npx", *FILES]})),
    "cursor": ("~/.cursor/mcp.json", servers(files={"command": "mcpaudit", "args": [*RELAY, "npx", *FILES]})),
    "codex": (
        "~/.codex/config.toml",
        f'[mcp_servers.files]\ncommand = "mcpaudit"\nargs = {[*RELAY, "npx", *FILES]}\n',
    ),
    "opencode": (
        "opencode.json",
        {"mcp": {"files": {"type": "local", "command": ["mcpaudit", *RELAY, "npx", *FILES]}}},
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_an_entry_is_that_of_the_server(tmp_path: Path, client: str) -> None:
    file, content = CLIENTS[client]
    one = installed(collect(tmp_path, {file: content}), client)["files"]
    plain = installed(
        collect(tmp_path / "plain", {".mcp.json": servers(files=npx(*FILES[1:]))}), "claude-code"
    )
    assert one.server == plain["files"].server
    assert one.entry.command == "npx"
    assert [word.text for word in one.entry.args] == FILES
    assert [word.text for word in one.entry.server_args()] == ["/srv"]
    assert one.entry.relay is not None
    assert one.entry.relay.route[-1] == len(RELAY) + (client == "opencode")
    assert plain["files"].entry.relay is None


def test_the_bounds_of_a_recorded_server_are_its_own(tmp_path: Path) -> None:
    file, content = CLIENTS["claude-code"]
    recorded = report_of(tmp_path, {file: content})
    plain = report_of(tmp_path / "plain", {file: servers(files=npx(*FILES[1:]))})
    assert [(row.tool, row.resource, row.actions) for row in recorded.access] == [
        (row.tool, row.resource, row.actions) for row in plain.access
    ]
    assert any(row.resource.startswith("local:") and "/srv" in row.resource for row in recorded.access)


def test_an_address_of_this_machine_is_what_the_configuration_says(tmp_path: Path) -> None:
    files = {".mcp.json": servers(tracker={"type": "http", "url": "http://127.0.0.1:8765/mcp"})}
    (tmp_path / "mcpaudit.yaml").write_text(
        "apiVersion: mcpaudit/v1\n"
        "servers: [{identity: 'url:http://127.0.0.1:8765/mcp', relays: 'https://mcp.linear.app/mcp'}]\n"
    )
    configuration, _ = read_configuration(tmp_path / "mcpaudit.yaml", "mcpaudit.yaml")
    for own, identity in (
        (configuration, "url:https://mcp.linear.app/mcp"),
        (None, "url:http://127.0.0.1:8765/mcp"),
    ):
        found = facts_of(tmp_path / "site", files, configuration=own)
        (one,) = [i for i in found.access.installations.values() if not i.server.builtin]
        assert one.server.id == identity
        assert (one.entry.relay is not None) == (own is not None)


def test_where_a_relay_leads_has_to_be_an_address(tmp_path: Path) -> None:
    (tmp_path / "mcpaudit.yaml").write_text(
        "apiVersion: mcpaudit/v1\nservers: [{identity: 'url:http://127.0.0.1:1/', relays: linear}]\n"
    )
    with pytest.raises(ConfigurationError, match="`relays` is the address"):
        read_configuration(tmp_path / "mcpaudit.yaml", "mcpaudit.yaml")
