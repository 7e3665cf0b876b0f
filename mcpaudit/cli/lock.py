"""`mcpaudit lock`: write down what is installed, or show what has changed since."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcpaudit.cli.lock_file import differing, replaced, unread, write
from mcpaudit.cli.output import look, say
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.installed import installed
from mcpaudit.manifests.lock.drift import compare
from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.model.lock import FILE, Lock
from mcpaudit.model.site import Platform
from mcpaudit.report import drift
from mcpaudit.request import Request

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
    file, notes = site.project / FILE, list[str]()
    before = _locked(file) if check else replaced(file, notes)
    packages = _packages(path) if fetch else None
    now = installed(request, full=full, fetch=packages.offer if packages else None, before=before)
    if not now.agents:
        say("nothing was collected: no client's configuration is there")
        return NOTHING
    if check and before is None:
        say(f"there is no {FILE} in {path}; `mcpaudit lock` writes it")
        return NOTHING
    notes = [*unread(now), *(packages.notes if packages else ()), *notes]
    notes += differing(before, now.lock) if before else ()
    rows = compare(before, now.lock) if before else ()
    written = False if check else write(file, now.lock)
    seen = drift.Comparison(now.lock, rows, before is not None, written, check, tuple(notes))
    if format_ == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(drift.as_json(seen))
    else:
        width, colour = look()
        click.echo(drift.as_text(seen, width=width, colour=colour), nl=False)
    return 1 if check and rows else 0


def _locked(file: Path) -> Lock | None:
    found = read_lock(file)
    return found[0] if found else None


def _packages(path: Path) -> "Packages":
    """The index is always the one that the user who runs this has configured, whatever is audited."""
    # Imported here: nothing else of this command may reach the network.
    from mcpaudit.live.packages import Packages

    own = site_of(path, None, False, None, None)
    return Packages(own, lambda name: say(f"fetching the source of {name}"))
