"""One pack: many objects in a file, most of them as differences to others, and its index.

Source: git's document `gitformat-pack`.
"""

import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

from mcpaudit.errors import RevisionError

MAX_OBJECT = 64 * 2**20
"""Bytes of one object; no file that an audit reads is larger."""
_MAX_CHAIN = 5000
"""Differences to differences; git itself makes chains of 50, and of 4,095 at most."""
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_NAME = 6, 7


class Pack:
    """Looks objects up in the index and reads them from the pack."""

    def __init__(self, index: Path, width: int) -> None:
        self._width = width
        self._index = _mapped(index)
        self._pack = _mapped(index.with_suffix(".pack"))
        self._count = struct.unpack_from(">I", self._index, 8 + 255 * 4)[0] if len(self._index) > 1032 else 0
        whole = len(self._index) >= 1032 + self._count * (width + 8) + 2 * width
        if self._index[:8] != b"\xfftOc\0\0\0\2" or self._pack[:4] != b"PACK" or not whole:
            raise RevisionError(f"the pack {index.stem} has a form that is not read")

    def close(self) -> None:
        """Let go of the files."""
        self._index.close()
        self._pack.close()

    def offset(self, name: bytes) -> int | None:
        """Where an object begins; `None` where the pack does not hold it."""
        at = self._first(name)
        return self._offset(at) if at < self._count and self._name(at) == name else None

    def beginning_with(self, beginning: str) -> Iterator[str]:
        """The ids that begin so; three at most, for more are as ambiguous as two."""
        at = self._first(bytes.fromhex(beginning.ljust(self._width * 2, "0")))
        for one in range(at, min(at + 3, self._count)):
            name = self._name(one).hex()
            if name.startswith(beginning):
                yield name

    def read(self, offset: int, other: Callable[[str], tuple[str, bytes]]) -> tuple[str, bytes]:
        """The object at an offset: its kind and content. `other` finds one that is not in this pack."""
        differences: list[bytes] = []
        while len(differences) < _MAX_CHAIN:
            kind, size, at = self._head(offset)
            if kind == _BY_OFFSET:
                distance, at = self._distance(at)
                if not 0 < distance <= offset:
                    break
                differences.append(self._body(at, size))
                offset -= distance
            elif kind == _BY_NAME:
                name = self._pack[at : at + self._width]
                differences.append(self._body(at + self._width, size))
                inside = self.offset(name)
                if inside is None:
                    return self._applied(*other(name.hex()), differences)
                offset = inside
            elif kind in _KINDS:
                return self._applied(_KINDS[kind], self._body(at, size), differences)
            else:
                break
        raise RevisionError("a pack of the repository is damaged")

    def _applied(self, kind: str, content: bytes, differences: list[bytes]) -> tuple[str, bytes]:
        for difference in reversed(differences):
            content = apply(content, difference)
        return kind, content

    def _first(self, name: bytes) -> int:
        """The place in the index of the first id that is not before this one."""
        return bisect_left(range(self._count), name, key=self._name)

    def _name(self, at: int) -> bytes:
        start = 1032 + at * self._width
        return self._index[start : start + self._width]

    def _offset(self, at: int) -> int:
        start = 1032 + self._count * (self._width + 4)
        found: int = struct.unpack_from(">I", self._index, start + at * 4)[0]
        if found < 1 << 31:
            return found
        far = start + self._count * 4 + (found & 0x7FFFFFFF) * 8
        if far + 8 > len(self._index):
            raise RevisionError("a pack of the repository is damaged")
        large: int = struct.unpack_from(">Q", self._index, far)[0]
        return large

    def _byte(self, at: int) -> int:
        if not 12 <= at < len(self._pack):
            raise RevisionError("a pack of the repository is damaged")
        return self._pack[at]

    def _head(self, at: int) -> tuple[int, int, int]:
        """Kind and size of an entry, and where it goes on."""
        byte = self._byte(at)
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 128 and shift < 60:
            at += 1
            byte = self._byte(at)
            size |= (byte & 127) << shift
            shift += 7
        return kind, size, at + 1

    def _distance(self, at: int) -> tuple[int, int]:
        byte = self._byte(at)
        distance = byte & 127
        while byte & 128 and distance < 1 << 60:
            at += 1
            byte = self._byte(at)
            distance = (distance + 1 << 7) | (byte & 127)
        return distance, at + 1

    def _body(self, at: int, size: int) -> bytes:
        if size > MAX_OBJECT:
            raise RevisionError(f"it holds an object of more than {MAX_OBJECT >> 20} MiB")
        try:
            # Compressed data is hardly ever longer than the rest: what does not end there is damaged.
            content = inflate(self._pack[at : at + size + (size >> 8) + 1024], size)
        except zlib.error as error:
            raise RevisionError("a pack of the repository is damaged") from error
        if len(content) != size:
            raise RevisionError("a pack of the repository is damaged")
        return content


def inflate(raw: bytes, limit: int) -> bytes:
    """What is compressed; raises RevisionError where it is too much, and zlib.error for no such data."""
    reader = zlib.decompressobj()
    content = reader.decompress(raw, limit + 1)
    if len(content) > limit:
        raise RevisionError(f"it holds an object of more than {limit >> 20} MiB")
    return content


def apply(base: bytes, difference: bytes) -> bytes:
    """The content that a difference makes of another; raises RevisionError where the two do not fit."""
    try:
        return _apply(base, difference)
    except IndexError:
        raise RevisionError("a pack of the repository is damaged") from None


def _apply(base: bytes, difference: bytes) -> bytes:
    size, at = _size(difference, 0)
    result_size, at = _size(difference, at)
    if size != len(base) or result_size > MAX_OBJECT:
        raise RevisionError("a pack of the repository is damaged")
    parts: list[bytes] = []
    length = 0
    while at < len(difference):
        order = difference[at]
        at += 1
        if order & 128:
            values = [0] * 7
            for bit in range(7):
                if order >> bit & 1:
                    values[bit] = difference[at]
                    at += 1
            start = values[0] | values[1] << 8 | values[2] << 16 | values[3] << 24
            count = values[4] | values[5] << 8 | values[6] << 16 or 0x10000
            part = base[start : start + count]
        else:
            count, part = order, difference[at : at + order]
            at += order
        length += count
        if not order or len(part) != count or length > result_size:
            raise RevisionError("a pack of the repository is damaged")
        parts.append(part)
    if length != result_size:
        raise RevisionError("a pack of the repository is damaged")
    return b"".join(parts)


def _size(raw: bytes, at: int) -> tuple[int, int]:
    size = shift = 0
    while True:
        byte = raw[at]
        size |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if not byte & 128 or shift > 60:
            return size, at


def _mapped(path: Path) -> mmap:
    try:
        with path.open("rb") as stream:
            return mmap(stream.fileno(), 0, access=ACCESS_READ)
    except (OSError, ValueError) as error:
        raise RevisionError(f"{path.name} cannot be read") from error
