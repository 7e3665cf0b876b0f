"""`mcpaudit live record`: stands between a client and a server, and records what passes."""

import os
from pathlib import Path

import click

from mcpaudit.cli.record_start import KEEP, LEAST, MAX_BYTES, MOST, complain, recorded
from mcpaudit.errors import UsageError


@click.command(
    epilog="""\b
Exit codes: the server's own; 126 it cannot be started, 127 there is no such program; 2 the command
line is wrong.""",
)
@click.argument("words", nargs=-1, metavar="[-- COMMAND...]", type=click.UNPROCESSED)
@click.option("--listen", metavar="HOST:PORT", help="Relay HTTP from here; port 0 takes any that is free.")
@click.option("--to", metavar="URL", help="The server's address, for --listen.")
@click.option("--expose", is_flag=True, help="Let --listen be an address that other machines reach.")
@click.option("--name", default="", help="The name that the client gives the server.")
@click.option("--client", default="", help="The client's id, as in `mcpaudit check`.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="The log's file.")
@click.option(
    "--max-bytes",
    type=click.IntRange(LEAST),
    default=MAX_BYTES,
    show_default=True,
    help="Begin a new file before the log is larger.",
)
@click.option(
    "--keep", type=click.IntRange(0, MOST), default=KEEP, show_default=True, help="Older files that are kept."
)
@click.option("--values", is_flag=True, help="Write down the arguments' values too, known secrets masked.")
@click.option(
    "--patch", metavar="SERVER", help="Print the patch that passes an installed server through the relay."
)
@click.option("--undo", is_flag=True, help="With --patch: print the patch that undoes it.")
@click.option(
    "--program",
    default="mcpaudit",
    show_default=True,
    help="With --patch: what starts mcpaudit for a client that does not see your PATH.",
)
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=".",
    help="With --patch: a folder or a configuration file; the current folder by default.",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    help="With --patch: read user-level files here, not in your home.",
)
def command(
    words: tuple[str, ...],
    listen: str | None,
    to: str | None,
    expose: bool,
    name: str,
    client: str,
    log: Path | None,
    max_bytes: int,
    keep: int,
    values: bool,
    patch: str | None,
    undo: bool,
    program: str,
    path: Path,
    home: Path | None,
) -> int:
    """Run a server in its client's stead, pass every byte on, and record the messages.

    Put it before the command of a configuration's entry; for a server that is reached by HTTP, let it run and
    put its address in the place of the server's:

    \b
        mcpaudit live record --name files -- npx -y @modelcontextprotocol/server-filesystem /srv
        mcpaudit live record --listen 127.0.0.1:8765 --to https://mcp.example.com/mcp

    --patch SERVER prints that change of its entry, for `git apply`; nothing is written or started.
    """
    if patch is not None:
        if words or to:
            raise UsageError("--patch prints a patch and runs nothing: leave the command and --to away")
        from mcpaudit.cli.live_record_patch import show_patch

        return show_patch(patch, path, home, program, listen or "", undo=undo)
    if bool(listen) != bool(to):
        raise UsageError("--listen and --to belong together: where to listen, and the server's address")
    if bool(listen) == bool(words):
        raise UsageError("say what to run behind `--`, or which address to relay with --listen and --to")
    if listen and to:
        from mcpaudit.live.relay.http_run import run
        from mcpaudit.live.relay.wanted import Wanted

        wanted = Wanted(name, client, str(log or ""), max_bytes, keep, values)
        return run(listen, to, wanted, dict(os.environ), complain, exposed=expose)
    return recorded(words, name, client, str(log or ""), max_bytes, keep, values=values)
