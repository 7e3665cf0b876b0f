"""The findings as workflow commands; the last line, which is none, counts all."""

from collections.abc import Iterator

from mcpaudit.model.report import Report
from mcpaudit.report import verdict
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import prose
from mcpaudit.report.listing import open_findings
from mcpaudit.report.repository import left_out, repository_only
from mcpaudit.report.workflow_command import command, first, of_finding, spot


def render(report: Report) -> str:
    """At most ten commands a level, the worst first, and a last line that is none."""
    lines, unseen = first(_commands(report))
    told = [
        verdict.headline(report),
        f"{verdict.count(unseen, 'more annotation')} than GitHub shows." if unseen else "",
        f"{left_out(report)}." if left_out(report) else "",
        f"SHA-256 of the canonical report: {digest(report)}",
    ]
    # A command is one only at the start of a line, so this line cannot be taken for one.
    return "\n".join([*lines, f"mcpaudit: {prose(' '.join(filter(None, told)))}"]) + "\n"


def _commands(report: Report) -> Iterator[tuple[str, str]]:
    reduced = repository_only(report)
    for row in open_findings(reduced):
        yield of_finding(row, verdict.blocks(report, row))
    for gap in reduced.coverage.unread:
        where = {"file": gap.location.file, **spot(gap.location.line, gap.location.column)}
        yield "warning", command("warning", where | {"title": f"Not read: {gap.kind}"}, gap.reason)
    if report.summary.verdict == "nothing-collected":
        yield "error", command("error", {"title": "mcpaudit"}, verdict.headline(report))
