"""The formats of logs: where each client keeps its own, and how one that is named by hand is known."""

import json
import re
from collections.abc import Callable
from typing import BinaryIO

from mcpaudit.dataclass import dataclass
from mcpaudit.model.record import FORMAT as RECORD
from mcpaudit.usage import claude_code, claude_desktop, cline, codex, copilot_cli, record
from mcpaudit.usage.lines import part
from mcpaudit.usage.tally import FileTally

Read = Callable[[BinaryIO, FileTally, str], None]
"""Reads an open log; the last argument is the file's name."""
_DESKTOP = re.compile(r"mcp-server-(.+?)(?:\.old|\d)?\.log")


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of log."""

    id: str
    client: str
    """The client whose log it is; empty where the log itself says."""
    title: str
    read: Read
    places: tuple[tuple[str, str], ...] = ()
    """Folders as site templates, and the names of the logs below them."""
    known_by: str = ""
    """The name of a file, as a pattern, by which it is known without a look inside."""


def _plain(read: Callable[[BinaryIO, FileTally], None]) -> Read:
    return lambda stream, tally, name: read(stream, tally)


def _desktop(stream: BinaryIO, tally: FileTally, name: str) -> None:
    own = _DESKTOP.fullmatch(name)
    claude_desktop.read(stream, tally, own[1] if own else "")


CLAUDE_CODE = Format(
    "claude-code-transcript",
    "claude-code",
    "Claude Code transcripts",
    _plain(claude_code.read),
    (("{home}/.claude/projects", "*.jsonl"),),
)
CODEX = Format(
    "codex-rollout",
    "codex",
    "Codex sessions",
    _plain(codex.read),
    (
        ("{home}/.codex/sessions", "rollout-*.jsonl*"),
        ("{home}/.codex/archived_sessions", "rollout-*.jsonl*"),
    ),
    "rollout-*.jsonl*",
)
COPILOT_CLI = Format(
    "copilot-cli-events",
    "copilot-cli",
    "Copilot CLI sessions",
    _plain(copilot_cli.read),
    (("{home}/.copilot/session-state", "events.jsonl"),),
)
CLAUDE_DESKTOP = Format(
    "claude-desktop-log",
    "claude-desktop",
    "Claude Desktop logs",
    _desktop,
    (
        ("{home}/Library/Logs/Claude", "mcp-server-*.log"),
        ("{appdata}/Claude/logs", "mcp-server-*.log"),
        ("{userdata}/Claude/logs", "mcp-server-*.log"),
    ),
    "mcp*.log",
)
CLINE = Format(
    "cline-task",
    "cline",
    "Cline tasks",
    _plain(cline.read),
    (
        ("{home}/.cline/data/sessions", "*.messages.json"),
        ("{home}/.cline/data/tasks", "ui_messages.json"),
        ("{userdata}/Code/User/globalStorage/saoudrizwan.claude-dev/tasks", "ui_messages.json"),
    ),
    "*messages.json",
)
OWN = Format("mcpaudit-record", "", "recordings of mcpaudit", _plain(record.read))

UNKNOWN = Format("unknown", "", "files that cannot be opened", lambda stream, tally, name: None)

FORMATS = (CLAUDE_CODE, CODEX, COPILOT_CLI, CLAUDE_DESKTOP, CLINE, OWN)
UNAUDITED = frozenset({CLINE.client})
"""Clients whose configuration mcpaudit does not read: their logs are read wherever they are."""


def sniff(start: bytes) -> Format | None:
    """The format of a log with one JSON object a line, by its first lines; `None` where none fits."""
    for line in start.splitlines()[:8]:
        try:
            first = json.loads(line)
        except (ValueError, RecursionError):
            continue
        kind = part(first, "type")
        if part(first, "format") == RECORD:
            return OWN
        if kind == "session_meta" or (isinstance(part(first, "payload"), dict) and "timestamp" in first):
            return CODEX
        if isinstance(kind, str) and "." in kind and isinstance(part(first, "data"), dict):
            return COPILOT_CLI
        if isinstance(part(first, "sessionId"), str):
            return CLAUDE_CODE
    return None
