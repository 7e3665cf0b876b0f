"""`mcpaudit diff`: what a change lets agents do that they could not do before."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcpaudit.cli.judge import judge_options
from mcpaudit.cli.output import Target, look, parse_targets, say, write_whole
from mcpaudit.cli.site import HOME, MANIFESTS, site_of
from mcpaudit.errors import UsageError
from mcpaudit.model.decision import Mode
from mcpaudit.model.finding import SEVERITIES, Severity
from mcpaudit.report.diff_formats import FORMATS, OF_HEAD, render
from mcpaudit.request import Request

if TYPE_CHECKING:
    from mcpaudit.report.build_diff import Compared


@click.command(
    epilog="""\b
Exit codes: 0 passes; 1 new findings at or above --fail-on, or new access that --fail-on-new-access
asks about, be it certain or possible; 2 the command line, a policy or a configuration file is wrong, or
the change breaks one; 3 nothing was collected; 4 that there is no new access is not proved, or (--strict)
something is undecided; 70 a fault in mcpaudit."""
)
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", default="")
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=".",
    help="The audited folder, in a git repository; the current one by default.",
)
@HOME
@MANIFESTS
@judge_options
@click.option("--format", "formats", multiple=True, help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 for new findings from this severity on."
)
@click.option(
    "--fail-on-new-access",
    "new_access",
    multiple=True,
    is_flag=False,
    flag_value="any",
    metavar="[SELECTOR]",
    help="Exit 0 only if no new access is proved: to anything, or by action, label or resource.",
)
@click.option("--strict", is_flag=True, help="Also fail on what is only possible, undecided or unread.")
def command(
    base: str,
    head: str,
    path: Path,
    home: Path | None,
    manifests: Path | None,
    profile: str,
    policies: tuple[Path, ...],
    packs: tuple[str, ...],
    mode: Mode,
    as_is: bool,
    as_of: datetime | None,
    formats: tuple[str, ...],
    fail_on: Severity | None,
    new_access: tuple[str, ...],
    strict: bool,
) -> int:
    """Show what a change lets agents do: access gained and lost, new and resolved findings, drift. Changes of
    policies, waivers and the lock are shown and do not count in the same run: the base judges.

    The formats sarif and gitlab hold all of HEAD, as the rules of BASE judge it; all others hold the change.

    BASE and HEAD are git revisions, read without git and without a checkout; without HEAD it is the work tree
    as it is. BASE...HEAD shows what HEAD does since it left BASE, which still judges. Or both are report
    files, written by `mcpaudit check --format json=FILE`. User-level files are read only where --home names
    them.
    """
    targets = parse_targets(formats, FORMATS)
    today = as_of.date() if as_of else date.today()
    if Path(base).is_file() and (not head or Path(head).is_file()):
        if not head:
            raise UsageError(f"{base} is a file: name two reports, or a git revision")
        # Imported here, as below: one of the two is needed.
        from mcpaudit.comparison.reports import compare_reports

        seen = compare_reports(
            Path(base), Path(head), fail_on=fail_on, new_access=new_access, strict=strict, as_of=today
        )
    else:
        from mcpaudit.comparison.revisions import Asked, compare_revisions

        if not path.is_dir():
            raise UsageError(f"--path names a folder in a git repository, and {path} is none")
        request = Request(
            site=site_of(path, home, home is None, None, None),
            as_of=today,
            manifests=manifests,
            profile=profile,
            policies=policies,
            packs=packs,
            mode=mode,
            as_is=as_is,
            strict=strict,
        )
        whole = any(target.format in OF_HEAD for target in targets)
        seen = compare_revisions(Asked(request, base, head, fail_on, new_access, whole))
    for target in targets or (Target("text"),):
        _write(seen, target)
    return seen.diff.exit_code


def _write(seen: "Compared", target: Target) -> None:
    width, colour = look() if target.file is None else (80, False)
    content = render(seen.diff, seen.head, target.format, width=width, colour=colour)
    if target.file is not None:
        write_whole(target.file, content)
        say(f"wrote the {target.format} comparison to {target.file}")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
