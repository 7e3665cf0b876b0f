"""`mcpaudit review`: one exact state as a packet, people's signatures on it, and what they are worth."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from mcpaudit.cli.access_review import read
from mcpaudit.cli.output import parse_targets, say, show, write_whole
from mcpaudit.cli.site import HOME, MANIFESTS, NO_HOME, PLATFORM, SYSTEM_ROOT, site_of, site_options
from mcpaudit.errors import UsageError
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.review import CHOICES, Check, Choice, Condition
from mcpaudit.model.site import Platform
from mcpaudit.report.escape import terminal
from mcpaudit.request import Request

_DAY = click.DateTime(["%Y-%m-%d"])
_AS_OF = click.option("--as-of", type=_DAY, help="Judge waivers and dates as on this day.")
FORMATS = ("text", "json", "svr")


@click.group()
def command() -> None:
    """Prepare a sign-off, sign it, verify it; read access reviews. Nothing is contacted or started."""


command.add_command(read)


@command.command()
@site_options
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The packet's folder.")
@click.option(
    "--author",
    "authors",
    multiple=True,
    required=True,
    help="Who made what is reviewed, by the name they sign with; they may not approve it.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    help="The packet of the review before; the newest signed one in .mcpaudit/reviews by default.",
)
@click.option(
    "--mode", type=click.Choice(MODES), default="interactive", show_default=True, help="How the clients run."
)
@click.option("--as-is", is_flag=True, help="Judge servers that await approval as not loaded.")
@_AS_OF
def prepare(
    path: Path,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    output: Path,
    authors: tuple[str, ...],
    previous: Path | None,
    mode: Mode,
    as_is: bool,
    as_of: datetime | None,
) -> int:
    """Write a packet of what is installed now, for people to review and sign.

    It holds the report and its documents, what policies were put to and the policies, mcpaudit's own files,
    digests of all of it, and the statement to be signed. It holds no file of a client and no secret.

    Exit codes: 0 written; 2 the command line or a file is wrong.
    """
    from mcpaudit.review.prepare import prepare as prepared
    from mcpaudit.review.verify import OWN_SIGNERS
    from mcpaudit.signoff.chain import latest, read_seal
    from mcpaudit.signoff.packet import write_packet

    request = Request(
        site=site_of(path, home, no_home, system_root, platform),
        as_of=as_of.date() if as_of else date.today(),
        given=path if path.is_file() else None,
        manifests=manifests,
        mode=mode,
        as_is=as_is,
    )
    before = read_seal(previous)[0] if previous else None
    if before is None and request.own is not None:
        before = latest(request.own)
    packet = prepared(request, authors, before)
    write_packet(output, packet.files)
    counts = ", ".join(f"{number} {name}" for name, number in packet.report.summary.by_status if number)
    click.echo(f"Wrote {len(packet.files)} files to {terminal(str(output))}, as of {packet.report.as_of}.")
    last = terminal(before.name) if before else "none"
    click.echo(f"Findings: {counts or 'none'}. The review before: {last}.")
    for role, people in packet.state.terms.threshold or (("any role", 1),):
        click.echo(f"Needed: {people} approval{'s' * (people > 1)} as {terminal(role)}")
    if OWN_SIGNERS not in packet.files:
        click.echo("There is no .mcpaudit/signers, so nobody can sign this packet: docs/review.md shows how.")
    click.echo(f"Next: read {terminal((output / 'report.html').as_posix())}, then `mcpaudit review sign`.")
    return 0


@command.command()
@click.argument("packet", type=click.Path(path_type=Path))
@click.option("--as", "reviewer", required=True, help="Who signs, by the name in the signers file.")
@click.option("--role", required=True, help="In which role: security, owner.")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="An Ed25519 private key; without one the statement is written for ssh-keygen to sign.",
)
@click.option("--decision", type=click.Choice(CHOICES), default="approve", show_default=True, help="What.")
@click.option("--reason", default="", help="Why, for those who read it later.")
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    metavar="TEXT=DATE",
    help="What has to be done by a day, for --decision conditional.",
)
@click.option("--expires", type=_DAY, help="The last day of it; by default as late as the terms allow.")
@click.option(
    "--time",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]),
    help="The time of signing in UTC, YYYY-MM-DDTHH:MM:SSZ; now by default.",
)
def sign(
    packet: Path,
    reviewer: str,
    role: str,
    key: Path | None,
    decision: Choice,
    reason: str,
    conditions: tuple[str, ...],
    expires: datetime | None,
    time: datetime | None,
) -> int:
    """Put your decision on a packet.

    With --key it is signed at once, as a DSSE envelope and as ssh-keygen would sign it. Without, the exact
    bytes are written, and the command of ssh-keygen that signs them is printed.

    Exit codes: 0 written; 2 it would not count, or the command line is wrong.
    """
    from mcpaudit.review.sign import Wanted
    from mcpaudit.review.sign import sign as signed
    from mcpaudit.signoff.keys import load
    from mcpaudit.signoff.layout import SIGNED
    from mcpaudit.signoff.packet import read_packet
    from mcpaudit.signoff.sshsig import namespace

    wanted = Wanted(
        reviewer=reviewer,
        role=role,
        choice=decision,
        time=time.replace(tzinfo=UTC) if time else datetime.now(UTC),
        expires=expires.date() if expires else None,
        reason=reason,
        conditions=tuple(map(_condition, conditions)),
    )
    found = signed(read_packet(packet), wanted, load(key) if key else None)
    for name, content in found.items():
        write_whole(packet / name, content)
        say(f"wrote {(packet / name).as_posix()}")
    if key is None:
        file = next((packet / name).as_posix() for name in found if name.endswith(SIGNED))
        click.echo("Sign it with your own key, by which a file beside it appears:")
        click.echo(f"  ssh-keygen -Y sign -f YOUR_KEY -n {namespace(role)} {terminal(_quoted(file))}")
    return 0


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _condition(text: str) -> Condition:
    what, _, day = text.rpartition("=")
    try:
        return Condition(what.strip(), date.fromisoformat(day.strip()))
    except ValueError:
        hint = "as in --condition 'rotate the token=2026-12-31'"
        raise UsageError(f"a condition is a text and the day it is due, {hint}: {text}") from None


@command.command(
    epilog="""\b
