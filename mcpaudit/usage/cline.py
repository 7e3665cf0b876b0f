"""Cline's tasks: `ui_messages.json` of the extension, `SESSION.messages.json` of its newer sessions.

Source: cline/cline, apps/vscode/src/shared/ExtensionMessage.ts (`ClineAskUseMcpServer`) and
apps/vscode/src/sdk/message-translator.ts (tools of sessions are named `server__tool`, illegal characters
became `_` and long names end with a digest), sdk/packages/core/fixtures/session.
"""

import json
from typing import BinaryIO

from mcpaudit.model.gap import Gap
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.reader import parse
from mcpaudit.usage.lines import elements, part, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.tally import FileTally


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one task; the file is one JSON value."""
    document = parse(stream.read(MAX_BYTES + 1), "", "json")
    if isinstance(document, Gap):
        tally.unread(document.reason)
    elif isinstance(document.data, list):
        _messages(document.data, tally)
    else:
        _session(document.data, tally)


def _messages(found: list[Json], tally: FileTally) -> None:
    """What the extension shows: a question (`ask`) or a statement (`say`) for each call."""
    last = ""
    for message in found:
        tally.record(moment(part(message, "ts")))
        if "use_mcp_server" not in (part(message, "ask"), part(message, "say")):
            last = "" if part(message, "say") == "mcp_server_response" else last
            continue
        told = text(message, "text")
        # A call that is asked for and then runs is written twice, one after the other.
        if part(message, "partial") is True or told == last:
            continue
        last = told
        try:
            call = json.loads(told)
        except (ValueError, RecursionError):
            tally.unread("a call whose text is no JSON")
            continue
        if part(call, "type") == "use_mcp_tool":
            tally.call(text(call, "serverName"), text(call, "toolName"))


def _session(data: Json, tally: FileTally) -> None:
    session = part(data, "sessionId")
    for message in elements(data, "messages"):
        tally.record(moment(part(message, "ts")), session=session)
        for block in elements(message, "content"):
            server, _, tool = text(block, "name").partition("__")
            if text(block, "type") == "tool_use" and server and tool:
                tally.call(server, tool, text(block, "id"))
            elif text(block, "type") == "tool_result":
                settle = tally.failed if part(block, "is_error") is True else tally.done
                settle(text(block, "tool_use_id"))
