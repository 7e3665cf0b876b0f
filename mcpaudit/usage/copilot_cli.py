"""Copilot CLI's sessions: `~/.copilot/session-state/SESSION/events.jsonl`.

Sources: a session of Copilot CLI 1.0.102 against a model that only pretends; github/copilot-sdk,
nodejs/src/generated/session-events.ts (`session.start`, `tool.execution_start` with `mcpServerName` and
`mcpToolName` as configured, `tool.execution_complete`). No document promises this format.
"""

from typing import BinaryIO

from mcpaudit.usage.lines import part, records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.tally import FileTally


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one session."""
    for record in records(stream, tally, b'"mcpServerName"'):
        session = part(record, "data", "sessionId")
        folder = part(record, "data", "context", "cwd")
        tally.record(moment(record.get("timestamp")), session=session, folder=folder)
        # Models of one's own number their calls from 0 in each session.
        key = f"{tally.session} {text(record, 'data', 'toolCallId')}"
        if record.get("type") == "tool.execution_start" and (server := text(record, "data", "mcpServerName")):
            tally.call(server, text(record, "data", "mcpToolName"), key)
        elif record.get("type") == "tool.execution_complete":
            (tally.failed if part(record, "data", "success") is False else tally.done)(key)
