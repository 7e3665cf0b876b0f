"""Bodies of HTTP/1.1 messages, passed on as they come, with what they hold beside it."""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import AsyncIterator

from mcpaudit.live.relay.http_head import BadHeadError

_CHUNK = 64 * 1024
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")

Part = tuple[bytes, bytes, bool]
"""Bytes as they go over the wire, what of them is content, and whether they are the last."""


async def body(reader: StreamReader, length: int | None) -> AsyncIterator[Part]:
    """The parts of a body: of so many bytes, in chunks (-1), or up to the end of the stream (`None`).

    A stream that ends before its body does raises IncompleteReadError.
    """
    if length == -1:
        async for part in _chunks(reader):
            yield part
    elif length is None:
        while part_read := await reader.read(_CHUNK):
            yield part_read, part_read, False
        yield b"", b"", True
    elif not length:
        yield b"", b"", True
    else:
        async for piece in _exactly(reader, length):
            length -= len(piece)
            yield piece, piece, length == 0


async def _chunks(reader: StreamReader) -> AsyncIterator[Part]:
    while True:
        line = await _line(reader)
        found = _SIZE.fullmatch(line)
        if found is None:
            raise BadHeadError("a chunk without a size")
        size = int(found[1], 16)
        if not size:
            break
        async for piece in _exactly(reader, size):
            yield line + piece, piece, False
            line = b""
        end = await reader.readexactly(2)
        if end != b"\r\n":
            raise BadHeadError("a chunk that is longer than its size")
        yield end, b"", False
    while True:
        trailer = await _line(reader)
        line += trailer
        if trailer == b"\r\n":
            break
    yield line, b"", True


async def _line(reader: StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except LimitOverrunError:
        raise BadHeadError("a line between chunks is too long") from None


async def _exactly(reader: StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, _CHUNK))
        if not piece:
            raise IncompleteReadError(b"", size)
        size -= len(piece)
        yield piece
