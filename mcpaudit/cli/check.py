"""`mcpaudit check`: the main job."""

import os
import sys
from datetime import date
from pathlib import Path
from typing import get_args

import click

from mcpaudit.audit import Request, audit
from mcpaudit.cli.output import Target, parse_targets, write
from mcpaudit.clients.site import Platform, Site
from mcpaudit.errors import UsageError
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.finding import SEVERITIES, Severity
from mcpaudit.report.formats import FORMATS


@click.command(
    epilog="""\b
Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 the command line, a policy or a
configuration file is wrong; 3 nothing was collected; 4 (--strict) gaps or undecided policies;
70 a fault in mcpaudit."""
)
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--home", type=click.Path(path_type=Path), help="Read user-level files here, and not in your home.")
@click.option("--no-home", is_flag=True, help="Read no user-level and no system files: the repository alone.")
@click.option("--system-root", type=click.Path(path_type=Path), help="Read system files below this folder.")
@click.option("--platform", type=click.Choice(get_args(Platform)), help="Whose file layout to follow.")
@click.option("--manifests", type=click.Path(path_type=Path), help="Saved tools/list results, SERVER.json each.")
@click.option("--profile", default="", help="What the agents are for: a profile's id or file.")
@click.option("--policy", "policies", multiple=True, type=click.Path(path_type=Path), help="More policies: a file or folder.")
@click.option("--format", "formats", multiple=True, help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 from this severity on.  [default: high]")
@click.option("--mode", type=click.Choice(MODES), default="interactive", show_default=True, help="How the clients run.")
@click.option("--as-is", is_flag=True, help="Judge servers that await approval as not loaded.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge waivers and expiry as on this day.")
@click.option("--strict", is_flag=True, help="Also fail on what is only possible, undecided or unread.")
@click.option("--no-waivers", is_flag=True, help="Ignore waivers and the baseline.")
def command(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    profile: str,
    policies: tuple[Path, ...],
    formats: tuple[str, ...],
    fail_on: Severity | None,
    mode: Mode,
    as_is: bool,
    as_of: object,
    strict: bool,
    no_waivers: bool,
) -> int:
    """Audit the MCP servers of a project folder and of its user, or of one configuration file.

    PATH is a folder (the current one by default) or a configuration file.
    """
    targets = parse_targets(formats)
    if not path.exists():
        raise UsageError(f"there is nothing at {path}")
    if home is not None and not home.is_dir():
        raise UsageError(f"--home needs a folder, and {home} is none")
    given = path if path.is_file() else None
    request = Request(
        site=_site(path, home, no_home, system_root, platform),
        as_of=as_of.date() if hasattr(as_of, "date") else date.today(),
        given=given,
        manifests=manifests,
        profile=profile,
        policies=policies,
        fail_on=fail_on,
        mode=mode,
        as_is=as_is,
        strict=strict,
        waivers=not no_waivers,
    )
    report = audit(request)
    for target in targets or (Target("text"),):
        write(report, target)
    return report.summary.exit_code


def _site(path: Path, home: Path | None, no_home: bool, system_root: Path | None, platform: Platform | None) -> Site:
    """This machine, unless the command line names another's files: then nothing of this one is mixed in."""
    foreign = home is not None or system_root is not None or platform is not None
    project = (path.parent if path.is_file() else path).resolve()
    if no_home:
        own_home, root = None, system_root.resolve() if system_root else None
    elif foreign:
        own_home, root = home.resolve() if home else None, system_root.resolve() if system_root else None
    else:
        own_home, root = _home(), Path("/")
    env = {} if foreign or no_home else dict(os.environ)
    return Site(project, own_home, root, platform or _platform(), env)


def _home() -> Path | None:
    """The user's home; `None` on a machine that has none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def _platform() -> Platform:
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")  # type: ignore[return-value]
