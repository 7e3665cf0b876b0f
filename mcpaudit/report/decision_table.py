"""What one agent's client does with each tool, for a terminal: grouped by outcome, server and reason."""

from collections import defaultdict

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import DecisionRow
from mcpaudit.report.escape import named
from mcpaudit.report.listing import place
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count, listed

_HEADINGS = {
    "allow": "Runs without asking",
    "ask": "Asks first",
    "unknown": "Not known",
    "deny": "Refused",
    "hidden": "Hidden from the model",
}
_COUNTED = {
    "allow": ("runs without asking", "run without asking"),
    "ask": ("asks first", "ask first"),
    "unknown": ("is not known", "are not known"),
    "deny": ("is refused", "are refused"),
    "hidden": ("is hidden", "are hidden"),
}
_VERBS = {
    "allow": "run it",
    "ask": "ask",
    "deny": "refuse it",
    "hidden": "hide it",
    "unknown": "may do either",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Tools of one installation that are decided alike, and for the same reason."""

    outcome: str
    name: str
    reason: str
    rule: Location | None
    beats: tuple[Location, ...]
    ignored: str


def decision_table(report: Report, agent: str, *, width: int, colour: bool) -> str:
    """Every known tool of the agent: what runs without asking, what asks, what is blocked, and why."""
    groups = _groups(report, agent)
    page = Page(width, colour)
    title = next(row.title for row in report.agents if row.id == agent)
    numbers = {
        outcome: sum(len(own) for one, own in groups.items() if one.outcome == outcome)
        for outcome in _HEADINGS
    }
    said = [_counted(number, *_COUNTED[outcome]) for outcome, number in numbers.items() if number]
    total = count(sum(numbers.values()), "tool")
    page.write(
        f"{total} in {report.run.mode} mode: {listed(said)}.", label=f"{title} ({agent}):", style="bold"
    )
    for outcome, heading in _HEADINGS.items():
        own = {group: tools for group, tools in groups.items() if group.outcome == outcome}
        if own:
            page.heading(heading)
        for group, tools in own.items():
            _write(page, report, group, tools)
    return str(page)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _groups(report: Report, agent: str) -> dict[_Group, list[str]]:
    names = {
        row.id: "its own tools" if row.level == "builtin" else named(row.name) for row in report.installations
    }
    found: dict[_Group, list[str]] = defaultdict(list)
    for tool in report.tools:
        for row in tool.decisions:
            if row.agent == agent:
                found[_group(row, names[row.installation], report.run.mode)].append(tool.name)
    for access in report.access:
        if access.agent == agent and access.tool == "(any tool)":
            step = next(step for step in access.witness if step.kind == "decides")
            group = _Group(
                access.decision,
                names[access.installation],
                step.reason.partition(": ")[2],
                step.location,
                (),
                "",
            )
            found[group] = ["whatever it offers: its tools are not known"]
    return dict(sorted(found.items(), key=lambda item: (item[0].name, item[0].reason, item[1])))


def _group(row: DecisionRow, name: str, mode: str) -> _Group:
    outcome = getattr(row, mode)
    ignored = getattr(row.hints_ignored, mode) if row.hints_ignored else outcome
    return _Group(outcome, name, row.reason, row.rule, row.beats, "" if ignored == outcome else ignored)


def _write(page: Page, report: Report, group: _Group, tools: list[str]) -> None:
    page.write(
        listed([f"`{tool}`" if " " not in tool else tool for tool in sorted(tools)]),
        2,
        label=f"{group.name}:",
        style="bold",
        hang=4,
    )
    where = f" ({place(group.rule)})" if group.rule else ""
    page.write(f"because {group.reason}{where}", 4, style="dim")
    if group.ignored:
        page.write(
            f"on its server's word: without its claims the client would {_VERBS[group.ignored]}",
            4,
            style="amber",
        )
    for lost in group.beats:
        rule = next(row for row in report.rules if row.location == lost)
        page.write(f"overrules `{rule.pattern}` ({rule.effect}, {place(lost)})", 4, style="dim")
