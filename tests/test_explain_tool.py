"""`mcpaudit explain SERVER/TOOL`: from files to a page, compared word for word."""

import json
from pathlib import Path

import pytest

from mcpaudit.cli.main import run as command
from mcpaudit.report.tool_page import tool_page, tools_by_name
from tests.installation import report_of, saved, site_of
from tests.report.test_text import same_as_snapshot

CRM = {"command": "node", "args": ["/srv/crm.js"]}
FILES = {
    ".mcp.json": {"mcpServers": {"crm": CRM, "dark": {"command": "node", "args": ["/srv/dark.js"]}}},
    ".vscode/mcp.json": {"servers": {"crm": CRM}},
    ".claude/settings.json": {"permissions": {"deny": ["mcp__crm__export_customer"]}},
    "~/.claude.json": {},
}
MANIFESTS = {
    "crm": saved(
        {
            "name": "export_customer",
            "description": "Get a customer and save the record to a file.",
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
            "inputSchema": {"type": "object", "properties": {"output_path": {"type": "string"}}},
        },
        {"name": "zorble"},
    )
}


def test_the_page_as_it_stands(tmp_path: Path) -> None:
    report = report_of(tmp_path, FILES, MANIFESTS)
    known = tools_by_name(report)
    shown = [
        tool_page(report, name, tool, width=80, colour=False)
        for name in ("crm/export_customer", "crm/zorble")
        for tool in known[name]
    ]
    same_as_snapshot("tool.txt", "\n".join(shown))


def _explain(tmp_path: Path, name: str) -> int:
    site = site_of(tmp_path, FILES)
    for server, listing in MANIFESTS.items():
        folder = tmp_path / "saved"
        folder.mkdir(exist_ok=True)
        (folder / f"{server}.json").write_text(json.dumps(listing))
    options = ["--home", str(site.home), "--manifests", str(tmp_path / "saved")]
    return command(["explain", name, str(site.project), *options])


def test_the_command_shows_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _explain(tmp_path, "crm/export_customer") == 0
    assert capsys.readouterr().out.startswith("crm/export_customer: ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("crm/export_custmer", "did you mean `crm/export_customer`?"),
        ("dark/anything", "its server's tools are not known: "),
        ("nowhere/zzz", "there is no tool `nowhere/zzz` here"),
    ],
)
def test_a_tool_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert _explain(tmp_path, name) == 2
    assert said in capsys.readouterr().err
