"""Cuts a stream into lines in bounded memory: of one that is too long only the size is kept."""

from typing import Final

MAX_MESSAGE: Final = 4 * 1024 * 1024
"""One message that is read; as `usage` does, which parses at up to 25 times this."""

Line = tuple[bytes | None, int]
"""A line without its end, `None` where it is too long; and its size with it."""


class Lines:
    """The lines of one stream, as its chunks come."""

    __slots__ = ("_limit", "_parts", "_size")

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that end within this chunk; blank ones are none."""
        first, *rest = chunk.split(b"\n")
        if not rest:
            self._hold(first)
            return []
        found = [self._ended(first, 1)]
        found += [(line, len(line) + 1) for line in rest[:-1]]
        self._hold(rest[-1])
        return [line for line in found if line[0] is None or line[0].strip()]

    def end(self) -> list[Line]:
        """What is left without an end when the stream is over."""
        last = self._ended(b"", 0)
        return [last] if last[0] is None or last[0].strip() else []

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            self._parts.clear()
        elif part:
            self._parts.append(part)

    def _ended(self, part: bytes, more: int) -> Line:
        self._hold(part)
        size = self._size
        line = b"".join(self._parts) if size <= self._limit else None
        self._parts, self._size = [], 0
        return line, size + more
