"""`mcpaudit lock`: write down what is installed, or show what has changed since."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcpaudit.audit import Installed, Request, installed
from mcpaudit.cli.output import look, write_whole
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.manifests.lock.drift import compare
from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.manifests.lock.write import dump
from mcpaudit.model.lock import FILE, Lock
from mcpaudit.model.site import Platform
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.report import drift

if TYPE_CHECKING:
    from mcpaudit.live.packages import Packages

NOTHING = 3


@click.command(
    epilog="""\b
Exit codes: 0 written, or no drift; 1 (--check) drift; 2 the command line, mcpaudit.yaml or the lock
is wrong; 3 nothing was collected, or (--check) there is no lock; 70 a fault in mcpaudit."""
)
@site_options
@click.option("--check", is_flag=True, help="Write nothing: compare what is installed with the lock.")
@click.option(
    "--fetch",
    is_flag=True,
    help="Contact your npm and PyPI indexes for packages that are not installed here, and read their source.",
)
@click.option("--full", is_flag=True, help="Keep titles and descriptions as texts, not only their digests.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    check: bool,
    fetch: bool,
    full: bool,
    format_: str,
) -> int:
    """Write down in mcpaudit.lock which servers are installed and what their tools are and can do, for review
    and for the next audit; or compare that with what is installed now. Nothing is started, and nothing is
    contacted unless --fetch says so.

    PATH is a folder (the current one by default) or a configuration file; the lock lies in the folder.
    """
    site = site_of(path, home, no_home, system_root, platform)
    assert site.project is not None
    given = path if path.is_file() else None
    request = Request(site, date.today(), given=given, manifests=manifests)
    packages = _packages(path) if fetch else None
    now = installed(request, full=full, fetch=packages.offer if packages else None)
    if not now.agents:
        click.echo("mcpaudit: nothing was collected: no client's configuration is there", err=True)
        return NOTHING
    file, notes = site.project / FILE, [*_unread(now), *(packages.notes if packages else ())]
    if check:
        found = read_lock(file)
        if found is None:
            click.echo(f"mcpaudit: there is no {FILE} in {path}; `mcpaudit lock` writes it", err=True)
            return NOTHING
        before: Lock | None = found[0]
    else:
        before = _replaced(file, notes)
    notes += _differing(before, now.lock) if before else ()
    rows = compare(before, now.lock) if before else ()
    written = False if check else _write(file, now.lock)
    seen = drift.Comparison(now.lock, rows, before is not None, written, check, tuple(notes))
    if format_ == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(drift.as_json(seen))
    else:
        width, colour = look()
        click.echo(drift.as_text(seen, width=width, colour=colour), nl=False)
    return 1 if check and rows else 0


def _packages(path: Path) -> "Packages":
    """The index is always the one that the user who runs this has configured, whatever is audited."""
    # Imported here: nothing else of this command may reach the network.
    from mcpaudit.live.packages import Packages

    own = site_of(path, None, False, None, None)
    return Packages(own, lambda name: click.echo(f"mcpaudit: fetching the source of {name}", err=True))


def _replaced(file: Path, notes: list[str]) -> Lock | None:
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


def _write(file: Path, lock: Lock) -> bool:
    content = dump(lock)
    if len(content) > MAX_BYTES:
        raise UsageError(f"{FILE} would be larger than {MAX_BYTES // 2**20} MiB; leave out --full")
    if file.exists() and file.read_bytes() == content:
        return False
    write_whole(file, content)
    return True


def _unread(now: Installed) -> Iterator[str]:
    for gap in now.gaps:
        if gap.kind != "without-effect":
            where = f"{gap.place.file}:{gap.line}" if gap.line else gap.place.file
            yield f"{where} was not read in full, so that servers may be missing: {gap.reason}"


def _differing(before: Lock, now: Lock) -> Iterator[str]:
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
