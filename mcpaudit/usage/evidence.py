"""Usage evidence as a file: read back strictly, and several pieces made one."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mcpaudit.model.place import Route
from mcpaudit.model.usage import SCHEMA, Source, ToolUse, Unread, Usage, Window
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.rows import read_file
from mcpaudit.usage.moment import moment

_START = 4096


def is_evidence(start: bytes) -> bool:
    """Whether a file that begins so is usage evidence."""
    return f'"schema":"{SCHEMA.rpartition("-")[0]}'.encode() in b"".join(start[:_START].split())


def read_evidence(path: Path, shown: str) -> tuple[Usage, Document]:
    """The usage evidence of a file; raises ConfigurationError at the first mistake."""
    return read_file(path, shown, Usage, SCHEMA, _time)


def _time(value: Json, route: Route) -> str:
    if value and (route[-1] in ("first", "last") or "days" in route):
        day = f"{value}T00:00:00Z" if "days" in route else str(value)
        if moment(day) != day:
            return "expected a day or time in UTC, such as 2026-11-22T09:00:00Z"
    return ""


def merge(pieces: Sequence[Usage]) -> Usage:
    """Several pieces of evidence as one; logs that stand in two of them are counted twice."""
    tools: dict[tuple[str, str, str, str], ToolUse] = {}
    windows: dict[tuple[str, str, str, str], Window] = {}
    files: Counter[tuple[str, str]] = Counter()
    records: Counter[tuple[str, str]] = Counter()
    unread: Counter[tuple[str, str, str]] = Counter()
    for piece in pieces:
        for use in piece.tools:
            row = (use.client, use.server, use.identity, use.tool)
            old = tools.get(row, ToolUse(*row, 0, 0, "", ""))
            first = min(filter(None, (old.first, use.first)), default="")
            calls, errors = old.calls + use.calls, old.errors + use.errors
            tools[row] = ToolUse(*row, calls, errors, first, max(old.last, use.last))
        for window in piece.windows:
            covered = (window.client, window.server, window.identity, window.folder)
            known = windows.get(covered, Window(*covered, 0, ()))
            days = tuple(sorted({*known.days, *window.days}))
            windows[covered] = Window(*covered, known.sessions + window.sessions, days)
        for source in piece.sources:
            files[source.format, source.client] += source.files
            records[source.format, source.client] += source.records
        for one in piece.unread:
            unread[one.format, one.client, one.reason] += one.count
    return Usage(
        SCHEMA,
        max((piece.since for piece in pieces), default=""),
        tuple(one for _, one in sorted(tools.items())),
        tuple(one for _, one in sorted(windows.items())),
        tuple(Source(*which, count, records[which]) for which, count in sorted(files.items())),
        tuple(Unread(*which, count) for which, count in sorted(unread.items())),
    )
