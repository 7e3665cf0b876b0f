"""A comparison as workflow commands: what is new stands beside the changed lines, and nothing else."""

from collections.abc import Iterator

from mcpaudit.model.diff import Diff
from mcpaudit.report import diff_together as together
from mcpaudit.report.diff_words import headline
from mcpaudit.report.escape import prose
from mcpaudit.report.repository import inside, shown
from mcpaudit.report.rooted import rooted
from mcpaudit.report.verdict import count
from mcpaudit.report.workflow_command import command, first, of_finding, spot


def render(seen: Diff) -> str:
    """At most ten commands a level, what stands in the way first, and a last line that is none."""
    seen = rooted(seen)
    lines, unseen = first(_commands(seen))
    told = [headline(seen), f"{count(unseen, 'more annotation')} than GitHub shows." if unseen else ""]
    return "\n".join([*lines, f"mcpaudit: {prose(' '.join(filter(None, told)))}"]) + "\n"


def _commands(seen: Diff) -> Iterator[tuple[str, str]]:
    for reason in seen.reasons if seen.verdict in ("broken", "nothing-collected", "undecided") else ():
        yield "error", command("error", {"title": "mcpaudit"}, reason)
    new = [one for one in seen.findings if one.how == "new"]
    for one in sorted(new, key=lambda one: not one.counted):
        if shown(one.finding.locations, one.finding.witness):
            why = "" if one.why == "it is new" else one.why
            yield of_finding(one.finding, one.counted, why)
    for change in together.changes(seen):
        at = change.row.location
        if change.row.counted and not change.row.private and at is not None and inside(at):
            where = {"file": at.file, **spot(at.line, at.column), "title": "New access"}
            yield "error", command("error", where, change.sentence)
    for doubt in together.doubts(seen):
        at = doubt.row.location
        if not doubt.row.private and at is not None and inside(at):
            where = {"file": at.file, **spot(at.line, at.column), "title": "Not wholly known"}
            yield "notice", command("notice", where, doubt.sentence)
