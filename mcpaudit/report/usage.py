"""What `mcpaudit usage` says: a table of servers and their tools, or the evidence as a file."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from mcpaudit.model.usage import ToolUse, Usage
from mcpaudit.report.escape import terminal_prose
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count

_WIDTH, _NAME, _NUMBER, _DAY = 80, 42, 7, 10
_UNNAMED = "(the log leaves out which tool)"


def as_json(usage: Usage) -> str:
    """The evidence file: keys and rows sorted, so that the same logs give the same bytes."""
    return json.dumps(asdict(usage), sort_keys=True, indent=1) + "\n"


def as_text(usage: Usage, *, width: int, colour: bool) -> str:
    """For a terminal, in lines of at most 80 columns, or `width` for what is no table."""
    page = Page(width, colour)
    page.write(_summary(usage))
    for client in sorted({use.client for use in usage.tools}):
        page.heading(client or "client not known")
        page.lines.append(_row("", "CALLS", "ERRORS", "FIRST", "LAST"))
        page.lines += _rows([use for use in usage.tools if use.client == client])
    page.heading("Read")
    for source in usage.sources:
        told = f"{source.format}: {count(source.files, 'file')}, {count(source.records, 'record')}"
        page.write(told, 2, hang=4)
    for window in _windows(usage):
        page.write(window, 2, hang=4)
    if usage.unread:
        page.heading("Not read")
    for one in usage.unread:
        page.write(f"{one.format}: {one.reason} ({count(one.count, 'time')})", 2, hang=4)
    return str(page)


def _summary(usage: Usage) -> str:
    days = sorted({day for window in usage.windows for day in window.days})
    if not days:
        return "These logs hold no record with a date."
    calls, servers = sum(use.calls for use in usage.tools), {(u.client, u.server) for u in usage.tools}
    when = f"from {days[0]} to {days[-1]}"
    return f"{count(calls, 'call')} of {count(len(servers), 'server')} {when}."


def _rows(uses: list[ToolUse]) -> Iterator[str]:
    for server, identity in sorted({(use.server, use.identity) for use in uses}):
        own = [use for use in uses if (use.server, use.identity) == (server, identity)]
        yield "  " + _cut(server + (f" ({identity})" if identity else ""), _WIDTH - 2)
        for use in own:
            name = _cut(use.tool or _UNNAMED, _WIDTH - 4)
            if len(name) > _NAME - 4:
                yield f"    {name}"
                name = ""
            yield _row(name, f"{use.calls}", f"{use.errors}", use.first[:10], use.last[:10])


def _row(name: str, calls: str, errors: str, first: str, last: str) -> str:
    row = f"{'    ' + name:{_NAME}}{calls:>{_NUMBER}}{errors:>{_NUMBER}}  {first:{_DAY}}  {last:{_DAY}}"
    return row.rstrip()


def _cut(name: str, most: int) -> str:
    shown = terminal_prose(name)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _windows(usage: Usage) -> Iterator[str]:
    """The days of each client, over all its servers and folders."""
    for client in sorted({window.client for window in usage.windows}):
        own = [window for window in usage.windows if window.client == client]
        whole = [window for window in own if not window.server] or own
        days = sorted({day for window in whole for day in window.days})
        sessions = count(sum(window.sessions for window in whole), "session")
        name = client or "client not known"
        yield f"{name}: {sessions} on {count(len(days), 'day')}, {days[0]} to {days[-1]}"
