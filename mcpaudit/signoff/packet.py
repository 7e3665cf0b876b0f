"""A packet's folder as a table of files: bounded, and without anything but regular files in it."""

import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.model.review import Check
from mcpaudit.parsing.reader import open_regular
from mcpaudit.signoff.layout import MANIFEST, STATEMENT, listing, manifest, outside_manifest

_MOST_FILES, _MOST_BYTES = 5_000, 512 * 2**20


def read_packet(folder: Path, wanted: Callable[[str], bool] = lambda _name: True) -> dict[str, bytes]:
    """The wanted files by name; raises UsageError for what is no packet, or holds what none can hold."""
    if not (folder / STATEMENT).is_file():
        raise UsageError(f"{folder} is no packet: it holds no {STATEMENT}")
    found: dict[str, bytes] = {}
    total = 0
    for above, folders, names in os.walk(folder):
        for name in sorted((*folders, *names)):
            path = Path(above) / name
            shown = path.relative_to(folder).as_posix()
            try:
                mode = path.lstat().st_mode
                if stat.S_ISDIR(mode):
                    continue
                if not stat.S_ISREG(mode) or not shown.isprintable():
                    raise UsageError(
                        f"{shown!r} in {folder} is no plain file, and a packet holds nothing else"
                    )
                if not wanted(shown):
                    continue
                with open_regular(path, 2 * _MOST_BYTES) as stream:
                    found[shown] = stream.read(_MOST_BYTES - total + 1) or b""
            except OSError as error:
                raise UsageError(f"cannot read {path}: {error.strerror}") from error
            total += len(found[shown])
            if len(found) > _MOST_FILES or total > _MOST_BYTES:
                raise UsageError(f"{folder} is too large for a packet")
    if wanted(STATEMENT) and STATEMENT not in found:
        raise UsageError(f"{folder} is no packet any more: its {STATEMENT} went away while it was read")
    return dict(sorted(found.items()))


def write_packet(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new packet, whole or not at all; raises UsageError where something is there already."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: a packet has a folder of its own")
        whole = Path(os.path.realpath(folder))
        # A folder that is there is kept, for it may be a mounted one, or the current one.
        beside = whole if whole.exists() else whole.parent
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside, prefix=f".{whole.name[:40]}.") as scratch:
            made = Path(scratch) / "packet"
            for name, content in files.items():
                (made / name).parent.mkdir(parents=True, exist_ok=True)
                (made / name).write_bytes(content)
            if beside != whole:
                made.rename(whole)
                return
            # Without its statement, which comes last, a folder is no packet.
            for one in sorted(made.iterdir(), key=lambda path: (path.name == STATEMENT, path.name)):
                one.rename(whole / one.name)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from error


def files_check(files: Mapping[str, bytes]) -> Check:
    """Whether the manifest names every file and nothing else."""
    told = files.get(MANIFEST, b"")
    if told == manifest(files):
        count = told.count(b"\n")
        return Check("files", "holds", f"{count} files are as {MANIFEST} lists them")
    rows = [line.partition("  ") for line in told.decode("utf-8", "replace").split("\n") if line]
    was = {name: digest for digest, _, name in rows}
    now = {name: listing(files, [name])[:64] for name in files if not outside_manifest(name)}
    wrong = [f"{name} is gone" for name in sorted(was.keys() - now.keys())]
    wrong += [f"{name} was added" for name in sorted(now.keys() - was.keys())]
    wrong += [f"{name} was changed" for name in sorted(was.keys() & now.keys()) if was[name] != now[name]]
    details = tuple(wrong[:20]) or (f"{MANIFEST} is not in the form that mcpaudit writes",)
    return Check("files", "fails", "the files are not those that were prepared", details)
