"""Heads of HTTP/1.1 messages, taken apart strictly and kept as they were written (RFC 9112).

What two programs could read in two ways is refused: a relay that guesses lets requests be smuggled past it.
"""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import Sequence
from dataclasses import field

from mcpaudit.dataclass import dataclass

MAX_HEAD = 64 * 1024
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
_RESPONSE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class BadHeadError(ValueError):
    """A head that is no HTTP/1.1, or none that has one meaning only."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the fields of a message."""

    first: bytes
    lines: tuple[tuple[bytes, bytes], ...]
    """Each field's name in small letters, and its whole line."""
    names: frozenset[bytes] = field(init=False)
    """Of these names: most fields that are looked for are not there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(name for name, _ in self.lines))

    def all(self, name: str) -> list[str]:
        """The values of a field, in order."""
        wanted = name.encode()
        if wanted not in self.names:
            return []
        return [
            line.partition(b":")[2].strip(b" \t").decode("latin-1")
            for own, line in self.lines
            if own == wanted
        ]

    def one(self, name: str) -> str:
        """The value of a field that may stand there once; empty where it does not."""
        found = self.all(name)
        if len(found) > 1:
            raise BadHeadError(f"the field {name} is there twice")
        return found[0] if found else ""

    def words(self, name: str) -> list[str]:
        """The elements of a field that is a list, in small letters."""
        return [word.strip().lower() for value in self.all(name) for word in value.split(",") if word.strip()]

    def with_field(self, name: str, value: str | None) -> "Head":
        """With another value for a field that is there; `None` takes it out."""
        own = name.encode()
        if own not in self.names:
            return self
        lines: list[tuple[bytes, bytes]] = []
        for key, line in self.lines:
            if key != own:
                lines.append((key, line))
            elif value is not None:
                lines.append((key, line.partition(b":")[0] + b": " + value.encode("latin-1")))
        return Head(self.first, tuple(lines))

    @property
    def raw(self) -> bytes:
        """As it goes over the wire."""
        return b"\r\n".join([self.first, *(line for _, line in self.lines), b"", b""])

    @property
    def closes(self) -> bool:
        """Whether the connection ends with this message."""
        return b"HTTP/1.0" in self.first or "close" in self.words("connection")

    @property
    def length(self) -> int | None:
        """The bytes of its body; -1 for chunks, `None` where the head does not say."""
        codings, lengths = self.words("transfer-encoding"), self.all("content-length")
        if codings:
            if codings != ["chunked"] or lengths:
                raise BadHeadError("a body with two lengths, or in a coding that is not known")
            return -1
        if not lengths:
            return None
        if len(lengths) > 1 or not lengths[0].isascii() or not lengths[0].isdigit() or len(lengths[0]) > 15:
            raise BadHeadError("a Content-Length that is no length")
        return int(lengths[0])


@dataclass(frozen=True, slots=True)
class Start:
    """What the first line of a request says."""

    method: str
    target: str


def start_of(head: Head) -> Start:
    """The first line of a request."""
    found = _REQUEST.fullmatch(head.first)
    if found is None:
        raise BadHeadError("the first line is no request of HTTP/1.1")
    return Start(found[1].decode(), found[2].decode("latin-1"))


def status_of(head: Head) -> int:
    """The status of a response."""
    found = _RESPONSE.fullmatch(head.first)
    if found is None:
        raise BadHeadError("the first line is no response of HTTP/1.1")
    return int(found[2])


async def read_head(reader: StreamReader) -> Head | None:
    """The next head; `None` where the stream ends before one begins."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if error.partial.strip():
            raise BadHeadError("the head is cut short") from None
        return None
    except LimitOverrunError:
        raise BadHeadError(f"the head is over {MAX_HEAD // 1024} KiB") from None
    first, *lines = raw[:-4].lstrip(b"\r\n").split(b"\r\n")
    if _CONTROL.search(first):
        raise BadHeadError("a control character in the first line")
    return Head(first, tuple(_fields(lines)))


def _fields(lines: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    found = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or _CONTROL.search(value):
            raise BadHeadError("a line of the head is no field")
        found.append((name.lower(), line))
    return found
