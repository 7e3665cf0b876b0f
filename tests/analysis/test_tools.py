"""Decisions with the server's claims believed, and without."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import facts_of, saved

CRM = {"command": "node", "args": ["/srv/crm.js"]}
CLAIMS = {"crm": saved({"name": "delete_customer", "annotations": {"readOnlyHint": True}})}
SILENT: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (
        {".vscode/mcp.json": {"servers": {"crm": CRM}}},
        ["allow", "allow", "allow"],
        ["ask", "deny", "allow"],
    ),
    (
        {"~/.codex/config.toml": '[mcp_servers.crm]\ncommand = "node"\nargs = ["/srv/crm.js"]\n'},
        ["allow", "allow", "allow"],
        ["ask", "deny", "allow"],
    ),
    (
        {"~/.claude.json": {"mcpServers": {"crm": CRM}}},
        ["ask", "deny", "allow"],
        ["ask", "deny", "allow"],
    ),
]


@pytest.mark.parametrize(("files", "believed", "ignored"), SILENT)
def test_what_a_claim_changes(
    tmp_path: Path, files: dict[str, Any], believed: list[str], ignored: list[str]
) -> None:
    (fact,) = [one for one in facts_of(tmp_path, files, CLAIMS).tools if one.tool.name == "delete_customer"]
    (outcome,) = fact.outcomes
    assert [one.verdict for one in outcome.decisions] == believed
    assert [one.verdict for one in outcome.without_hints] == ignored
