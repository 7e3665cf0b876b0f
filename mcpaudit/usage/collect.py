"""Finds logs, in a home or where they are named, and reads all of them into one piece of evidence."""

import os
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.site import Site
from mcpaudit.model.usage import Usage
from mcpaudit.parsing.reader import open_stream
from mcpaudit.usage.formats import FORMATS, UNKNOWN, Format, sniff
from mcpaudit.usage.limits import MAX_FILE, MAX_FILES
from mcpaudit.usage.tally import FileTally, Tally

_START = 256 * 1024
PACKED = "a compressed log (.zst)"


@dataclass(frozen=True, slots=True)
class Log:
    """One file to be read, and as what."""

    path: Path
    format: Format


def find(site: Site, clients: Collection[str]) -> list[Log]:
    """The logs in a home of these clients, and of those for which mcpaudit reads no configuration."""
    found = []
    for one in FORMATS:
        for template, pattern in one.places if one.client in clients else ():
            place = site.locate(template)
            if place is not None:
                found += [Log(path, one) for path in _below(place[0]) if fnmatchcase(path.name, pattern)]
    return list(dict.fromkeys(found))[:MAX_FILES]


def named(paths: Sequence[Path]) -> list[Log]:
    """Logs that were named by hand, in folders too; raises UsageError for what is no log."""
    found = []
    for path in paths:
        if path.is_dir():
            own = [Log(one, kind) for one in _below(path) if isinstance(kind := _kind(one), Format)]
            if not own:
                raise UsageError(f"there is no log in {path} that mcpaudit can read")
            found += own
            continue
        kind = _kind(path)
        if kind is UNKNOWN:
            told = start_of(path)
            reason = told.reason if isinstance(told, Gap) else "it cannot be read"
            raise UsageError(f"cannot read {path}: {reason}")
        if kind is None and not path.exists():
            raise UsageError(f"there is no file at {path}")
        if kind is None:
            known = ", ".join(one.title for one in FORMATS)
            raise UsageError(f"{path} is no log that mcpaudit can read; it reads {known}")
        found.append(Log(path, kind))
    return list(dict.fromkeys(found))[:MAX_FILES]


def collect(logs: Sequence[Log], since: str = "") -> tuple[Usage, list[str]]:
    """What the logs show, and a sentence for each file that could not be opened."""
    tally, unopened = Tally(since), []
    for log in logs:
        own = FileTally(tally, log.format.id, log.format.client, name=str(log.path))
        if log.path.name.endswith(".zst"):
            own.unread(PACKED)
            continue
        stream = open_stream(log.path, str(log.path), MAX_FILE)
        if stream is None:
            continue
        if isinstance(stream, Gap):
            own.unread(stream.reason)
            unopened.append(f"{log.path}: {stream.reason}")
            continue
        try:
            with stream:
                log.format.read(stream, own, log.path.name)
        except OSError as error:
            own.unread(error.strerror or "cannot be read")
        own.close()
    if len(logs) >= MAX_FILES:
        tally.unread("", "", f"more than {MAX_FILES:,} files; the others were not read")
    return tally.usage(), unopened


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder in order; links to folders are not followed."""
    for at, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(at) / name for name in sorted(files))


def _kind(path: Path) -> Format | None:
    """The format of a file that was named: by its name, else by its beginning."""
    start = start_of(path)
    if isinstance(start, Gap):
        return UNKNOWN
    for one in FORMATS:
        if start is not None and one.known_by and fnmatchcase(path.name, one.known_by):
            return one
    return sniff(start or b"")


def start_of(path: Path) -> bytes | Gap | None:
    """The first bytes of a file; a gap where it cannot be read, `None` where there is none."""
    stream = open_stream(path, str(path), MAX_FILE)
    if stream is None or isinstance(stream, Gap):
        return stream
    try:
        with stream:
            return stream.read(_START)
    except OSError as error:
        return Gap("unreadable", Place(str(path)), error.strerror or "cannot be read")
