"""Unpacks archives so that they can be read, and no more than that.

No absolute path, no way out of the folder, no link, no device; bounded in files and bytes. Nothing is run.
"""

import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from mcpaudit.parsing.reader import open_regular

MAX_FILES = 50_000
MAX_FILE = 64 * 2**20
MAX_TOTAL = 512 * 2**20
_CHUNK = 1 << 20
ENDINGS = (".tgz", ".tar.gz", ".tar", ".whl", ".zip", ".mcpb", ".dxt", ".crate", ".tar.bz2", ".tar.xz")
# What `tarfile`, `zipfile` and their decompressors raise for archives that are broken, encrypted or hostile.
# `NotImplementedError` is zipfile's word for a way of compressing that it does not know.
BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, OSError, EOFError, ValueError, IndexError, OverflowError),
)


class ArchiveError(Exception):
    """An archive that is not unpacked; the text says why, in a clause."""


def unpacked(archive: Path, target: Path) -> Path:
    """Unpack an archive into a new folder; the folder in which its source lies. Raises ArchiveError."""
    target.mkdir()
    unpack(archive, target)
    inside = list(target.iterdir())
    # npm and source archives hold one folder, a wheel holds the packages themselves.
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def unpack(archive: Path, target: Path) -> int:
    """Unpack an archive into an empty folder; how many files there are. Raises ArchiveError.

    Links and devices are passed over: their targets would not be the package's own.
    """
    files = 0
    with _as_clause():
        for path, chunks in _members(archive, MAX_TOTAL):
            files += 1
            place = target.joinpath(*path)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as out:
                out.writelines(chunks)
    return files


def contents(archive: Path, limit: int) -> dict[str, bytes]:
    """The files of an archive by path, written nowhere; raises ArchiveError. `limit` is for all bytes."""
    found: dict[str, bytes] = {}
    with _as_clause():
        for path, chunks in _members(archive, limit):
            name = "/".join(path)
            if name in found:
                raise ArchiveError(f"it holds the path {name[:80]!r} twice")
            found[name] = b"".join(chunks)
    return found


@contextmanager
def _as_clause() -> Iterator[None]:
    """Whatever is wrong with an archive, as an ArchiveError."""
    try:
        yield
    except ArchiveError:
        raise
    except BROKEN as error:
        raise ArchiveError(f"it cannot be unpacked: {type(error).__name__}") from error


def _members(archive: Path, limit: int) -> Iterator[tuple[tuple[str, ...], Iterator[bytes]]]:
    try:
        stream = open_regular(archive, MAX_TOTAL)
    except OSError as error:
        raise ArchiveError(f"it cannot be read: {error.strerror}") from None
    with stream:
        if zipfile.is_zipfile(stream):
            with zipfile.ZipFile(stream) as opened:
                yield from _bounded(_of_zip(opened), limit)
        else:
            stream.seek(0)
            with tarfile.open(fileobj=stream) as opened_tar:
                yield from _bounded(_of_tar(opened_tar), limit)


Member = tuple[str, IO[bytes]]


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        mode = info.external_attr >> 16
        if info.is_dir() or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
            continue
        with archive.open(info) as stream:
            yield info.filename, stream


def _of_tar(archive: tarfile.TarFile) -> Iterator[Member]:
    for info in archive:
        stream = archive.extractfile(info) if info.isreg() else None
        if stream is not None:
            with stream:
                yield info.name, stream


def _bounded(members: Iterator[Member], limit: int) -> Iterator[tuple[tuple[str, ...], Iterator[bytes]]]:
    """The members with paths that stay inside, and their bytes in chunks, as long as the limits hold."""
    total = 0

    def chunks(stream: IO[bytes]) -> Iterator[bytes]:
        nonlocal total
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            total += len(chunk)
            # What an archive says of its sizes is not believed: bytes are counted as they come.
            if size > MAX_FILE or total > limit:
                raise ArchiveError("it unpacks to more than an archive of source may")
            yield chunk

    for number, (name, stream) in enumerate(members, 1):
        if number > MAX_FILES:
            raise ArchiveError(f"it holds more than {MAX_FILES} files")
        yield _parts(name), chunks(stream)


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0] or "\0" in name:
        raise ArchiveError(f"it holds a path that leads out of it: {name[:80]!r}")
    return path.parts
