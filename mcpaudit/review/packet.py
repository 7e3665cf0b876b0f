"""A packet's folder as a table of files: bounded, and without anything but regular files in it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.review.layout import STATEMENT

_MOST_FILES, _MOST_BYTES = 5_000, 512 * 2**20


def read_packet(folder: Path) -> dict[str, bytes]:
    """All files by their names; raises UsageError for what is no packet, or holds what none can hold."""
    if not (folder / STATEMENT).is_file():
        raise UsageError(f"{folder} is no packet: it holds no {STATEMENT}")
    found: dict[str, bytes] = {}
    total = 0
    for above, folders, names in os.walk(folder):
        for name in sorted((*folders, *names)):
            path = Path(above) / name
            shown = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode) or not shown.isprintable():
                raise UsageError(f"{shown!r} in {folder} is no plain file, and a packet holds nothing else")
            with path.open("rb") as stream:
                found[shown] = stream.read(_MOST_BYTES - total + 1)
            total += len(found[shown])
            if len(found) > _MOST_FILES or total > _MOST_BYTES:
                raise UsageError(f"{folder} is too large for a packet")
    return dict(sorted(found.items()))


def write_packet(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new packet; raises UsageError where something is there already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: a packet has a folder of its own")
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error
