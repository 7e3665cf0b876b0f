"""Small logs in the shapes that the clients write, recorded with real ones against a model that pretends."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mcpaudit.model.usage import Usage
from mcpaudit.usage.collect import collect, named

SECRET = "canary-value"
AT = "2026-11-20T08:00:00.123Z"


def lines(*records: Any) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in records)


def usage_of(path: Path, since: str = "") -> Usage:
    """The evidence of one log or folder."""
    return collect(named([path]), since)[0]


def counts(found: Usage) -> dict[tuple[str, str], tuple[int, int]]:
    """Calls and errors by server and tool."""
    return {(one.server, one.tool): (one.calls, one.errors) for one in found.tools}


def claude(
    *content: dict[str, Any], kind: str = "assistant", at: str = AT, session: str = "s1", cwd: str = "/w"
) -> Any:
    message = {"role": kind, "content": [*content]}
    head = {"parentUuid": None, "isSidechain": False, "type": kind, "message": message, "uuid": "u"}
    return {**head, "timestamp": at, "cwd": cwd, "sessionId": session, "version": "2.1.330"}


def tool_use(name: str, key: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": key, "name": name, "input": {"q": SECRET}}


def tool_result(key: str, *, wrong: bool = False) -> dict[str, Any]:
    told = {"type": "tool_result", "tool_use_id": key, "content": SECRET}
    return {**told, "is_error": True} if wrong else told


def offered(
    *names: str, at: str = AT, removed: Iterable[str] = (), session: str = "s1", cwd: str = "/w"
) -> Any:
    delta = {"type": "deferred_tools_delta", "addedNames": [*names], "removedNames": [*removed]}
    return {"type": "attachment", "attachment": delta, "timestamp": at, "cwd": cwd, "sessionId": session}


def codex(kind: str, payload: Any, at: str = AT) -> Any:
    return {"timestamp": at, "ordinal": 1, "type": kind, "payload": payload}


def codex_start(session: str = "c1", cwd: str = "/w") -> Any:
    return codex("session_meta", {"id": session, "cwd": cwd, "cli_version": "0.169.0"})


def codex_asked(key: str, name: str, namespace: str = "") -> Any:
    call = {"type": "function_call", "name": name, "arguments": json.dumps({"q": SECRET}), "call_id": key}
    return codex("response_item", {**call, "namespace": namespace} if namespace else call)


def codex_item(key: str, server: str, tool: str, status: str = "completed") -> Any:
    item = {"type": "McpToolCall", "id": key, "server": server, "tool": tool, "status": status}
    return codex("event_msg", {"type": "item_completed", "item": {**item, "arguments": {"q": SECRET}}})


def codex_event(key: str, server: str, tool: str, result: Any) -> Any:
    invocation = {"server": server, "tool": tool, "arguments": {"q": SECRET}}
    end = {"type": "mcp_tool_call_end", "call_id": key, "invocation": invocation, "result": result}
    return codex("event_msg", end)


def copilot(kind: str, at: str = AT, **data: Any) -> Any:
    return {"type": kind, "data": data, "id": "e", "timestamp": at, "parentId": None}


def copilot_call(key: str, server: str, tool: str, *, good: bool = True) -> tuple[Any, Any]:
    start = {"toolName": f"{server}-{tool}", "mcpServerName": server, "mcpToolName": tool}
    return (
        copilot("tool.execution_start", toolCallId=key, arguments={"q": SECRET}, **start),
        copilot("tool.execution_complete", toolCallId=key, success=good, result={"content": SECRET}),
    )


def recording(*messages: Any, ended: bool = True, **header: str) -> str:
    first = {
        "format": "mcpaudit/record-v1",
        "writer": "mcpaudit 0.4.0",
        "recording": "5f0c",
        "started": "2026-11-20T08:00:00Z",
        "server": "npm:acme-mcp",
        "name": "acme",
        "client": "claude-code",
        "values": False,
        **header,
    }
    last = [{"time": "2026-11-20T09:00:00Z", "end": "closed", "unanswered": 0}] if ended else []
    return lines(first, *messages, *last)


def message(number: int, tool: str, *, request: int | None = None, error: str = "") -> dict[str, Any]:
    """A call; or, of the `request` with that number, the answer."""
    return {
        "number": number,
        "time": "2026-11-20T08:30:00Z",
        "direction": "to-server" if request is None else "to-client",
        "method": "tools/call",
        "tool": tool,
        "id": "1",
        "response": request is not None,
        "request": request,
        "duration": None if request is None else 12.5,
        "size": 120,
        "error": error,
        "http_status": None,
        "arguments": [],
    }
