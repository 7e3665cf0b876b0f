"""The report as one comment on a pull request: the verdict, the worst findings, and how these come about.

GitHub takes 65,536 characters a comment; this stays so far below that the difference to the base fits in too.
A finding's witness is drawn where it is small enough to be read, one a policy and three at the most.
"""

from collections import Counter
from collections.abc import Iterator

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import mermaid, verdict
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import clip, markdown_code, markdown_html, markdown_prose
from mcpaudit.report.listing import STATUS_WORDS, groups, open_findings, place
from mcpaudit.report.repository import left_out, repository_only

_MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}
_LIMIT = 30_000
_ROWS, _OF_A_POLICY = 20, 5
_GRAPHS = 3
_LONGEST = 400


def render(report: Report) -> str:
    """The comment; parts that would be too long are left out whole, from the end."""
    shown = repository_only(report)
    parts = [_head(report), _table(report, open_findings(shown)), _graphs(shown), _rest(shown)]
    foot, text = _foot(report), ""
    for part in parts:
        if len(text) + len(part) + len(foot) <= _LIMIT:
            text += part
    return text + foot


def _head(report: Report) -> str:
    mark = {"passes": "✅", "does not pass": "❌"}.get(verdict.stamp(report), "⚠️")
    lines = [f"### {mark} {_text(verdict.headline(report))}"]
    if report.summary.agents:
        lines.append(f"{_text(verdict.population(report))}. {_text(verdict.silent_changes(report))}")
    if caveat := verdict.caveat(report):
        lines.append(f"**{_text(caveat)}**")
    if hidden := left_out(report):
        lines.append(f"{_text(hidden)}.")
    return "\n\n".join(lines) + "\n\n"


def _table(report: Report, found: tuple[FindingRow, ...]) -> str:
    """What stands in the way, some of each policy; where nothing does, the worst of what there is."""
    blocking = tuple(row for row in found if verdict.blocks(report, row))
    listed = [row for row, number in _numbered(blocking or found) if number <= _OF_A_POLICY][:_ROWS]
    if not listed:
        return ""
    lines = ["| | What | Where |", "| --- | --- | --- |"]
    for row in listed:
        where = "<br>".join(markdown_code(clip(place(one), _LONGEST)) for one in row.locations[:2]) or "–"
        lines.append(f"| {_severity(row)} | **{_text(row.title)}**<br>{_text(row.message)} | {where} |")
    if rest := len(blocking) - len(listed) if blocking else 0:
        lines.append(f"| | and {rest} more in the way | |")
    return "\n".join(lines) + "\n\n"


def _numbered(found: tuple[FindingRow, ...]) -> Iterator[tuple[FindingRow, int]]:
    """Each with which one of its policy it is."""
    counted = Counter[str]()
    for row in found:
        counted[row.policy] += 1
        yield row, counted[row.policy]


def _graphs(report: Report) -> str:
    drawn: list[str] = []
    seen: set[str] = set()
    for row, number in _numbered(open_findings(report)):
        graph = mermaid.flowchart(row.witness)
        if number == 1 and graph and graph not in seen and len(drawn) < _GRAPHS:
            seen.add(graph)
            drawn.append(f"{_severity(row)} **{_text(row.title)}**\n\n```mermaid\n{graph}```\n")
    if not drawn:
        return ""
    body = "\n".join(drawn)
    title = "How these come about" if len(drawn) > 1 else "How this comes about"
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n\n"


def _rest(report: Report) -> str:
    found = list(groups(report))
    if not found:
        return ""
    rows = [
        f"| {_MARKS[group.severity]} {group.severity} | {_text(group.title)} | {markdown_code(group.policy)}"
        f" | {len(group.findings)} |"
        for group in found
    ]
    body = "\n".join(["| | Policy | | Findings |", "| --- | --- | --- | --- |", *rows])
    title = markdown_html(
        f"All that is open: {verdict.count(sum(len(one.findings) for one in found), 'finding')}"
    )
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n\n"


def _foot(report: Report) -> str:
    tool = _text(f"{report.tool.name} {report.tool.version}, as of {report.as_of}")
    return (
        f"<sub>{tool}, {_text(verdict.exit_sentence(report))}; the whole report is in the job's summary."
        f" SHA-256 of the canonical report: <code>{digest(report)}</code></sub>\n"
    )


def _severity(row: FindingRow) -> str:
    word = STATUS_WORDS[row.status]
    return f"{_MARKS[row.severity]} {row.severity}{f' ({word})' if word else ''}"


def _text(text: str) -> str:
    return markdown_prose(clip(text, _LONGEST))
