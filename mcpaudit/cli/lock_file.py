"""The lock as a file in the project: read before it is replaced, written, and compared."""

from collections.abc import Iterator
from pathlib import Path

from mcpaudit.cli.output import write_whole
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.installed import Installed
from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.manifests.lock.write import dump
from mcpaudit.model.lock import FILE, Lock
from mcpaudit.parsing.limits import MAX_BYTES


def replaced(file: Path, notes: list[str]) -> Lock | None:
    """The lock that is about to be replaced; a broken one is no reason not to, but is told."""
    if file.is_symlink() or (file.exists() and not file.is_file()):
        # Writing would change another file than the one that a pull request shows.
        raise UsageError(f"{FILE} is no file of its own, so it is not written")
    try:
        found = read_lock(file)
    except ConfigurationError as error:
        first = error.mistakes[0]
        notes.append(f"the lock before could not be read, and nothing was compared: {first.message}")
        return None
    return found[0] if found else None


def write(file: Path, lock: Lock) -> bool:
    """Write the lock, unless it is there already; whether it was written."""
    content = dump(lock)
    if len(content) > MAX_BYTES:
        raise UsageError(f"{FILE} would be larger than {MAX_BYTES // 2**20} MiB; leave out --full")
    if file.exists() and file.read_bytes() == content:
        return False
    write_whole(file, content)
    return True


def unread(now: Installed) -> Iterator[str]:
    """What could not be read, so that the lock may lack it."""
    for gap in now.gaps:
        if gap.kind != "without-effect":
            where = f"{gap.place.file}:{gap.line}" if gap.line else gap.place.file
            yield f"{where} was not read in full, so that servers may be missing: {gap.reason}"


def differing(before: Lock, now: Lock) -> Iterator[str]:
    """What else was different when the lock before was made."""
    if before.scope != now.scope:
        had = "the repository alone (--no-home)" if before.scope == "repository" else "the user's files, too"
        yield f"the lock was made of {had}, and this run was not: give the same options"
    if _fetched(before) and not _fetched(now):
        yield "the lock was made with --fetch, and this run was not: give the same options"
    if before.tool.version != now.tool.version:
        yield (
            f"the lock was written by mcpaudit {before.tool.version} and this is {now.tool.version}, "
            "whose catalog and rules may know more of the same servers"
        )


def _fetched(lock: Lock) -> bool:
    """Whether an archive of a package was read for it: nothing else gives a package's hash."""
    return any(one.integrity and one.id.startswith(("npm:", "pypi:")) for one in lock.servers)
