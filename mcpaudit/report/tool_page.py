"""One tool of one server, for a terminal: what it does and why that is thought, who may call it, and what it
reaches."""

from collections import defaultdict

from mcpaudit.model.action import in_words
from mcpaudit.model.decision import MODES
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow, DecisionRow, HintsRow, ToolRow
from mcpaudit.report.access_table import OUTCOMES
from mcpaudit.report.listing import place
from mcpaudit.report.page import Page
from mcpaudit.report.touches import write_touches
from mcpaudit.report.verdict import listed

_CLAIMS = {
    "read_only": ("it only reads", "it does more than read"),
    "destructive": ("it may destroy", "it destroys nothing"),
    "idempotent": ("calling it again changes nothing more", "calling it again changes more"),
    "open_world": ("it reaches out into the world", "it reaches nothing outside"),
}
_OWN_STEPS = ("acts-on", "reaches")


def tools_by_name(report: Report) -> dict[str, list[ToolRow]]:
    """`SERVER/TOOL`, with the name that a configuration gives the server, to the tools that go by it."""
    names: dict[str, set[str]] = defaultdict(set)
    for one in report.installations:
        names[one.server].add(one.name)
    found: dict[str, list[ToolRow]] = defaultdict(list)
    for tool in report.tools:
        for name in sorted(names[tool.server]):
            found[f"{name}/{tool.name}"].append(tool)
    return found


def without_tools(report: Report) -> dict[str, str]:
    """The servers of which no tool is known, by the names that configurations give them, and why."""
    known = {tool.server for tool in report.tools}
    reasons = {row.id: row.manifest.reason for row in report.servers}
    return {one.name: reasons[one.server] for one in report.installations if one.server not in known}


def tool_page(report: Report, title: str, tool: ToolRow, *, width: int, colour: bool) -> str:
    """The page of one tool, as every agent that has its server sees it."""
    page = Page(width, colour)
    page.write(
        in_words(tool.actions) if tool.certainty != "unknown" else "unknown", label=f"{title}:", style="bold"
    )
    server = next(row for row in report.servers if row.id == tool.server)
    page.write(f"{server.id}; its tools are known from {server.manifest.reason}", 2, style="dim")
    page.heading("What it does")
    write_touches(page, tool.touches, 2)
    page.heading("What its server claims")
    page.write(f"{listed(_claims(tool.hints)) or 'nothing'}", 2)
    if tool.hint_mismatch:
        page.write(tool.hint_mismatch, 2, style="red")
    page.heading("Who may call it")
    for decision in tool.decisions:
        _decision(page, report, decision)
    rows = [row for row in report.access if (row.server, row.tool) == (tool.server, tool.name)]
    if rows:
        page.heading("What it reaches")
    for resource in sorted({row.resource for row in rows}):
        _resource(page, report, resource, [row for row in rows if row.resource == resource])
    return str(page)


def _claims(hints: HintsRow) -> list[str]:
    found = []
    for key, (yes, no) in _CLAIMS.items():
        value = getattr(hints, key)
        if value is not None:
            found.append(yes if value else no)
    return found


def _decision(page: Page, report: Report, row: DecisionRow) -> None:
    outcomes = {mode: OUTCOMES[getattr(row, mode)] for mode in MODES}
    alike = len(set(outcomes.values())) == 1
    said = (
        f"{OUTCOMES[row.interactive]} in every mode"
        if alike
        else ", ".join(f"{mode}: {outcome}" for mode, outcome in outcomes.items())
    )
    page.write(said, 2, label=f"{_title(report, row.agent)}:", style="bold", hang=4)
    where = f" ({place(row.rule)})" if row.rule else ""
    page.write(f"because {row.reason}{where}", 4, style="dim")


def _resource(page: Page, report: Report, resource: str, rows: list[AccessRow]) -> None:
    labels = sorted({label for row in rows for label in row.labels})
    page.write(resource + (f" ({', '.join(labels)})" if labels else ""), 2)
    alike: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[str]] = defaultdict(list)
    for row in rows:
        why = tuple(
            f"{step.reason} ({place(step.location)})" if place(step.location) else step.reason
            for step in row.witness
            if step.kind in _OWN_STEPS or (step.kind == "offers" and step.certainty != "certain")
        )
        alike[row.actions, row.certainty, why].append(_title(report, row.agent))
    for (actions, certainty, why), agents in sorted(alike.items(), key=lambda item: item[0][1]):
        page.write(f"{in_words(actions)}, for {listed(agents)}", 4, label=f"{certainty}:", hang=6)
        for line in why:
            page.write(f"- {line}", 6, hang=8, style="dim")


def _title(report: Report, agent: str) -> str:
    """What people call the agent; its id too where two go by one title."""
    titles = {row.id: row.title for row in report.agents}
    title = titles[agent]
    return title if list(titles.values()).count(title) == 1 else f"{title} ({agent})"
