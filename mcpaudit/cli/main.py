"""The command line: subcommands are imported only when they are called, so that `--help` stays fast."""

import os
import sys
from collections.abc import Sequence
from io import StringIO

import click

from mcpaudit import __version__
from mcpaudit.cli.faults import hold_standard_streams, let_go, machine_fault, tell
from mcpaudit.cli.lazy import LazyGroup
from mcpaudit.errors import McpauditError

USAGE, INTERNAL, STOPPED, UNHEARD = 2, 70, 130, 141
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
    epilog="""\b
Exit codes of all commands, which say of 0, 1, 3 and 4 what they mean there:
  0    done, and nothing stands in the way
  1    there is something to decide: findings, drift, a test that does not hold
  2    the command line or a file written for mcpaudit is wrong, or the machine does not let it go on:
       an output cannot be written, the disk is full, memory or open files run out
  3    nothing was collected
  4    something could not be decided or read
  70   a fault in mcpaudit
  130  interrupted; 143 told to end; 141 the reader of its output went away""",
)
@click.version_option(__version__, message="mcpaudit %(version)s")
def cli() -> None:
    """Work out what your agents can really reach through their MCP servers, and hold it against policies.

    mcpaudit reads configuration files and manifests. Only `live` starts or contacts servers, those of your
    configuration after you agree; only `lock --fetch` contacts a package index.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code."""
    hold_standard_streams()
    try:
        return _run(arguments)
    except OSError:
        # Not even standard error takes what there is to say.
        if os.environ.get("MCPAUDIT_DEBUG"):
            raise
        return USAGE
    finally:
        let_go()


def _run(arguments: Sequence[str]) -> int:
    try:
        outcome = _carried_out(list(arguments))
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        click.echo(_escaped(shown.getvalue()), err=True, nl=False)
        return USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        # A terminal has shown `^C` on this line.
        tell("\nmcpaudit: stopped" if sys.stderr and sys.stderr.isatty() else "mcpaudit: stopped")
        return STOPPED
    except McpauditError as error:
        tell(f"mcpaudit: {_escaped(str(error))}")
        return USAGE
    except BrokenPipeError:
        # The reader of our output went away, which is no fault of anybody's.
        return UNHEARD
    except Exception as error:
        if fault := machine_fault(error):
            tell(f"mcpaudit: {_escaped(fault)}")
            return USAGE
        if os.environ.get("MCPAUDIT_DEBUG"):
            # Imported here: only a fault of ours needs it.
            import traceback

            tell(_without_secrets(traceback.format_exc()))
        tell(
            f"mcpaudit: internal error ({type(error).__name__}). This is a fault in mcpaudit; "
            "please report it. Set MCPAUDIT_DEBUG=1 to see where it happened."
        )
        return INTERNAL
    return outcome if isinstance(outcome, int) else 0


def _carried_out(arguments: list[str]) -> object:
    """What click's own `main` does, which would end with 1, as for findings, when a pipe is closed."""
    if "_MCPAUDIT_COMPLETE" in os.environ:
        return cli.main(arguments, prog_name="mcpaudit", standalone_mode=False)
    try:
        with cli.make_context("mcpaudit", arguments) as context:
            return cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _escaped(message: str) -> str:
    """A message may quote what others wrote: no control sequence gets through, and no secret."""
    from mcpaudit.report.escape import terminal

    return "\n".join(terminal(line.replace("\t", " ")) for line in _without_secrets(message).split("\n"))


def _without_secrets(text: str) -> str:
    # Imported here: most runs end without a message.
    from mcpaudit.knowledge.pack import Packs
    from mcpaudit.knowledge.secret_line import without_secrets

    try:
        return without_secrets(text, Packs.shipped())
    except (OSError, MemoryError, ImportError):
        # The shapes of secrets cannot be read: then nothing is said beyond what has failed.
        return text.partition(":")[0]
