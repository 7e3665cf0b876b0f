"""`mcpaudit check`: the main job."""

from datetime import date, datetime
from pathlib import Path

import click

from mcpaudit.audit import audit
from mcpaudit.cli.judge import judge_options
from mcpaudit.cli.output import Target, parse_targets, say, templates_option, write
from mcpaudit.cli.site import site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.decision import Mode
from mcpaudit.model.finding import SEVERITIES, Severity
from mcpaudit.model.fixes import Proof
from mcpaudit.model.site import Platform
from mcpaudit.parsing.reader import named_bytes
from mcpaudit.report.formats import FORMATS
from mcpaudit.request import Request

_KEY_AT_LEAST, _KEY_AT_MOST = 32, 4096


@click.command(
    epilog="""\b
Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 the command line, a policy or a
configuration file is wrong; 3 nothing was collected; 4 (--strict) gaps or undecided policies;
70 a fault in mcpaudit."""
)
@site_options
@judge_options
@click.option("--format", "formats", multiple=True, help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.")
@templates_option
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 from this severity on.  [default: high]"
)
@click.option("--strict", is_flag=True, help="Also fail on what is only possible, undecided or unread.")
@click.option(
    "--usage",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What was called: evidence of `mcpaudit usage`, or logs.",
)
@click.option(
    "--probes",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What servers did: evidence of `mcpaudit live probe`.  [default: .mcpaudit/probes.json, if any]",
)
@click.option(
    "--correlation-key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A secret file: equal credentials then match in reports of other machines.",
)
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
    packs: tuple[str, ...],
    formats: tuple[str, ...],
    templates: Path | None,
    fail_on: Severity | None,
    mode: Mode,
    as_is: bool,
    as_of: datetime | None,
    strict: bool,
    usage: tuple[Path, ...],
    probes: Path | None,
    correlation_key: Path | None,
    no_waivers: bool,
) -> int:
    """Audit the MCP servers of a project folder and of its user, or of one configuration file.

    PATH is a folder (the current one by default) or a configuration file.
    """
    targets = parse_targets(formats)
    request = Request(
        site=site_of(path, home, no_home, system_root, platform),
        as_of=as_of.date() if as_of else date.today(),
        given=path if path.is_file() else None,
        manifests=manifests,
        profile=profile,
        policies=policies,
        packs=packs,
        fail_on=fail_on,
        mode=mode,
        as_is=as_is,
        strict=strict,
        waivers=not no_waivers,
        usage=usage,
        probes=probes,
        correlation_key=_key(correlation_key) if correlation_key else b"",
    )
    proofs: tuple[Proof, ...] = ()
    if any(target.format == "patch" for target in targets):
        # Imported here: most audits ask for nothing beside themselves.
        from mcpaudit.questions import audit_with_proofs

        report, proofs = audit_with_proofs(request)
    else:
        report = audit(request)
    for target in targets or (Target("text"),):
        write(report, target, templates)
    for proof in proofs:
        from mcpaudit.report.patch import proof_lines

        for line in proof_lines(proof):
            say(line)
    return report.summary.exit_code or int(not all(proof.holds for proof in proofs))


def _key(path: Path) -> bytes:
    """The user's correlation key; a short one could be found by trying."""
    key = named_bytes(path)
    if not _KEY_AT_LEAST <= len(key) <= _KEY_AT_MOST:
        raise UsageError(
            f"{path} should hold {_KEY_AT_LEAST} to {_KEY_AT_MOST} bytes of chance for `--correlation-key`; "
            f"`openssl rand -out {path} 32` makes such a file"
        )
    return key
