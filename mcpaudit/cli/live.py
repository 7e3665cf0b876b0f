"""`mcpaudit live`: the servers themselves, started or contacted."""

import click

from mcpaudit.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("mcpaudit.cli.live_list", "Ask servers for their tools, and show or keep what they answer."),
    "probe": ("mcpaudit.cli.live_probe", "Test servers as they run, and keep the evidence."),
    "record": ("mcpaudit.cli.live_record", "Pass a server's messages on, and record them."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Start or contact the servers of your configuration, each only after you agree."""
