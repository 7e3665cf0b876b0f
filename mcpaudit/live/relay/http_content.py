"""Finds the messages in the content of HTTP bodies: one in a body of JSON, one in each event of a stream.

A copy is read; what passes is not touched. Memory is bounded as for lines.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Protocol

from mcpaudit.dataclass import dataclass
from mcpaudit.live.relay.http_head import Head
from mcpaudit.live.relay.lines import MAX_MESSAGE

READABLE = ("gzip", "deflate", "identity")
"""Content codings whose content can be read here; the relay asks for no others."""
_STEP = 64 * 1024
_MOST_LINES = 100_000
"""Lines of one event."""
_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands where a message may be."""

    raw: bytes | None
    """`None` for what is too long."""
    size: int
    event: str = ""
    """The event's type; empty outside of event streams, `message` for none (HTML, 9.2.6)."""


class Content(Protocol):
    """Takes content as it comes, and finds what may be messages."""

    def feed(self, part: bytes) -> Iterator[Found]:
        """What ends within this part."""

    def end(self) -> Iterator[Found]:
        """What ends with the content."""


def content_of(head: Head) -> Content | None:
    """How to read the body below a head; `None` for what can hold no messages."""
    kind = (head.all("content-type") or [""])[0].partition(";")[0].strip().lower()
    if kind not in ("application/json", "text/event-stream"):
        return None
    inner: Content = Events() if kind == "text/event-stream" else Whole()
    codings = [word for word in head.words("content-encoding") if word != "identity"]
    if codings in (["gzip"], ["deflate"]):
        return Unpacked(inner)
    return inner if not codings else Whole()


class Whole:
    """A body that is one message or one batch."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, part: bytes) -> Iterator[Found]:
        """Nothing ends before the whole does."""
        self._size += len(part)
        if self._size > MAX_MESSAGE:
            self._parts.clear()
        else:
            self._parts.append(part)
        return iter(())

    def end(self) -> Iterator[Found]:
        """The message."""
        if self._size:
            yield Found(b"".join(self._parts) if self._size <= MAX_MESSAGE else None, self._size)


class Events:
    """A stream of server-sent events (HTML, 9.2.6), each with one message as its data."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._event = "message"
        self._data: list[bytes] = []
        self._size = 0
        self._long = False
        self._returned = False
        """Whether the last byte was a carriage return: a line feed after it ends no other line."""

    def feed(self, part: bytes) -> Iterator[Found]:
        """The events that end within this part."""
        if self._returned and part.startswith(b"\n"):
            part = part[1:]
        if part:
            self._returned = part.endswith(b"\r")
        *lines, rest = _END.split(part)
        for line in lines:
            found = self._line(bytes(self._held) + line)
            self._held.clear()
            if found:
                yield found
        self._hold(rest)

    def end(self) -> Iterator[Found]:
        """An event that is cut short is none."""
        return iter(())

    def _hold(self, rest: bytes) -> None:
        if len(self._held) + len(rest) > MAX_MESSAGE:
            # Its field's name is all that is kept of it.
            self._long = True
            self._size += len(self._held) + len(rest) - 6
            self._held = (self._held + rest[:6])[:6]
        else:
            self._held += rest

    def _line(self, line: bytes) -> Found | None:
        if not line:
            found = Found(None if self._long else b"\n".join(self._data), self._size, self._event)
            wanted = self._data or self._long
            self._event, self._data, self._size, self._long = "message", [], 0, False
            return found if wanted else None
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value) + bool(self._data)
            self._long = self._long or self._size > MAX_MESSAGE or len(self._data) > _MOST_LINES
            if self._long:
                self._data.clear()
            else:
                self._data.append(value)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")[:64]
        return None


class Unpacked:
    """Content that is packed with gzip or deflate."""

    def __init__(self, inner: Content) -> None:
        self._inner = inner
        self._zlib = zlib.decompressobj(wbits=47)
        self._broken = 0
        """Bytes that could not be unpacked."""

    def feed(self, part: bytes) -> Iterator[Found]:
        """What ends within this part, once it is unpacked."""
        while part and not self._broken:
            try:
                plain = self._zlib.decompress(part, _STEP)
            except zlib.error:
                self._broken = len(part)
                return
            yield from self._inner.feed(plain)
            part = self._zlib.unconsumed_tail
            if self._zlib.eof:
                return

    def end(self) -> Iterator[Found]:
        """What ends with the content."""
        if self._broken:
            yield Found(b"", self._broken)
        else:
            yield from self._inner.end()
