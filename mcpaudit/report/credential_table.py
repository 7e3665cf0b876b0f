"""Credentials and scopes for a terminal, server by server."""

from mcpaudit.model.report import Report
from mcpaudit.report.credential_words import told
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count

_MOST = 12


def credential_section(page: Page, report: Report, agent: str = "", most: int = _MOST) -> None:
    """Every server that holds a secret or asks for scopes, up to `most` of them."""
    rows = told(report, agent)
    if not rows:
        return
    page.heading("Credentials and scopes")
    for row in rows[:most]:
        page.write(row.server, 2, label=f"{row.name}:", style="bold", hang=4)
        for line in row.credentials:
            page.write(line, 4, hang=6)
        for label, line in row.scopes:
            amiss = label in ("too much", "missing")
            page.write(line, 4, label=f"{label}:", style="amber" if amiss else "dim", hang=6)
    if len(rows) > most:
        page.write(f"and {count(len(rows) - most, 'more server')}: mcpaudit access --agent AGENT", 2)


def credential_table(report: Report, agent: str, *, width: int, colour: bool) -> str:
    """All of one agent's, as a text; empty where it holds none."""
    page = Page(width, colour)
    credential_section(page, report, agent, most=len(report.servers))
    return str(page) if page.lines else ""
