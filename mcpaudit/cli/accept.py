"""`mcpaudit accept`: write down which findings are accepted, for a person to review."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from mcpaudit.audit import audit
from mcpaudit.cli.judge import judge_options
from mcpaudit.cli.output import say, write_whole
from mcpaudit.cli.site import HOME, MANIFESTS, NO_HOME, site_of
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.decision import Mode
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.policy.acceptance import baseline_text, longest, waiver_entry, with_waivers
from mcpaudit.policy.configuration import FOLDER
from mcpaudit.policy.waivers import BASELINE, WAIVERS
from mcpaudit.report.escape import terminal
from mcpaudit.request import Request, configuration_of

_LEAST_REASON = 10


@click.command(
    epilog="""\b
Exit codes: 0 written, or nothing to change; 2 there is no such finding, or a file is wrong;
3 nothing was collected; 70 a fault in mcpaudit."""
)
@click.argument("findings", nargs=-1, metavar="[FINDING]...")
@click.option("--waive", is_flag=True, help="Write an entry of .mcpaudit/waivers.yaml for each FINDING.")
@click.option(
    "--baseline",
    is_flag=True,
    help="Accept each FINDING, or all of today, in .mcpaudit/baseline.json.",
)
@click.option("--owner", default="", help="Who answers for the waiver.")
@click.option("--approver", default="", help="Who approves it; without one it is a proposal.")
@click.option("--reason", default="", help="Why the finding is acceptable for now.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The waiver's last day; as late as the severity allows, by default.",
)
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=".",
    help="The audited folder; the current one by default.",
)
@HOME
@NO_HOME
@MANIFESTS
@judge_options
def command(
    findings: tuple[str, ...],
    waive: bool,
    baseline: bool,
    owner: str,
    approver: str,
    reason: str,
    expires: datetime | None,
    path: Path,
    home: Path | None,
    no_home: bool,
    manifests: Path | None,
    profile: str,
    policies: tuple[Path, ...],
    packs: tuple[str, ...],
    mode: Mode,
    as_is: bool,
    as_of: datetime | None,
) -> int:
    """Accept findings: for a time and by name (--waive), or as they are today (--baseline).

    FINDING is a fingerprint as `check` prints it, `a0205bb5417e525c`, or its beginning. What is written is
    for others to review; a waiver covers nothing before somebody else than its owner has approved it.
    """
    if waive == baseline:
        raise UsageError("say either --waive or --baseline")
    if path.is_file():
        raise UsageError("--path names the audited folder, where .mcpaudit lies")
    today = as_of.date() if as_of else date.today()
    request = Request(
        site=site_of(path, home, no_home, None, None),
        as_of=today,
        manifests=manifests,
        profile=profile,
        policies=policies,
        packs=packs,
        mode=mode,
        as_is=as_is,
    )
    report = audit(request)
    if not report.agents:
        say("no MCP configuration was found, so there is nothing to accept")
        return 3
    chosen = [_find(report, text) for text in dict.fromkeys(findings)]
    folder = path.resolve() / FOLDER
    if baseline:
        return _baseline(report, chosen, folder)
    if not chosen:
        raise UsageError("say which findings to waive, by the fingerprints that `mcpaudit check` prints")
    if not owner.strip() or len(reason.strip()) < _LEAST_REASON:
        raise UsageError(f"a waiver needs --owner, and a --reason of at least {_LEAST_REASON} letters")
    for option, text in (("owner", owner), ("approver", approver), ("reason", reason)):
        if not text.isprintable():
            raise UsageError(f"--{option} is one line of text, without control characters")
    if approver.strip().casefold() == owner.strip().casefold():
        raise UsageError("the approver is another person than the owner")
    configuration, _ = configuration_of(request)
    entries = [
        waiver_entry(
            one,
            owner=owner,
            approver=approver,
            reason=reason,
            granted=today,
            days=_days(one, today, expires, configuration),
        )
        for one in chosen
    ]
    file = folder / WAIVERS
    shown = f"{FOLDER}/{file.name}"
    write_whole(file, with_waivers(file, shown, entries, [one.message for one in chosen]).encode())
    for one, entry in zip(chosen, entries, strict=True):
        click.echo(f"{one.fingerprint} ({one.policy}) until {entry['expires']}")
    what = f"{len(chosen)} waiver{'s' * (len(chosen) > 1)}"
    if approver:
        click.echo(f"Wrote {what} to {shown}, approved by {terminal(approver)}. Review and commit it.")
    else:
        click.echo(f"Wrote {what} to {shown} as a proposal: it covers nothing until `approver` is filled in.")
    return 0


def _find(report: Report, text: str) -> FindingRow:
    found = [one for one in report.findings if one.fingerprint.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{text}` is the beginning of {len(found)} findings: give more of it")
    hint = did_you_mean(text, [one.fingerprint for one in report.findings])
    raise UsageError(f"there is no finding `{text}` here{f'; {hint}' if hint else ''}")


def _days(finding: FindingRow, today: date, expires: datetime | None, configuration: Configuration) -> int:
    most = longest(finding, configuration)
    days = (expires.date() - today).days if expires else most
    if not 0 <= days <= most:
        raise UsageError(
            f"{finding.fingerprint} is {finding.severity}: its waiver may last {most} days, until "
            f"{date.fromordinal(today.toordinal() + most).isoformat()}"
        )
    return days


def _baseline(report: Report, chosen: Sequence[FindingRow], folder: Path) -> int:
    """Write the baseline: of those chosen and what it covers already, or of all that nobody waived."""
    had = [one for one in report.findings if one.status == "baselined"]
    more = [one for one in chosen or report.findings if one.status not in ("waived", "baselined")]
    file = folder / BASELINE
    write_whole(file, baseline_text([*had, *more]).encode())
    click.echo(
        f"Wrote {FOLDER}/{file.name}: {len(had) + len(more)} findings are accepted as they are, "
        f"{len(more)} of them new. Review and commit it."
    )
    return 0
