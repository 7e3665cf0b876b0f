"""mcpaudit's own record of what passes between a client and a server: JSON Lines, one object a line.

The first line is a `Header`, the last an `End` where the recording ended in order, all others are `Message`s.
Values of arguments never stand in it: only their types, sizes and digests.
"""

from dataclasses import dataclass
from typing import Literal

FORMAT = "mcpaudit/record-v1"

Direction = Literal["to-server", "to-client"]
ErrorClass = Literal["", "protocol", "tool", "transport", "timeout", "cancelled"]


@dataclass(frozen=True, slots=True)
class Header:
    """What is recorded: the first line."""

    format: str
    writer: str
    """The program that recorded, with its version: `mcpaudit 0.4.0`."""
    started: str
    """When, in UTC: `2026-11-22T09:00:00Z`."""
    server: str
    """The server's identity, as in reports: `npm:NAME`, `url:https://HOST/PATH`."""
    name: str
    """The name that its client gives it."""
    client: str
    """The client's id; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call, without its value."""

    name: str
    type: Literal["null", "boolean", "number", "string", "array", "object"]
    size: int
    """Bytes of the value as JSON."""
    digest: str
    """HMAC-SHA-256 of the value as JSON, under a key made for this recording and never written down."""


@dataclass(frozen=True, slots=True)
class Message:
    """One JSON-RPC message."""

    time: str
    direction: Direction
    method: str
    """The method of a request or notification, and for a response that of its request."""
    tool: str
    """The tool that `tools/call` names; empty for any other method."""
    id: str
    """The JSON-RPC id as JSON; empty for a notification."""
    response: bool
    size: int
    """Bytes of the message."""
    duration: int | None
    """Milliseconds from the request to this response; null for what is no response."""
    error: ErrorClass
    """`protocol` for a JSON-RPC error, `tool` for a result with `isError`; empty where nothing failed."""
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The last line of a recording that ended in order."""

    time: str
    end: Literal["closed"]