Exit codes: 0 it is a sign-off, today; 1 it is none; 2 the command line is wrong, or this is no packet;
4 that could not be decided (the keys are the packet's own word, a signature could not be verified,
an earlier review is not at hand); 70 a fault in mcpaudit."""
)
@click.argument("packet", type=click.Path(path_type=Path))
@click.option(
    "--signers",
    type=click.Path(path_type=Path),
    help="Your own copy of the signers file; without it the packet's is not believed.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="The audited folder as it is now: is it still what was signed? Its signers and terms count.",
)
@click.option(
    "--base", default="", metavar="REVISION", help="With --against: its signers and terms in this revision."
)
@HOME
@NO_HOME
@SYSTEM_ROOT
@PLATFORM
@MANIFESTS
@click.option("--format", "formats", multiple=True, help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.")
@_AS_OF
def verify(
    packet: Path,
    signers: Path | None,
    against: Path | None,
    base: str,
    home: Path | None,
    no_home: bool,
    system_root: Path | None,
    platform: Platform | None,
    manifests: Path | None,
    formats: tuple[str, ...],
    as_of: datetime | None,
) -> int:
    """Check a packet without any network: files, digests, findings, signatures, dates, the chain.

    It says what makes the sign-off worthless, with --against what has changed since and what that lets agents
    do, and the commands by which the same is checked without mcpaudit.
    """
    from mcpaudit.review import svr, text, trust
    from mcpaudit.review.against import against_checks
    from mcpaudit.review.verify import opened
    from mcpaudit.review.verify import verify as verified
    from mcpaudit.signoff.chain import reviews_of

    targets = parse_targets(formats or ("text",), FORMATS)
    believed = trust.of_file(signers) if signers else None
    if base and against is None:
        raise UsageError("--base names a revision of the folder that --against names")
    checks: tuple[Check, ...] = ()
    places: tuple[Path, ...] = ()
    if against is not None:
        site = site_of(against, home, no_home, system_root, platform)
        assert site.project is not None
        given = against if against.is_file() else None
        believed = trust.of_revision(site.project, base) if base else trust.of_project(site.project, believed)
        checks = against_checks(opened(packet), site, given, manifests)
        places = (reviews_of(site.project),)
    found = verified(packet, as_of.date() if as_of else date.today(), believed, places, checks)
    for target in targets:
        if target.format == "svr":
            content = svr.result(found)
        else:
            content = (text.as_json if target.format == "json" else text.as_text)(found).encode()
        if target.file is None:
            show(content)
        else:
            write_whole(target.file, content)
    return found.exit_code
