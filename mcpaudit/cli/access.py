"""`mcpaudit access`: who can do what to which resource, and over which path."""

from datetime import date
from pathlib import Path

import click

from mcpaudit.audit import audit
from mcpaudit.cli.output import look
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.site import Platform
from mcpaudit.model.supposition import Supposition
from mcpaudit.parsing.reader import regular_bytes
from mcpaudit.questions import what_if
from mcpaudit.report.access_table import access_table
from mcpaudit.report.credential_table import credential_table
from mcpaudit.report.decision_table import decision_table
from mcpaudit.request import Request


@click.command()
@site_options
@click.option("--agent", default="", help="Only this agent: claude-code, cursor, ...")
@click.option("--action", default="", type=click.Choice(["", *ACTIONS]), help="Only what gives this action.")
@click.option(
    "--resource",
    default="",
    help="Only resources that match, as in `sql:**` or `google:**/calendar.event/**`.",
)
@click.option(
    "--mode", type=click.Choice(MODES), default="interactive", show_default=True, help="How the clients run."
)
@click.option(
    "--what-if-remove", "remove", multiple=True, metavar="SERVER", help="Show what removing it would change."
)
@click.option(
    "--what-if-deny", "deny", multiple=True, metavar="TOOL", help="Show what denying it would change."
)
@click.option(
    "--what-if-add",
    "add",
    default="",
    metavar="JSON|FILE",
    help="Show what these entries would change, written as clients write them.",
)
@click.option("--why", is_flag=True, help="Show the path behind each line, with files and lines.")
def command(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    agent: str,
    action: str,
    resource: str,
    mode: Mode,
    remove: tuple[str, ...],
    deny: tuple[str, ...],
    add: str,
    why: bool,
) -> int:
    """Show who can do what to which resource. For one agent also what its client decides on each tool, and
    why: what runs without asking, what asks, what is blocked; and each server's credentials and scopes.

    PATH is a folder (the current one by default) or a configuration file.
    """
    site = site_of(path, home, no_home, system_root, platform)
    given = path if path.is_file() else None
    request = Request(site, date.today(), given=given, manifests=manifests, mode=mode, shipped_policies=False)
    if remove or deny or add:
        click.echo(_supposed(request, Supposition(remove, deny, _entries(add), agent)), nl=False)
        return 0
    report = audit(request)
    known = [row.id for row in report.agents]
    if agent and agent not in known:
        raise UsageError(f"there is no agent `{agent}` here; there are {', '.join(known) or 'none'}")
    width, colour = look()
    if agent and not (action or resource):
        click.echo(decision_table(report, agent, width=width, colour=colour))
        click.echo(credential_table(report, agent, width=width, colour=colour))
        click.echo("WHAT THIS REACHES\n")
    try:
        shown = access_table(report, agent=agent, action=action, resource=resource, why=why, width=width)
    except ValueError as error:
        raise UsageError(str(error)) from error
    click.echo(shown, nl=False)
    return 0 if report.agents else 3


def _entries(text: str) -> str:
    """Entries given as they are, or in a file."""
    if not text or text.lstrip().startswith("{"):
        return text
    try:
        return regular_bytes(Path(text)).decode()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--what-if-add takes entries in JSON or a file with them, and {text} cannot be read"
        ) from error


def _supposed(request: Request, supposed: Supposition) -> str:
    # Imported here: only these questions need it.
    from mcpaudit.report.difference import difference_page

    said = [f"without {one}" for one in supposed.remove] + [f"with {one} denied" for one in supposed.deny]
    said += ["with the entries added"] if supposed.add else []
    width, colour = look()
    return difference_page(", ".join(said), what_if(request, supposed), width=width, colour=colour)
