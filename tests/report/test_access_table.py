"""The table of who can do what, compared word for word, and its filters."""

from pathlib import Path

import pytest

from mcpaudit.model.report import Report
from mcpaudit.report.access_table import access_table
from tests.installation import npx, report_of, saved, servers
from tests.report.test_text import same_as_snapshot

CRM = {"command": "node", "args": ["/srv/crm.js"]}
FILES = npx("@modelcontextprotocol/server-filesystem@2026.8.31", "/srv/documents/of/the/customers")
INSTALLED = {
    "~/.config/Claude/claude_desktop_config.json": servers(files=FILES, crm=CRM),
    ".cursor/mcp.json": servers(crm=CRM),
}


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return report_of(tmp_path, INSTALLED, {"crm": saved("delete_customer", "list_customers")})


def test_the_table_as_it_stands(report: Report) -> None:
    shown = access_table(report, agent="claude-desktop", why=True, width=80)
    same_as_snapshot("access.txt", shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_only_what_is_asked_for(report: Report) -> None:
    deleting = access_table(report, action="delete", resource="unknown:**")
    assert "delete_customer" in deleting
    assert "list_customers" not in deleting
    assert "local:host" not in deleting
    assert "Cursor" not in access_table(report, agent="claude-desktop")
    assert access_table(report, action="share", agent="claude-desktop").startswith("Nothing here gives that")
    with pytest.raises(ValueError, match="provider"):
        access_table(report, resource="no pattern")
