"""The log of a recording: JSON Lines in files of bounded size, whatever happens to the disk.

What cannot be written is counted and told; it never holds a message up. Each line is one write. A line that
was cut, by a full disk at once or by a power cut before, is taken out again.
"""

import errno
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path

from mcpaudit.live.relay.claim import claimed
from mcpaudit.live.relay.moment import Moments
from mcpaudit.model.record import FORMAT, Argument, End, Header, Lost, Message

RETRY = 1.0
"""Seconds after which a log that failed is tried again."""
_SPARE = 256
"""Bytes kept free in a file for its last lines."""
_BLOCK = 64 * 1024
_SAME = 99
"""Relays of one server at the same time that get a log of their own."""
_BEGIN = f'{{"format":"{FORMAT}"'.encode()
_NAMES = tuple(field.name for field in fields(Message))
_PARTS = tuple(field.name for field in fields(Argument))
_values, _parts = attrgetter(*_NAMES), attrgetter(*_PARTS)
_encode = json.JSONEncoder(separators=(",", ":")).encode
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
"""Not waiting is for a pipe that nobody reads; a link is not followed to somebody else's file."""


class Log:
    """Where the lines of one recording go."""

    def __init__(
        self,
        path: Path,
        header: Header,
        max_bytes: int,
        keep: int,
        complain: Callable[[str], None],
        now: Callable[[], float],
        tick: Callable[[], float],
    ) -> None:
        self._wanted, self._header, self._max, self._keep = path, header, max_bytes, keep
        self._complain, self._now, self._tick = complain, now, tick
        self._moments = Moments()
        self._path = path
        self._file = -1
        self._regular = True
        self._size = 0
        self._lost = 0
        self._failed: float | None = None
        """When it failed last; `None` while all is well."""
        self._complained = False
        self._trying(self._open)

    @property
    def path(self) -> Path:
        """The file that is written at present."""
        return self._path

    def write(self, message: Message, unanswered: int) -> None:
        """Write one message, or count it as lost; `unanswered` is for the last line of a full file."""
        if (self._failed is not None and self._tick() - self._failed < RETRY) or not self._trying(
            lambda: self._write(message, unanswered)
        ):
            self._lost += 1

    def close(self, unanswered: int) -> None:
        """Write the last line."""
        self._trying(lambda: self._end(unanswered, "closed"))
        if self._lost:
            self._say(f"{self._lost:,} messages were passed on without being recorded in {self._path}")

    def _trying(self, step: Callable[[], None]) -> bool:
        try:
            step()
        except OSError as error:
            self._failed = self._tick()
            if not self._complained:
                self._complained = True
                why = error.strerror or type(error).__name__
                self._say(f"the log {self._path} cannot be written: {why}; messages are passed on unrecorded")
            return False
        self._failed = None
        return True

    def _say(self, text: str) -> None:
        self._complain(f"mcpaudit: {text}")

    def _write(self, message: Message, unanswered: int) -> None:
        line = _line(message)
        if self._file < 0:
            self._open()
        if self._regular and self._size + len(line) + _SPARE > self._max and self._size > _SPARE:
            self._rotate(unanswered)
        self._tell_lost()
        self._put(line)

    def _tell_lost(self) -> None:
        if self._lost:
            self._put(_plain(Lost(self._moments.text(self._now()), self._lost)))
            self._lost = 0

    def _end(self, unanswered: int, how: str) -> None:
        if self._file < 0:
            self._open()
        self._tell_lost()
        time = self._moments.text(self._now())
        self._put(_plain(End(time, "rotated" if how == "rotated" else "closed", unanswered)))
        os.close(self._file)
        self._file = -1

    def _put(self, line: bytes) -> None:
        written = os.write(self._file, line)
        if written == len(line):
            self._size += written
            return
        # Only a part found room: what stands there has to be whole lines.
        if self._regular:
            os.ftruncate(self._file, self._size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> None:
        """Open the first log of this name that no other relay writes, mend its end, and begin."""
        self._wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self._wanted, *(_numbered(self._wanted, f"-{one}") for one in range(2, _SAME + 1))):
            file = os.open(path, _FLAGS, 0o600)
            self._regular = stat.S_ISREG(os.fstat(file).st_mode)
            if not self._regular or claimed(file):
                break
            os.close(file)
        else:
            raise OSError(errno.EBUSY, f"{_SAME} relays write logs of this name")
        self._path, self._file = path, file
        try:
            self._size = _mended(file) if self._regular else 0
            if self._regular and hasattr(os, "fchmod"):
                os.fchmod(file, 0o600)
            self._put(_plain(self._header))
        except OSError:
            os.close(file)
            self._file = -1
            raise

    def _rotate(self, unanswered: int) -> None:
        self._end(unanswered, "rotated")
        for number in range(self._keep, 0, -1):
            older = _numbered(self._path, f".{number}")
            if number == self._keep:
                with suppress(FileNotFoundError):
                    older.unlink()
            elif older.exists():
                older.replace(_numbered(self._path, f".{number + 1}"))
        if self._keep:
            self._path.replace(_numbered(self._path, ".1"))
        else:
            self._path.unlink()
        self._open()


def _numbered(path: Path, mark: str) -> Path:
    return path.with_name(f"{path.stem}{mark}{path.suffix}")


def _mended(file: int) -> int:
    """The size of a log, once a last line that was cut is taken out; raises OSError for what is no log."""
    size = end = os.fstat(file).st_size
    os.lseek(file, 0, os.SEEK_SET)
    if size and not os.read(file, len(_BEGIN)).startswith(_BEGIN[:size]):
        raise OSError(errno.EEXIST, "the file that is there is no recording")
    while end:
        start = max(0, end - _BLOCK)
        os.lseek(file, start, os.SEEK_SET)
        found = os.read(file, end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end


def _line(message: Message) -> bytes:
    row = dict(zip(_NAMES, _values(message), strict=True))
    row["arguments"] = [dict(zip(_PARTS, _parts(one), strict=True)) for one in message.arguments]
    return f"{_encode(row)}\n".encode()


def _plain(row: Header | Lost | End) -> bytes:
    return f"{_encode(asdict(row))}\n".encode()
