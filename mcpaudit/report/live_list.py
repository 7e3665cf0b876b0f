"""What `mcpaudit live list` says: a line a server, then what to do about those that are missing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from mcpaudit.dataclass import dataclass
from mcpaudit.model.live import Listing, Outcome
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count

SCHEMA = "mcpaudit/live-list-v1"
_SHOWN = 3

_ADVICE: dict[Outcome, str] = {
    "unexpanded": "give it the values that are missing, in your environment, and run this again",
    "not-started": "see that its program is installed and on PATH, or that its entry is right",
    "exited": "its last words may say why; files of your home it finds only with `--share-home`",
    "no-answer": "servers that are fetched when they start can take long: `--timeout 120` waits longer",
    "junk": "its standard output is for MCP messages alone; see that its entry starts the server itself",
    "login": "only its client holds the login; a list that was saved elsewhere is read with `--manifests`",
    "unreachable": "see that its URL is right and that it can be reached from here",
}
"""What a person can do, by outcome; nothing where only the server's author can."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One run of `mcpaudit live list`."""

    rows: tuple[Listing, ...]
    waiting: tuple[str, ...]
    """Servers that nobody has approved in their client; they were not asked."""
    saved: tuple[str, ...]
    """The files that were written."""
    lock: str = ""
    """What became of the lock, as a sentence; empty where it was not asked for."""
    notes: tuple[str, ...] = ()


def as_json(seen: Listed) -> bytes:
    """For programs: one object, keys sorted."""
    rows = {
        "schema": SCHEMA,
        "servers": [asdict(row) for row in seen.rows],
        "waiting": list(seen.waiting),
        "saved": list(seen.saved),
        "lock": seen.lock,
        "notes": list(seen.notes),
    }
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def as_text(seen: Listed, *, width: int, colour: bool) -> str:
    """For a terminal, in lines of at most `width` columns."""
    page = Page(width, colour)
    good = [row for row in seen.rows if row.listed]
    every = len(good) == len(seen.rows)
    tools = count(sum(len(row.tools) for row in good), "tool")
    whole = count(len(seen.rows), "server")
    text = f"Listed {whole}: {tools}." if every else f"Listed {len(good)} of {whole}: {tools}."
    page.write(text, style="green" if every else "red")
    page.gap()
    for row in seen.rows:
        page.write(_line(row), 2, label=_some(row.names), style="green" if row.listed else "red", hang=4)
        for note in row.notes:
            page.write(note, 4, label="note:", hang=6)
        for line in row.said:
            page.write(line, 4, label="it said:", hang=6)
    wrote = f"Wrote {_some(seen.saved)}." if seen.saved else ""
    for line in filter(None, (seen.lock, wrote, *seen.notes)):
        page.gap()
        page.write(line)
    advice = list(_advice(seen))
    if advice:
        page.heading("Next")
        for line in advice:
            page.write(line, 2, label="-", hang=4)
    return str(page)


def brief(row: Listing) -> str:
    """What came of one server, for a line of progress."""
    return count(len(row.tools), "tool") if row.listed else f"not listed: {row.reason}"


def _line(row: Listing) -> str:
    if not row.listed:
        return f"not listed: {row.reason}"
    return f"{count(len(row.tools), 'tool')}, MCP {row.protocol}, {row.seconds:.1f} s"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _advice(seen: Listed) -> Iterator[str]:
    for outcome, text in _ADVICE.items():
        if names := [row.names[0] for row in seen.rows if row.outcome == outcome]:
            yield f"{_some(names)}: {text}"
    if seen.waiting:
        who = _some(seen.waiting)
        yield f"not asked, as nobody has approved them in their client: {who}; name one to ask it"
    if any(row.listed for row in seen.rows) and not (seen.lock or seen.saved):
        yield "`--update-lock` puts these lists into mcpaudit.lock, `--save DIR` into files for `--manifests`"
