"""How a command judges what it finds: the options that `check` and `accept` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mcpaudit.model.decision import MODES

_OPTIONS = (
    click.option("--profile", default="", help="What the agents are for: a profile's id or file."),
    click.option(
        "--policy",
        "policies",
        multiple=True,
        type=click.Path(path_type=Path),
        help="More policies: a file or folder.",
    ),
    click.option("--pack", "packs", multiple=True, help="Only the policies of this pack: flows, cosai-l2."),
    click.option(
        "--mode",
        type=click.Choice(MODES),
        default="interactive",
        show_default=True,
        help="How the clients run.",
    ),
    click.option("--as-is", is_flag=True, help="Judge servers that await approval as not loaded."),
    click.option(
        "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge waivers and expiry as on this day."
    ),
)


def judge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that decide which findings there are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
