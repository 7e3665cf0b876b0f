"""A revision as a folder of files, for readers that know files and no git: private, bounded, and never run.

Nothing is written through a link, and no link is left that leads out of the folder.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import RevisionError
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.revisions.repository import Snapshot

MAX_FILE = 4 * 2**20
"""Bytes of one file; a script is far smaller."""
_CONFIGURATION = (".json", ".jsonc", ".toml", ".yaml", ".yml")
MAX_TOTAL = 512 * 2**20
MAX_WRITTEN = 50_000
# Pictures, sound, fonts and the like: no client's configuration, and no source of a server.
_NEVER_READ = re.compile(
    r"(?i)\.(?:7z|aac|avif?|bmp|bz2|docx?|eot|flac|gif|ico|icns|jpe?g|m4a|mkv|mov|mp[34]|mpeg|od[st]|og[gv]|onnx"
    r"|otf|parquet|pdf|png|pptx?|psd|pt|rar|safetensors|svg|tiff?|ttf|wav|web[mp]|wmv|woff2?|xcf|xlsx?|xz)$"
)


_CODE = re.compile(
    r"(?i)\.(?:c|cc|cpp|cs|css|dart|ex|exs|go|h|hpp|html?|java|jsx?|[cm]js|kt|lua|m|php|pl|py|rb|rs|s?css|scala"
    r"|sql|swift|svelte|tsx?|[cm]ts|vue)$"
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of a revision that was not written, though an audit might want to read it."""

    path: str
    content: str
    """The id of what it holds, so that two revisions can be compared."""
    reason: str


def write_out(
    snapshot: Snapshot, folder: Path, beside: tuple[Snapshot, Path] | None = None
) -> tuple[Skipped, ...]:
    """Write what is no code into an empty folder, and say what was left out that an audit might read.

    `beside` is another revision that was written already: what is the same there is not read again. Raises
    RevisionError where the object store cannot be read.
    """
    skipped = [Skipped(path, at, f"a submodule, at {at[:12]}") for path, at in snapshot.modules.items()]
    skipped += _write((path for path in snapshot if not _CODE.search(path)), snapshot, folder, beside)
    return tuple(sorted((*skipped, *_link(snapshot.links, folder)), key=lambda one: one.path))


def write_code(
    snapshot: Snapshot, folder: Path, beside: tuple[Snapshot, Path] | None = None
) -> tuple[Skipped, ...]:
    """Write the code of a revision, beside what `write_out` has written: few audits have to read it."""
    return tuple(_write(filter(_CODE.search, snapshot), snapshot, folder, beside))


def _write(
    paths: Iterable[str], snapshot: Snapshot, folder: Path, beside: tuple[Snapshot, Path] | None
) -> Iterator[Skipped]:
    total = written = 0
    made: set[Path] = set()
    for path in paths:
        if not _wanted(path):
            continue
        content = snapshot.id(path)
        if beside is not None and _shared(path, content, *beside, folder):
            continue
        try:
            raw = snapshot[path]
        except RevisionError as error:
            if "more than" not in str(error):
                raise
            raw = b"\0" * (MAX_BYTES + 1)
        if path.lower().endswith(_CONFIGURATION):
            # A reader of configuration says itself that a file is too large, as it does of any other.
            raw = raw[: MAX_BYTES + 1]
        elif len(raw) > MAX_FILE:
            yield Skipped(path, content, f"over the limit of {MAX_FILE >> 20} MiB")
            continue
        written, total = written + 1, total + len(raw)
        if written > MAX_WRITTEN or total > MAX_TOTAL:
            yield Skipped(path, content, f"after {MAX_WRITTEN:,} files or {MAX_TOTAL >> 20} MiB")
            continue
        try:
            target = folder / path
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            # Exclusive: of two names that this file system takes for one, none hides the other.
            with target.open("xb") as stream:
                stream.write(raw)
        except (OSError, ValueError):
            yield Skipped(path, content, "this file system cannot hold it under its name")


def _shared(path: str, content: str, other: Snapshot, where: Path, folder: Path) -> bool:
    """Give a file of the other revision a second name, if it is the same."""
    if path not in other or other.id(path) != content:
        return False
    try:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(where / path, folder / path, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # Not every file system has second names, nor every platform for links: the file is written anew.
        return False
    return True


def _wanted(path: str) -> bool:
    parts = path.lower().split("/")
    return ".git" not in parts and _NEVER_READ.search(path) is None


def _link(links: Mapping[str, str], folder: Path) -> Iterator[Skipped]:
    """Write the links, after all files; then take away each that leads out of the folder."""
    root, made = os.path.realpath(folder), dict[str, str]()
    for path, target in sorted(links.items()):
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        through = any(above in links for above in map(str, PurePosixPath(path).parents))
        if (
            through
            or target.startswith("/")
            or inside.startswith("../")
            or inside == ".."
            or not _wanted(path)
        ):
            yield Skipped(path, target, "a link that leads out of the repository")
            continue
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(target)
            made[path] = target
        except (OSError, ValueError):
            yield Skipped(path, target, "this file system cannot hold this link")
    for path, target in made.items():
        # By way of other links it may lead elsewhere than its text says.
        real = os.path.realpath(folder / path)
        if real != root and not real.startswith(f"{root}{os.sep}"):
            (folder / path).unlink()
            yield Skipped(path, target, "a link that leads out of the repository")
