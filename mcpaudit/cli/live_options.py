"""What `live list` and `live probe` are both told: which servers, and how they are run."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from mcpaudit.cli.site import HOME, MANIFESTS, NO_HOME
from mcpaudit.live.limits import JOBS

Command = TypeVar("Command", bound=Callable[..., object])

SHARE_HOME = click.option("--share-home", is_flag=True, help="Let servers see your home, not an empty one.")
AT_ONCE = click.option(
    "--jobs", type=click.IntRange(1, 64), default=JOBS, show_default=True, help="Servers at the same time."
)
_SERVERS = (
    click.argument("servers", nargs=-1, metavar="[SERVER]..."),
    click.option(
        "--path",
        type=click.Path(path_type=Path),
        default=".",
        help="A folder or a configuration file; the current folder by default.",
    ),
    HOME,
    NO_HOME,
    MANIFESTS,
)


def asked_servers(command: Command) -> Command:
    """The servers that are meant, and where their entries are looked for."""
    for option in reversed(_SERVERS):
        command = option(command)
    return command
