"""Claude Code's transcripts: `~/.claude/projects/FOLDER/SESSION.jsonl`, and those of subagents below.

Source: sessions of Claude Code 2.1.330 against a model that only pretends. Messages are those of the vendor's
API, with `tool_use` and `tool_result` blocks; an `attachment` of the type `deferred_tools_delta` names tools
that the client offers and describes when they are needed, so that their servers are loaded. Transcripts older
than `cleanupPeriodDays` (30 by default) are deleted.
"""

from typing import BinaryIO

from mcpaudit.usage.limits import MAX_SERVERS
from mcpaudit.usage.lines import Record, elements, part, records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.names import apart
from mcpaudit.usage.tally import FileTally


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one transcript."""
    offered: dict[str, None] = {}
    days: set[str] = set()
    for record in records(stream, tally, b'"mcp__'):
        kind, time = record.get("type"), moment(record.get("timestamp"))
        tally.record(time, session=record.get("sessionId"), folder=record.get("cwd"))
        if kind == "attachment" and text(record, "attachment", "type") == "deferred_tools_delta":
            for server in _servers(record, "removedNames"):
                offered.pop(server, None)
            for server in _servers(record, "addedNames"):
                tally.loaded(server)
                if len(offered) < MAX_SERVERS:
                    offered[server] = None
        if time and time[:10] not in days:
            # What was offered once in a session still is on its later days.
            days.add(time[:10])
            for server in offered:
                tally.loaded(server)
        for block in elements(record, "message", "content"):
            name = apart(text(block, "name"))
            if kind == "assistant" and text(block, "type") == "tool_use" and name:
                tally.call(*name, text(block, "id"))
            elif kind == "user" and text(block, "type") == "tool_result":
                settle = tally.failed if part(block, "is_error") is True else tally.done
                settle(text(block, "tool_use_id"))


def _servers(record: Record, key: str) -> dict[str, None]:
    names = (apart(one) for one in elements(record, "attachment", key) if isinstance(one, str))
    return dict.fromkeys(name[0] for name in names if name)
