"""What an audit did not see, as sentences: the part of a report that keeps the rest honest."""

from mcpaudit.model.report import Report
from mcpaudit.report.listing import place
from mcpaudit.report.verdict import count, listed


def unseen(report: Report) -> tuple[str, ...]:
    """One sentence each: files, servers without known tools, policies with nothing to judge, limits."""
    coverage = report.coverage
    notes = [f"{place(gap.location)}: {gap.kind}: {gap.reason}" for gap in coverage.unread]
    if coverage.without_manifest:
        notes.append(
            f"{count(len(coverage.without_manifest), 'server')} whose tools are not known:"
            f" {_some(coverage.without_manifest)}; what they can do is open"
        )
    if coverage.incomplete_manifests:
        notes.append(
            f"{count(len(coverage.incomplete_manifests), 'server')} of which not every tool is known:"
            f" {_some(coverage.incomplete_manifests)}"
        )
    idle = tuple(row.policy for row in coverage.policies if not row.population)
    if idle:
        notes.append(
            f"{count(len(idle), 'policy', 'policies')} had nothing to judge, which is no pass: {_some(idle)}"
        )
    levels = "level" if len(coverage.levels) == 1 else "levels"
    searched = (
        f"{count(coverage.files_read, 'file')} read at the {levels} {listed(list(coverage.levels)) or 'none'}"
    )
    notes.append(f"{searched}; any other place was not searched")
    return (*notes, *coverage.limits)


def _some(names: tuple[str, ...], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
