"""The command line: subcommands are imported only when they are called, so that `--help` stays fast."""

import os
import sys
from collections.abc import Sequence
from io import StringIO

import click

from mcpaudit import __version__
from mcpaudit.cli.lazy import LazyGroup
from mcpaudit.errors import McpauditError

USAGE, INTERNAL = 2, 70
# Command name, the module that holds it, and the line that `--help` shows for it.
COMMANDS = {
    "accept": ("mcpaudit.cli.accept", "Write down which findings are accepted, for a person to review."),
    "access": ("mcpaudit.cli.access", "Show who can do what to which resource."),
    "check": ("mcpaudit.cli.check", "Audit what is installed, and judge it by policies."),
    "diff": ("mcpaudit.cli.diff", "Show what a change lets agents do, and fail on what is new."),
    "explain": ("mcpaudit.cli.explain", "Explain a tool, a policy, a field, a fact, a control, a client."),
    "init": ("mcpaudit.cli.init", "Write a first configuration, profile and CI file for what is here."),
    "inspect": ("mcpaudit.cli.inspect", "Look at a server before it is installed, without running it."),
    "live": ("mcpaudit.cli.live", "Start or contact servers, to ask what they offer or to record calls."),
    "lock": ("mcpaudit.cli.lock", "Lock what is installed, or show what has changed since."),
    "minimize": ("mcpaudit.cli.minimize", "Work out the fewest servers and tools that a task needs."),
    "policy": ("mcpaudit.cli.policy", "Test policies, document them, print their schemas."),
    "render": ("mcpaudit.cli.render", "Write a saved report in another format."),
    "review": ("mcpaudit.cli.review", "Prepare a sign-off, sign it, verify it; read access reviews."),
    "usage": ("mcpaudit.cli.usage", "Count which tools were called, from clients' own logs."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="mcpaudit %(version)s")
def cli() -> None:
    """Work out what your agents can really reach through their MCP servers, and hold it against policies.

    mcpaudit reads configuration files and manifests. Only `live` starts or contacts servers, those of your
    configuration after you agree; only `lock --fetch` contacts a package index.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code."""
    try:
        outcome = cli.main(list(arguments), prog_name="mcpaudit", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        click.echo(_escaped(shown.getvalue()), err=True, nl=False)
        return USAGE
    except click.exceptions.Abort:
        click.echo("mcpaudit: stopped", err=True)
        return 130
    except McpauditError as error:
        click.echo(f"mcpaudit: {_escaped(str(error))}", err=True)
        return USAGE
    except BrokenPipeError:
        # The reader of our output went away; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        click.echo(
            f"mcpaudit: internal error ({type(error).__name__}). This is a fault in mcpaudit; "
            "please report it. Set MCPAUDIT_DEBUG=1 to see where it happened.",
            err=True,
        )
        if os.environ.get("MCPAUDIT_DEBUG"):
            raise
        return INTERNAL
    return outcome if isinstance(outcome, int) else 0


def _escaped(message: str) -> str:
    """A message may quote files and words that others wrote, so that no control sequence gets through."""
    from mcpaudit.report.escape import terminal

    return "\n".join(terminal(line.replace("\t", " ")) for line in message.split("\n"))
