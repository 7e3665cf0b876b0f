"""Usage evidence: which tools of which servers were called, as clients' logs tell it, and what they do not.

A call that no log shows is not proof that there was none: `windows` say where a call would have shown, and
`unread` what may hide one. Nothing here is an argument, a result, or the path of a project.
"""

from hashlib import sha256

from mcpaudit.dataclass import dataclass

SCHEMA = "mcpaudit/usage-v1"


@dataclass(frozen=True, slots=True)
class ToolUse:
    """How often one tool was called."""

    client: str
    """The id of the client whose log it is; empty where the log does not say."""
    server: str
    """The server's name, as that client's log writes it."""
    identity: str
    """The server's identity, as in reports; empty where the log knows its name only."""
    tool: str
    """The tool's name, as that client's log writes it; empty where the log leaves it out."""
    calls: int
    errors: int
    """How many of the calls failed, as far as the log tells."""
    first: str
    """The time of the first call, in UTC; empty where the log has no times."""
    last: str


@dataclass(frozen=True, slots=True)
class Window:
    """Days on which a call would have shown: of one server where it was seen to be loaded, else of any."""

    client: str
    server: str
    """The server that was seen to be loaded; empty where only the client's sessions are known."""
    identity: str
    folder: str
    """A digest of the working directory (`folder_digest`); empty where the log does not tell."""
    sessions: int
    days: tuple[str, ...]
    """The days with records, in UTC."""


@dataclass(frozen=True, slots=True)
class Source:
    """Logs of one format that were read."""

    format: str
    client: str
    files: int
    records: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of the logs that could not be read, and may hide calls."""

    format: str
    client: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage evidence of some logs."""

    schema: str
    since: str
    """The day before which records were left out; empty where none were."""
    tools: tuple[ToolUse, ...]
    windows: tuple[Window, ...]
    sources: tuple[Source, ...]
    unread: tuple[Unread, ...]


def folder_digest(folder: str) -> str:
    """What stands for a working directory in usage evidence: enough to recognise it, not to read it."""
    path = folder.replace("\\", "/").rstrip("/")
    return f"sha256:{sha256(path.encode('utf-8', 'replace')).hexdigest()[:16]}" if path else ""
