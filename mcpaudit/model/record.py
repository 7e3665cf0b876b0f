"""mcpaudit's own record of what passes between a client and a server: JSON Lines, one object a line.

The first line is a `Header`, the last an `End` where the recording ended in order, all others are `Message`s,
or a `Lost` where some could not be written. Without `--values` no value of an argument stands in it.
"""

from typing import Literal

from mcpaudit.dataclass import dataclass

FORMAT = "mcpaudit/record-v1"

Direction = Literal["to-server", "to-client"]
ErrorClass = Literal["", "protocol", "tool", "transport", "cancelled", "junk", "long"]
ValueType = Literal["null", "boolean", "number", "string", "array", "object"]


@dataclass(frozen=True, slots=True)
class Header:
    """What is recorded: the first line."""

    format: str
    writer: str
    """The program that recorded, with its version: `mcpaudit 0.4.0`."""
    recording: str
    """A random name; the same in all files of one recording."""
    started: str
    """When, in UTC: `2026-11-22T09:00:00.000Z`."""
    server: str
    """The server's identity, as in reports: `npm:NAME`, `url:https://HOST/PATH`."""
    name: str
    """The name that its client gives it; where that is not known, its identity."""
    client: str
    """The client's id; empty where it is not known."""
    values: bool
    """Whether values of arguments are written down."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call."""

    name: str
    type: ValueType
    digest: str
    """BLAKE2b of the value as JSON, under a key made for this recording and never written down: it shows
    which values of one recording are equal, and nothing else.
    """
    value: str
    """The value as JSON, its secrets masked, cut where it is long; empty unless values are asked for."""


@dataclass(frozen=True, slots=True)
class Message:
    """One JSON-RPC message, or what came in the place of one."""

    number: int
    """Counts the messages of the recording."""
    time: str
    """When it came, in UTC."""
    direction: Direction
    method: str
    """The method of a request or notification, and for a response that of its request."""
    tool: str
    """The tool that `tools/call` names; empty for any other method."""
    id: str
    """The JSON-RPC id as JSON; empty for a notification."""
    response: bool
    request: int | None
    """The number of the request that it answers or cancels; null where it is not known."""
    duration: float | None
    """Milliseconds from that request."""
    size: int
    """Bytes of the message; in a batch those of the whole batch, at its first message."""
    error: ErrorClass
    """`protocol` for a JSON-RPC error, `tool` for a result with `isError`, `transport` for an HTTP status of
    400 or more and for a server that cannot be reached, `cancelled` for a request that is taken back, `junk`
    for what is no JSON-RPC message, `long` for what is too long to be read; empty where nothing failed.
    """
    http_status: int | None
    """The HTTP status that it came with; null for what is no answer over HTTP."""
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """Messages that were passed on but could not be written down before this line."""

    time: str
    lost: int


@dataclass(frozen=True, slots=True)
class End:
    """The last line of a file that ended in order."""

    time: str
    end: Literal["closed", "rotated"]
    """`rotated` where the recording goes on in the next file."""
    unanswered: int
    """Requests that had no response by then."""
