"""Workflow commands, which GitHub shows beside the changed lines of a pull request.

The form and its escapes: GitHub Docs, "Workflow commands for GitHub Actions", and `command.ts` of
actions/toolkit. GitHub shows ten of each level for a step, so no more are written.
"""

from collections import Counter
from collections.abc import Iterable

from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS
from mcpaudit.report.repository import inside

SHOWN = 10
_LONGEST = 2_000
_LEVELS = {"critical": "warning", "high": "warning", "medium": "warning", "low": "notice", "info": "notice"}


def of_finding(row: FindingRow, blocks: bool, why: str = "") -> tuple[str, str]:
    """Level and command: an error is what stands in the way of this run, and nothing else."""
    spots = (*row.locations, *(step.location for step in row.witness))
    at = next(one for one in spots if one is not None and inside(one))
    doubt = f" ({STATUS_WORDS[row.status]})" if STATUS_WORDS[row.status] else ""
    parts = [
        row.message,
        why,
        f"Because: {row.reason}" if row.reason else "",
        f"Fix: {row.fix}" if row.fix else "",
    ]
    text = "\n".join(prose(clip(part, _LONGEST)) for part in parts if part)
    level = "error" if blocks else _LEVELS[row.severity]
    where = {"file": at.file, **spot(at.line, at.column)}
    return level, command(level, where | {"title": f"{row.severity}{doubt}: {row.title}"}, text, row.policy)


def spot(line: int, column: int) -> dict[str, str]:
    """The properties of a place in a file; none where it has no line."""
    return ({"line": str(line)} | ({"col": str(column)} if column else {})) if line else {}


def command(level: str, properties: dict[str, str], message: str, policy: str = "") -> str:
    """One command; nothing in it can begin another."""
    told = ",".join(f"{name}={_property(clip(value, _LONGEST))}" for name, value in properties.items())
    shown = "\n".join(filter(None, map(prose, message.split("\n"))))
    return f"::{level} {told}::{_data(shown + (f' [{visible(policy)}]' if policy else ''))}"


def first(commands: Iterable[tuple[str, str]]) -> tuple[list[str], int]:
    """As many of each level as GitHub shows, and the number of all others."""
    shown, counted = [], Counter[str]()
    for level, text in commands:
        counted[level] += 1
        if counted[level] <= SHOWN:
            shown.append(text)
    return shown, counted.total() - len(shown)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
