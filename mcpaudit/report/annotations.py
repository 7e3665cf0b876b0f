"""The findings as workflow commands, which GitHub shows beside the changed lines of a pull request.

The form and its escapes: GitHub Docs, "Workflow commands for GitHub Actions", and `command.ts` of
actions/toolkit. GitHub shows ten of each level for a step, so no more are written; the last line counts all.
"""

from collections import Counter

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import verdict
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS, open_findings
from mcpaudit.report.repository import inside, left_out, repository_only

_SHOWN = 10
_LONGEST = 2_000
_LEVELS = {"critical": "warning", "high": "warning", "medium": "warning", "low": "notice", "info": "notice"}


def render(report: Report) -> str:
    """At most ten commands a level, the worst first, and a last line that is none."""
    rows = [(_level(report, row), row) for row in open_findings(repository_only(report))]
    lines, counted = [], Counter[str]()
    for level, row in rows:
        counted[level] += 1
        if counted[level] <= _SHOWN:
            lines.append(_command(level, row))
    for gap in repository_only(report).coverage.unread:
        counted["warning"] += 1
        if counted["warning"] <= _SHOWN:
            where = {"file": gap.location.file, **_spot(gap.location.line, gap.location.column)}
            lines.append(_write("warning", where | {"title": f"Not read: {gap.kind}"}, gap.reason))
    if report.summary.verdict == "nothing-collected":
        lines.append(_write("error", {"title": "mcpaudit"}, verdict.headline(report)))
    unseen = sum(max(number - _SHOWN, 0) for number in counted.values())
    told = [
        verdict.headline(report),
        f"{verdict.count(unseen, 'more annotation')} than GitHub shows." if unseen else "",
        f"{left_out(report)}." if left_out(report) else "",
        f"SHA-256 of the canonical report: {digest(report)}",
    ]
    # A command is one only at the start of a line, so this line cannot be taken for one.
    return "\n".join([*lines, f"mcpaudit: {prose(' '.join(filter(None, told)))}"]) + "\n"


def _level(report: Report, row: FindingRow) -> str:
    """An error is what stands in the way of this run, and nothing else."""
    if verdict.blocks(report, row):
        return "error"
    return _LEVELS[row.severity]


def _command(level: str, row: FindingRow) -> str:
    spots = (*row.locations, *(step.location for step in row.witness))
    at = next(one for one in spots if one is not None and inside(one))
    doubt = f" ({STATUS_WORDS[row.status]})" if STATUS_WORDS[row.status] else ""
    where = {"file": at.file, **_spot(at.line, at.column)}
    parts = [
        row.message,
        f"Because: {row.reason}" if row.reason else "",
        f"Fix: {row.fix}" if row.fix else "",
    ]
    text = "\n".join(prose(clip(part, _LONGEST)) for part in parts if part)
    return _write(level, where | {"title": f"{row.severity}{doubt}: {row.title}"}, text, row.policy)


def _spot(line: int, column: int) -> dict[str, str]:
    return ({"line": str(line)} | ({"col": str(column)} if column else {})) if line else {}


def _write(level: str, properties: dict[str, str], message: str, policy: str = "") -> str:
    told = ",".join(f"{name}={_property(clip(value, _LONGEST))}" for name, value in properties.items())
    shown = "\n".join(filter(None, map(prose, message.split("\n"))))
    return f"::{level} {told}::{_data(shown + (f' [{visible(policy)}]' if policy else ''))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
