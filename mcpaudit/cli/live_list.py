"""`mcpaudit live list`: asks the servers themselves for their tools."""

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcpaudit.cli.consent import agreed
from mcpaudit.cli.live_options import AT_ONCE, SHARE_HOME, asked_servers
from mcpaudit.cli.lock_file import differing, replaced, unread, write
from mcpaudit.cli.output import look, say, write_whole
from mcpaudit.cli.site import site_of
from mcpaudit.errors import UsageError
from mcpaudit.installed import installed
from mcpaudit.knowledge.pack import Packs
from mcpaudit.live.choose import Choice, choose, nothing
from mcpaudit.live.limits import TIMEOUT
from mcpaudit.live.values import Launch
from mcpaudit.manifests.lock.drift import compare
from mcpaudit.model.drift import counted
from mcpaudit.model.live import Listing
from mcpaudit.model.lock import FILE, Lock
from mcpaudit.report.live_list import Listed, as_json, as_text, brief
from mcpaudit.request import Request

if TYPE_CHECKING:
    from mcpaudit.live.answer import Asked

NOTHING = 3


@click.command(
    epilog="""\b
Exit codes: 0 every server is listed; 1 some are not; 2 the command line is wrong, or nobody can be
asked; 3 there is nothing to list; 70 a fault in mcpaudit.""",
)
@asked_servers
@click.option("--yes", is_flag=True, help="Start and contact all of them without asking.")
@SHARE_HOME
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=TIMEOUT,
    show_default=True,
    help="Seconds for each server.",
)
@AT_ONCE
@click.option(
    "--save", type=click.Path(path_type=Path), help="Save each list in this folder, for --manifests."
)
@click.option("--update-lock", is_flag=True, help="Write the lists into mcpaudit.lock.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    servers: tuple[str, ...],
    path: Path,
    home: Path | None,
    no_home: bool,
    manifests: Path | None,
    yes: bool,
    share_home: bool,
    timeout: float,
    jobs: int,
    save: Path | None,
    update_lock: bool,
    format_: str,
) -> int:
    """Ask servers for their tools (tools/list), and show or keep what they answer. No tool is called.

    SERVER is a name or AGENT/NAME; without any it is all that their clients would load. Each command is
    shown, its secrets masked, and started only after you agree.
    """
    site = site_of(path, home, no_home, None, None)
    assert site.project is not None
    request = Request(site, date.today(), given=path if path.is_file() else None, manifests=manifests)
    choice = choose(request, servers, os.environ)
    if not choice.launches:
        say(nothing(choice, "list"))
        return NOTHING
    notes: list[str] = []
    before = replaced(site.project / FILE, notes) if update_lock else None
    if save is not None and save.exists() and not save.is_dir():
        raise UsageError(f"--save needs a folder, and {save} is none")
    wanted = agreed(choice.launches, yes=yes)
    asked = _ask(wanted, timeout, jobs, share_home) if wanted else ()
    rows = [*(one.row for one in asked), *(_denied(one) for one in choice.launches if one not in wanted)]
    seen = Listed(
        rows=tuple(sorted(rows, key=lambda row: row.names)),
        waiting=choice.waiting,
        saved=_save(save, asked, choice) if save else (),
        lock=_update(request, before, asked, notes) if update_lock else "",
        notes=tuple(notes),
    )
    if format_ == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(as_json(seen))
    else:
        width, colour = look()
        click.echo(as_text(seen, width=width, colour=colour), nl=False)
    return 0 if all(row.listed for row in seen.rows) else 1


def _denied(launch: Launch) -> Listing:
    return Listing(
        launch.server, launch.names, launch.transport, launch.shown, "denied", "you did not agree to it"
    )


def _ask(launches: tuple[Launch, ...], timeout: float, jobs: int, share_home: bool) -> "tuple[Asked, ...]":
    # Imported here: the SDK takes a second to load, and is not needed to refuse or to explain.
    from mcpaudit.live.ask import Terms, ask_all

    done, shown = 0, sys.stderr.isatty()

    def tell(one: "Asked") -> None:
        nonlocal done
        done += 1
        if shown:
            say(f"{done} of {len(launches)}: {one.row.names[0]}: {brief(one.row)}")

    return ask_all(launches, Terms(timeout, jobs, share_home, os.environ, Packs.shipped()), tell)


def _save(folder: Path, asked: "tuple[Asked, ...]", choice: Choice) -> tuple[str, ...]:
    from mcpaudit.live.keep import files

    root, written = folder.resolve(), []
    for name, content in files(asked, choice.installed).items():
        path = folder / name
        if path.is_symlink() or not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} leads out of {folder}, so it is not written")
        write_whole(path, content)
        written.append(str(path))
    return tuple(sorted(written))


def _update(request: Request, before: Lock | None, asked: "tuple[Asked, ...]", notes: list[str]) -> str:
    """Write the lock with what was answered, all else as `mcpaudit lock` writes it."""
    from mcpaudit.live.keep import offers

    assert request.site.project is not None
    if not any(one.document for one in asked):
        return f"{FILE} was not written, as no server was listed."
    full = before is not None and any(tool.full_title for one in before.servers for tool in one.tools)
    now = installed(request, full=full, live=offers(asked), before=before)
    notes += unread(now)
    notes += differing(before, now.lock) if before else ()
    drift = compare(before, now.lock) if before else ()
    if not write(request.site.project / FILE, now.lock):
        return f"{FILE} says this already; it was not written."
    changed = f" with {counted(len(drift), 'difference')} from the lock before" if before else ""
    return f"Wrote {FILE}{changed}."
