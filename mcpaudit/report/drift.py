"""What `mcpaudit lock` says: what changed since the lock, for people and for programs."""

import json
from dataclasses import asdict
from itertools import groupby

from mcpaudit.dataclass import dataclass
from mcpaudit.model.drift import Drift, counted
from mcpaudit.model.lock import FILE, Lock
from mcpaudit.report.page import Page, Style

SCHEMA = "mcpaudit/drift-v1"
_URGENT = (
    *("identity-changed", "server-added", "credential-needed", "tool-added", "actions-gained"),
    *("claim-changed", "completeness-lost", "integrity-changed"),
)
"""What gives an agent more than was reviewed, or hides what it has: shown in red."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run of `mcpaudit lock`."""

    lock: Lock
    """What is installed now."""
    drift: tuple[Drift, ...]
    known: bool
    """Whether there was a lock to compare with."""
    written: bool
    """Whether the lock was written."""
    checked: bool
    """Whether it was only to be compared."""
    notes: tuple[str, ...] = ()
    """What a reader has to know to make sense of it: what could not be read, which options differ."""


def as_text(seen: Comparison, *, width: int, colour: bool) -> str:
    """For a terminal, in lines of at most `width` columns."""
    page = Page(width, colour)
    page.write(_headline(seen), style="red" if seen.checked and seen.drift else "green")
    for server, rows in groupby(seen.drift, key=lambda one: one.server):
        page.gap()
        page.write(f"{server}{_names(seen.lock, server)}", style="bold", hang=2)
        for row in rows:
            style: Style = "red" if row.kind in _URGENT else "amber"
            page.write(row.sentence, 2, label=f"{row.kind}:", style=style, hang=4)
    unknown = [one for one in seen.lock.servers if not one.tools]
    if unknown:
        page.heading("Tools that are not known")
        for one in unknown:
            page.write(f"{one.id}{_names(seen.lock, one.id)}: {one.manifest.reason}", 2, hang=4)
    if seen.notes:
        page.heading("Notes")
        for note in seen.notes:
            page.write(note, 2, label="-", hang=4)
    if seen.checked and seen.drift:
        page.gap()
        page.write("review these changes; `mcpaudit lock` accepts them.", label="Next:", style="bold")
    return str(page)


def as_json(seen: Comparison) -> bytes:
    """For programs: RFC 8785 bytes and a line feed."""
    rows = {
        "schema": SCHEMA,
        "lock": FILE,
        "checked": seen.checked,
        "written": seen.written,
        "servers": len(seen.lock.servers),
        "tools": _tools(seen.lock),
        "unknown": [one.id for one in seen.lock.servers if not one.tools],
        "drift": [asdict(one) for one in seen.drift],
        "notes": list(seen.notes),
    }
    # Every key is ASCII and every number whole, for which this is the form of RFC 8785.
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _headline(seen: Comparison) -> str:
    holds = f"{counted(len(seen.lock.servers), 'server')}, {counted(_tools(seen.lock), 'tool')}"
    differences = counted(len(seen.drift), "difference")
    if seen.checked:
        if seen.drift:
            return f"Drift: {differences} between {FILE} and what is installed ({holds})."
        return f"No drift: what is installed is what {FILE} says ({holds})."
    if not seen.written:
        return f"{FILE} says this already ({holds}); it was not written."
    since = f" {differences[:1].upper()}{differences[1:]} from the lock before:" if seen.drift else ""
    same = " It says the same of every server as before." if seen.known and not seen.drift else ""
    return f"Wrote {FILE}: {holds}.{since}{same}"


def _tools(lock: Lock) -> int:
    return sum(len(one.tools) for one in lock.servers)


def _names(lock: Lock, server: str) -> str:
    names = sorted({name for one in lock.servers if one.id == server for name in one.installed_as})
    return f" ({', '.join(names)})" if names else ""
