"""`mcpaudit init`: a first configuration, profile and CI file for what is installed here."""

from datetime import date
from pathlib import Path

import click

from mcpaudit import __version__
from mcpaudit.audit import audit
from mcpaudit.cli.output import say, write_whole
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.report import Report
from mcpaudit.model.site import Platform
from mcpaudit.parsing.reader import regular_bytes
from mcpaudit.policy.configuration import FILE, FOLDER
from mcpaudit.report import starter
from mcpaudit.report.verdict import count
from mcpaudit.request import Request


@click.command(
    epilog="""\b
Exit codes: 0 files were written, or were there already; 2 the command line is wrong; 3 nothing was
collected; 70 a fault in mcpaudit."""
)
@site_options
def command(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
) -> int:
    """Write a first mcpaudit.yaml, profile and CI file for what is installed, and say what was written.

    PATH is the project's folder (the current one by default). A file that is there already is left as it is.
    """
    if path.is_file():
        raise UsageError("init writes into a project's folder, and PATH is a file")
    site = site_of(path, home, no_home, system_root, platform)
    report = audit(Request(site, date.today(), manifests=manifests, waivers=False))
    if not report.agents:
        say("no MCP configuration was found, so there is nothing to begin with")
        return 3
    folder = path.resolve()
    for name, (text, about) in _files(folder, report).items():
        file = folder / name
        if file.exists() or file.is_symlink():
            click.echo(f"kept   {name}: it is there already")
            continue
        write_whole(file, text.encode())
        click.echo(f"wrote  {name}: {about}")
    click.echo("\nNext:")
    click.echo("  Read mcpaudit.yaml: name owners, and say what is production.")
    click.echo(f"  Cut {FOLDER}/profiles/{starter.PROFILE}.yaml down to what the agents are for.")
    click.echo("  mcpaudit check              what stands in the way today")
    click.echo("  mcpaudit accept --baseline  accept that, so that only what is new fails")
    return 0


def _files(folder: Path, report: Report) -> dict[str, tuple[str, str]]:
    """What there is to write, and what each file is, by name."""
    servers = sum(not row.builtin for row in report.servers)
    named = f"{count(servers, 'server')} of {count(len(report.agents), 'agent')}"
    files = {
        # Before the configuration that names it: one that names no profile stops the next run.
        f"{FOLDER}/profiles/{starter.PROFILE}.yaml": (
            starter.profile(report),
            "all that they can do now, to be cut down",
        ),
        FILE: (starter.configuration(report), f"{named}, with room for owners and what is production"),
    }
    hosts = _hosts(folder)
    if "github" in hosts:
        files[".github/workflows/mcpaudit.yml"] = (
            starter.github_workflow(__version__),
            "checks each pull request; needs the package on your index",
        )
    if "gitlab" in hosts:
        files[".gitlab/mcpaudit.yml"] = (
            starter.gitlab_job(__version__),
            "add it to .gitlab-ci.yml: include: [{local: .gitlab/mcpaudit.yml}]",
        )
    return files


def _hosts(folder: Path) -> set[str]:
    """Where this repository lives, as far as its files tell."""
    found = {
        host
        for host, sign in (("github", ".github"), ("gitlab", ".gitlab-ci.yml"))
        if (folder / sign).exists()
    }
    try:
        remotes = regular_bytes(folder / ".git" / "config").decode("utf-8", "replace")
    except OSError:
        return found
    return found | {host for host in ("github", "gitlab") if f"{host}." in remotes}
