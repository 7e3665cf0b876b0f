"""The table of one agent's decisions, compared word for word."""

from pathlib import Path

from mcpaudit.report.decision_table import decision_table
from tests.installation import report_of, saved
from tests.report.test_text import same_as_snapshot

FILES = {
    ".vscode/mcp.json": {
        "servers": {
            "crm": {"command": "node", "args": ["/srv/crm.js"]},
            "notes": {"command": "node", "args": ["/srv/notes.js"]},
        }
    },
    ".claude/settings.json": {"permissions": {"deny": ["mcp__crm__delete_customer"], "ask": ["mcp__crm"]}},
    "~/.claude.json": {"mcpServers": {"crm": {"command": "node", "args": ["/srv/crm.js"]}}},
}
MANIFESTS = {
    "crm": saved(
        {"name": "delete_customer", "annotations": {"readOnlyHint": True}},
        {"name": "get_customer"},
    )
}


def test_the_table_as_it_stands(tmp_path: Path) -> None:
    report = report_of(tmp_path, FILES, MANIFESTS)
    shown = [decision_table(report, agent, width=80, colour=False) for agent in ("claude-code", "vscode")]
    same_as_snapshot("decisions.txt", "\n".join(shown))
