"""Claude Code's transcripts: `~/.claude/projects/FOLDER/SESSION.jsonl`, and those of subagents below.

Sources: Claude Code 2.1.330 (the fields `sessionId`, `cwd`, `isSidechain`, `attachment` with the type
`deferred_tools_delta` and its `addedNames` stand in its program); messages are those of the Anthropic API,
with `tool_use` and `tool_result` blocks. Transcripts older than `cleanupPeriodDays` (30 by default) are
deleted.
"""

from typing import BinaryIO

from mcpaudit.usage.lines import elements, part, records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.names import apart
from mcpaudit.usage.tally import FileTally


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one transcript."""
    for record in records(stream, tally, b'"mcp__'):
        tally.record(
            moment(record.get("timestamp")), session=record.get("sessionId"), folder=record.get("cwd")
        )
        for block in elements(record, "message", "content"):
            if text(block, "type") == "tool_use" and (name := apart(text(block, "name"))):
                tally.call(*name, text(block, "id"))
            elif text(block, "type") == "tool_result":
                settle = tally.failed if part(block, "is_error") is True else tally.done
                settle(text(block, "tool_use_id"))
        if text(record, "attachment", "type") == "deferred_tools_delta":
            offered = (
                apart(one) for one in elements(record, "attachment", "addedNames") if isinstance(one, str)
            )
            for server in dict.fromkeys(name[0] for name in offered if name):
                tally.loaded(server)
