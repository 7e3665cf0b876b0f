"""Codex's sessions: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-*.jsonl`, and `archived_sessions`.

Sources: a session of Codex 0.169.0 against a model that only pretends; openai/codex, codex-rs/rollout/src
(policy.rs: which items are kept; compression.rs: `.jsonl.zst`) and codex-rs/protocol/src. A call stands there
as the model's `function_call` and, in most builds, with the names of the configuration: as the event
`mcp_tool_call_end`, since late 2026 as an `item_completed` of the type `McpToolCall`.
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
    for record in records(stream, tally, b"mcp_tool_call_end", b"McpToolCall", b'"mcp__'):
        kind, time = text(record, "payload", "type"), moment(record.get("timestamp"))
        meta = record.get("type") == "session_meta"
        session = part(record, "payload", "id") if meta else None
        tally.record(time, session=session, folder=part(record, "payload", "cwd"))
        item = part(record, "payload", "item")
        if kind == "item_completed" and text(item, "type") == "McpToolCall":
            wrong = text(item, "status") == "failed"
            _ended(tally, asked, text(item, "id"), text(item, "server"), text(item, "tool"), wrong)
        elif kind == "mcp_tool_call_end":
            named, key = part(record, "payload", "invocation"), text(record, "payload", "call_id")
            _ended(tally, asked, key, text(named, "server"), text(named, "tool"), _failed(record))
        elif kind == "function_call" and (name := _called(record)):
            asked[text(record, "payload", "call_id") or f"{len(asked)}"] = (*name, tally.time)
            if len(asked) > MAX_OPEN:
                _count(tally, next(iter(asked)), asked)
    while asked:
        _count(tally, next(iter(asked)), asked)


def _ended(
    tally: FileTally,
    asked: dict[str, tuple[str, str, str]],
    key: str,
    server: str,
    tool: str,
    wrong: bool,
) -> None:
    """A call by the names of the configuration; those that the model used are not needed then."""
    asked.pop(key, None)
    tally.call(server, tool, key)
    (tally.failed if wrong else tally.done)(key)


def _failed(record: Record) -> bool:
    result = part(record, "payload", "result")
    flags = (part(result, "Ok", "is_error"), part(result, "Ok", "isError"))
    return part(result, "Err") is not None or True in flags


def _called(record: Record) -> tuple[str, str] | None:
    name, space = text(record, "payload", "name"), text(record, "payload", "namespace")
    if space.startswith(PREFIX):
        return apart(f"{space.removesuffix('__')}__{name}")
    return apart(name)


def _count(tally: FileTally, key: str, asked: dict[str, tuple[str, str, str]]) -> None:
    server, tool, time = asked.pop(key)
    tally.time = time or tally.time
    tally.call(server, tool, key)
