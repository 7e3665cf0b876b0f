"""What is known of a client, for a terminal and in the page of `docs`; and what reports say of it."""

from pathlib import Path

import pytest

from mcpaudit.cli.client_page import defaults
from mcpaudit.cli.main import run as command
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.report.unseen import unseen
from tests.installation import npx, report_of, servers
from tools import reference

PRIVATE = "Approvals in clients' private stores and on their vendors' servers cannot be read from files."
CODY = """\
Cody (cody)

A TOOL OF A SERVER THAT NO RULE NAMES
  interactive: allow, not certain
  headless: allow, not certain
  bypass: allow, not certain
  It believes no claim of the server.

WHAT IS READ
  .vscode/settings.json
      workspace: servers (`cody.mcpServers`) [1]
  ~/.config/Code/User/settings.json (Linux)
  ~/Library/Application Support/Code/User/settings.json (macOS)
  ~/AppData/Roaming/Code/User/settings.json (Windows)
      user: servers (`cody.mcpServers`) [1]

WHICH ENTRIES LOAD
  - Of one name the workspace's entry counts, whole. [2]
"""


def explained(client: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert command(["explain", client]) == 0
    return capsys.readouterr().out


def test_a_client_is_explained_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    page = explained("cody", capsys)
    assert page.startswith(CODY)
    assert page.endswith(
        "\nSOURCES\n  [1] sourcegraph/cody, public snapshot, 2025-07-24\n  [2] not verified, 2026-11\n"
    )


@pytest.mark.parametrize("client", [client.id for client in CLIENTS])
def test_every_fact_stands_on_the_page_and_no_line_is_too_long(
    client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = explained(client, capsys)
    assert max(map(len, page.splitlines())) <= 80
    facts = client_facts(client)
    assert facts is not None
    flowing = " ".join(page.split())
    assert all(" ".join(fact.text.split()) in flowing for _, listed in facts.sections for fact in listed)
    assert all(f"{source.title}, {source.date}" in flowing for source in facts.sources.values())


def test_defaults_are_what_the_clients_themselves_decide() -> None:
    assert dict(defaults("claude-code").plain) == {
        "interactive": "ask",
        "headless": "deny",
        "bypass": "allow",
    }
    assert defaults("opencode").plain["interactive"] == "allow"
    assert defaults("vscode").plain["interactive"] == "ask, not certain"
    assert {client.id for client in CLIENTS if defaults(client.id).believed} == {"vscode", "codex"}
    assert defaults("codex").read_only["headless"] == "allow"


def test_the_page_in_docs_shows_real_paths_and_every_fact() -> None:
    page = reference.clients()
    assert (
        "| user | `~/.config/Code/User/mcp.json` | `~/Library/Application Support/Code/User/mcp.json` |"
        " `~/AppData/Roaming/Code/User/mcp.json` | servers |"
    ) in page
    assert "`C:/Program Files/ClaudeCode/managed-mcp.json`" in page
    assert (
        "| managed | `/etc/kilo/kilo.json` | `/Library/Application Support/kilo/kilo.json` |"
        " `C:/ProgramData/kilo/kilo.json` |"
    ) in page
    assert not any(template in page for template in ("{home}", "{project}", "{userdata}", "{programdata}"))
    for client in CLIENTS:
        facts = client_facts(client.id)
        assert facts is not None
        assert all(f"- {fact.text} *(" in page for _, listed in facts.sections for fact in listed)


def test_a_report_says_what_no_file_tells_of_the_clients_that_are_there(tmp_path: Path) -> None:
    client_facts.cache_clear()
    told = unseen(report_of(tmp_path, {"~/.cursor/mcp.json": servers(fs=npx("server-x"))}))
    assert "Cursor: approvals in the app and a team's controls are in no file." in told
    assert PRIVATE not in told
    assert not any(line.startswith("VS Code:") for line in told)
    # Start-up time: the facts of clients that are not there are not loaded.
    assert client_facts.cache_info().currsize == 1


def test_a_report_without_known_clients_says_it_in_general(tmp_path: Path) -> None:
    assert PRIVATE in unseen(report_of(tmp_path, {}))
