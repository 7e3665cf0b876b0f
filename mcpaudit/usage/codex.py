"""Codex's sessions: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-*.jsonl`, and `archived_sessions`.

Source: openai/codex, codex-rs/rollout/src (policy.rs: which items are kept; compression.rs: `.jsonl.zst`) and
codex-rs/protocol/src (`McpToolCallEndEvent`, `McpInvocation`, `ResponseItem::FunctionCall`). A call stands
there as the model's `function_call` and, not in every build, as `mcp_tool_call_end` with the names of the
configuration.
"""

from typing import BinaryIO

from mcpaudit.usage.limits import MAX_OPEN
from mcpaudit.usage.lines import Record, part, records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.names import PREFIX, apart
from mcpaudit.usage.tally import FileTally


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one session."""
    asked: dict[str, tuple[str, str, str]] = {}
    for record in records(stream, tally, b"mcp_tool_call_end", b'"mcp__'):
        kind, time = text(record, "payload", "type"), moment(record.get("timestamp"))
        meta = record.get("type") == "session_meta"
        session = part(record, "payload", "id") if meta else None
        tally.record(time, session=session, folder=part(record, "payload", "cwd"))
        if kind == "mcp_tool_call_end":
            _ended(record, tally, asked)
        elif kind == "function_call" and (name := _called(record)):
            asked[text(record, "payload", "call_id") or f"{len(asked)}"] = (*name, tally.time)
            if len(asked) > MAX_OPEN:
                _count(tally, next(iter(asked)), asked)
    while asked:
        _count(tally, next(iter(asked)), asked)


def _ended(record: Record, tally: FileTally, asked: dict[str, tuple[str, str, str]]) -> None:
    """The event has the names of the configuration; those that the model used are not needed then."""
    key = text(record, "payload", "call_id")
    asked.pop(key, None)
    invocation = part(record, "payload", "invocation")
    tally.call(text(invocation, "server"), text(invocation, "tool"), key)
    result = part(record, "payload", "result")
    wrong = part(result, "Err") is not None or True in (
        part(result, "Ok", "is_error"),
        part(result, "Ok", "isError"),
    )
    (tally.failed if wrong else tally.done)(key)


def _called(record: Record) -> tuple[str, str] | None:
    name, space = text(record, "payload", "name"), text(record, "payload", "namespace")
    if space.startswith(PREFIX):
        return apart(f"{space.rstrip('_')}__{name}")
    return apart(name)


def _count(tally: FileTally, key: str, asked: dict[str, tuple[str, str, str]]) -> None:
    server, tool, time = asked.pop(key)
    tally.time = time or tally.time
    tally.call(server, tool, key)
