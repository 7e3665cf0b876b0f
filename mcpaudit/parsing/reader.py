"""Files to documents; whatever cannot be read comes back as a gap, never as an exception."""

import errno
import hashlib
import os
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from mcpaudit.errors import UsageError
from mcpaudit.model.gap import Gap, GapKind
from mcpaudit.model.place import Place
from mcpaudit.parsing.document import Document, Irregularity, Layout, Malformed, Syntax
from mcpaudit.parsing.front_matter import front_matter
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.syntaxes import syntax_of

_BOM = b"\xef\xbb\xbf"
# Where WSL mounts the disks of Windows: https://learn.microsoft.com/windows/wsl/wsl-config#automount-settings
_WINDOWS_DISK = re.compile(r"/mnt/[a-z]/")
_NOT_A_FILE = (
    (stat.S_ISDIR, "a directory, not a file"),
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)


def read(path: Path, shown: str, syntax: Syntax) -> Document | Gap | None:
    """The document in a file, `None` if there is no such file, else a gap that says why it cannot be read.

    Only regular files are opened: opening a pipe blocks and opening a device can act on it. A link whose
    target is missing is a gap, because it may only be out of sight (another root, an unmounted disk).
    """
    raw = _fetched(path, shown)
    if not isinstance(raw, bytes):
        return raw
    found = parse(raw, shown, syntax)
    if isinstance(found, Document) and _anyone_writes(path):
        return replace(found, anyone_writes=True)
    return found


def _anyone_writes(path: Path) -> bool:
    """Whether all users may write a file; never on Windows and its disks in WSL, which have no such bit."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_IWOTH) and os.name == "posix" and not _WINDOWS_DISK.match(str(path.resolve()))


def read_plain(path: Path, shown: str) -> str | Gap | None:
    """The text of a file that has no syntax of its own, under the same rules."""
    raw = _fetched(path, shown)
    if not isinstance(raw, bytes):
        return raw
    try:
        return _decode(raw)
    except Malformed as error:
        return _gap("malformed", shown, error.message, error.line, error.column)


def open_stream(path: Path, shown: str, most: int) -> BinaryIO | Gap | None:
    """A file of up to `most` bytes to be read piece by piece, under the same rules; it may grow meanwhile."""
    try:
        return open_regular(path, most)
    except (FileNotFoundError, NotADirectoryError):
        return _gap("unreadable", shown, "a link to a file that is not there") if path.is_symlink() else None
    except OSError as error:
        return _gap("unreadable", shown, _told(error))


def regular_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of a file under the same rules, for callers that need no gap; raises OSError."""
    with open_regular(path, most) as stream:
        raw = stream.read(most + 1) or b""
    if len(raw) > most:
        raise OSError(errno.EFBIG, _over(most))
    return raw


def named_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of a file that was named by hand; raises UsageError with the reason why it cannot be read."""
    try:
        return regular_bytes(path, most)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {_told(error)}") from None


def _fetched(path: Path, shown: str) -> bytes | Gap | None:
    stream = open_stream(path, shown, MAX_BYTES)
    if stream is None or isinstance(stream, Gap):
        return stream
    try:
        with stream:
            raw = stream.read(MAX_BYTES + 1) or b""
    except OSError as error:
        return _gap("unreadable", shown, _told(error))
    return raw if len(raw) <= MAX_BYTES else _gap("unreadable", shown, _over(MAX_BYTES))


def _told(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    return "a loop of links" if error.errno == errno.ELOOP else error.strerror or "cannot be opened"


def _over(most: int) -> str:
    return f"over the limit of {most // 2**20} MiB"


def read_text_as(text: str, shown: str, syntax: Syntax) -> Document | Gap:
    """The document in a text, or the gap."""
    return parse(text.encode("utf-8", "surrogatepass"), shown, syntax)


def parse(raw: bytes, shown: str, syntax: Syntax) -> Document | Gap:
    """The document in a file's bytes, or a gap of kind `malformed` (`unreadable` if it is too large)."""
    if len(raw) > MAX_BYTES:
        return _gap("unreadable", shown, _over(MAX_BYTES))
    try:
        text = _decode(raw)
        content = front_matter(text) if shown.endswith(".md") else text
        data, irregularities = syntax_of(syntax).parse(content)
    except Malformed as error:
        return _gap("malformed", shown, error.message, error.line, error.column)
    if raw.startswith(_BOM):
        irregularities = (Irregularity("bom", (), 1, 1), *irregularities)
    digest = hashlib.sha256(raw).hexdigest()
    layout = Layout(content, syntax_of(syntax).positions)
    return Document(shown, syntax, data, irregularities, digest, text, layout)


def open_regular(path: Path, most: int) -> BinaryIO:
    """A regular file, opened; raises OSError with the reason for anything else."""
    try:
        status = path.stat()
    except ValueError:
        raise OSError(errno.EINVAL, "the path is not one that a file can have") from None
    for is_kind, reason in _NOT_A_FILE:
        if is_kind(status.st_mode):
            raise OSError(errno.EINVAL, reason)
    if status.st_size > most:
        raise OSError(errno.EFBIG, _over(most))
    # A pipe may have taken the file's place since the check: without waiting, it reads as empty.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags), "rb")


def _decode(raw: bytes) -> str:
    """UTF-8 without its byte order mark; raises `Malformed` for anything that is not text."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("UTF-16 text; save the file as UTF-8")
    body = raw.removeprefix(_BOM)
    if (at := body.find(0)) >= 0:
        raise Malformed(f"binary data: a NUL byte at offset {at + len(raw) - len(body)}")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        line_start = body.rfind(b"\n", 0, error.start) + 1
        raise Malformed(
            f"not UTF-8 text at byte offset {error.start + len(raw) - len(body)}",
            body.count(b"\n", 0, error.start) + 1,
            len(body[line_start : error.start].decode()) + 1,
        ) from None
    if not text.strip():
        raise Malformed("the file is empty")
    return text


def _gap(kind: GapKind, shown: str, reason: str, line: int = 0, column: int = 0) -> Gap:
    return Gap(kind, Place(shown), reason, line=line, column=column)
