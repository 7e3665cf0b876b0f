"""`mcpaudit minimize`: the smallest set of servers and tools that a task needs."""

from datetime import date
from pathlib import Path

import click

from mcpaudit.cli.output import look, say, show, write_whole
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.patch import TREES
from mcpaudit.model.plan import suggestion
from mcpaudit.model.site import Platform
from mcpaudit.questions import Minimum, minimize, patch
from mcpaudit.report.build_places import Places
from mcpaudit.report.difference import difference_page
from mcpaudit.report.minimum import as_json, as_text
from mcpaudit.report.patch import as_patch, patch_page
from mcpaudit.request import Request


@click.command()
@site_options
@click.option("--profile", required=True, metavar="ID|FILE", help="What the task needs.")
@click.option(
    "--solver", is_flag=True, help="Settle what the search leaves open with HiGHS (the extra `solver`)."
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--patch",
    "target",
    is_flag=False,
    flag_value="-",
    metavar="[=FILE]",
    help="Print all of it as a patch for `git apply`, or write it to FILE; what concerns your home goes to "
    "FILE with `.home` before its ending.",
)
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
    target: str | None,
) -> int:
    """Work out the smallest set of servers and tools that meets a profile: what to keep, remove and deny in
    each agent, why, and what that would change. No client's configuration is written.

    PATH is a folder (the current one by default) or a configuration file.
    """
    site = site_of(path, home, no_home, system_root, platform)
    given = path if path.is_file() else None
    request = Request(site, date.today(), given=given, manifests=manifests, profile=profile, solver=solver)
    found = minimize(request)
    if not found.plans and found.facts.collected.agents:
        agents = ", ".join(sorted(config.agent.id for config in found.facts.collected.agents))
        raise UsageError(f"the profile `{profile}` is for none of the agents here: {agents}")
    if target is not None and shape == "json":
        raise UsageError("--patch prints patches and no JSON: leave one of the two away")
    if target is not None and found.plans:
        return _patch(request, found, target)
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


def _patch(request: Request, found: Minimum, target: str) -> int:
    """Patches to standard output or to files; what is said of them to the other stream."""
    if target != "-" and Path(target).is_dir():
        raise UsageError(f"--patch={target} is a folder; name PATH before --patch, and a file after `=`")
    done = patch(request, suggestion(found.plans), found.facts)
    width, colour = look()
    told = patch_page(
        done.patches, done.disagreements, done.resolved, done.raised, width=width, colour=colour
    )
    told += difference_page("What the patches change", done.changes, width=width, colour=colour)
    trees = [tree for tree in TREES if done.patches.of(tree)]
    if target == "-":
        click.echo(told, err=True, nl=False)
        for tree in trees[:1]:
            show([as_patch(done.patches.of(tree), tree).encode()], of_others=True)
        if len(trees) > 1:
            say("--patch=FILE also gives the patch for your home")
    else:
        click.echo(told, nl=False)
        for tree in trees:
            file = Path(target) if tree == "project" else _beside(Path(target))
            write_whole(file, as_patch(done.patches.of(tree), tree).encode())
            say(f"wrote the patch for {_FOLDERS[tree]} to {file}")
    return 1 if done.disagreements else 0


_FOLDERS = {"project": "the audited folder", "home": "your home"}


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.home{file.suffix}")
