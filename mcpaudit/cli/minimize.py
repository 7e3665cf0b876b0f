"""`mcpaudit minimize`: the smallest set of servers and tools that a task needs."""

from datetime import date
from pathlib import Path

import click

from mcpaudit.audit import Request, minimize
from mcpaudit.cli.output import look
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.site import Platform
from mcpaudit.report.build_places import Places
from mcpaudit.report.minimum import as_json, as_text


@click.command()
@site_options
@click.option("--profile", required=True, metavar="ID|FILE", help="What the task needs.")
@click.option(
    "--solver", is_flag=True, help="Settle what the search leaves open with HiGHS (the extra `solver`)."
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    profile: str,
    solver: bool,
    shape: str,
) -> int:
    """Work out the smallest set of servers and tools that meets a profile: what to keep, remove and deny in
    each agent, why, and what that would change. Nothing is written.

    PATH is a folder (the current one by default) or a configuration file.
    """
    site = site_of(path, home, no_home, system_root, platform)
    given = path if path.is_file() else None
    request = Request(site, date.today(), given=given, manifests=manifests, profile=profile, solver=solver)
    found = minimize(request)
    if not found.plans and found.facts.collected.agents:
        agents = ", ".join(sorted(config.agent.id for config in found.facts.collected.agents))
        raise UsageError(f"the profile `{profile}` is for none of the agents here: {agents}")
    collected = found.facts.collected
    places = Places(collected.documents, {})
    width, colour = look()
    if shape == "json":
        click.echo(as_json(found.plans, found.changes, places), nl=False)
    elif found.plans:
        click.echo(as_text(found.plans, found.changes, places, width=width, colour=colour), nl=False)
    else:
        click.echo("Nothing was found to choose from: no MCP configuration is here.")
    return 0 if found.plans else 3
