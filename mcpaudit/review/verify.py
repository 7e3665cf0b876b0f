"""Checks a packet, without network and without running anything: is it whole, does it say what its own data
say, who signed it, does that make a sign-off today, and is it still about what is installed?
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from mcpaudit import __version__
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import McpauditError, ReportError
from mcpaudit.model.configuration import ReviewTerms
from mcpaudit.model.report import Report
from mcpaudit.model.review import SCHEMA, Check, State, Verdict, Verification
from mcpaudit.policy.configuration import FOLDER
from mcpaudit.report.canonical import from_json, to_json
from mcpaudit.review.commands import commands
from mcpaudit.review.reevaluate import Judged, documents_check, findings_check, judge_again, waivers_check
from mcpaudit.signoff import statement
from mcpaudit.signoff.chain import chain_check
from mcpaudit.signoff.layout import INPUTS, MANIFEST, REPORT, STATEMENT
from mcpaudit.signoff.own import SIGNERS
from mcpaudit.signoff.packet import files_check, read_packet
from mcpaudit.signoff.signers import Signer, read_signers
from mcpaudit.signoff.standing import Standing, standing
from mcpaudit.signoff.votes import ballots

OWN_SIGNERS = f"{INPUTS}{FOLDER}/{SIGNERS}"
FAILS, UNDECIDED = 1, 4


@dataclass(frozen=True, slots=True)
class Trust:
    """Who may sign, by somebody else than the packet itself."""

    signers: bytes
    shown: str
    terms: ReviewTerms | None = None
    """What a sign-off needs; `None` where only the packet says it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet that is whole enough to be looked at."""

    folder: Path
    files: Mapping[str, bytes]
    state: State
    report: Report


def opened(folder: Path, files: Mapping[str, bytes] | None = None) -> Opened:
    """Reads a packet, or takes the files that were read of it; raises McpauditError for what is none."""
    files = read_packet(folder) if files is None else files
    state, decision = statement.read(files[STATEMENT], STATEMENT)
    if decision is not None:
        raise _MixedError(f"{STATEMENT} holds a decision, and these stand in signatures/")
    return Opened(folder, files, state, from_json(files.get(REPORT, b"")))


class _MixedError(McpauditError):
    """Indicates a statement in the wrong place."""


def verify(
    folder: Path,
    as_of: date,
    trust: Trust | None = None,
    places: Sequence[Path] = (),
    more: Sequence[Check] = (),
) -> Verification:
    """All checks of a packet on a day. `places` are further folders of reviews, `more` further checks."""
    files = read_packet(folder)
    checks = [files_check(files)]
    shown = folder.as_posix()
    try:
        # Not read again: what was checked is what is judged.
        packet = opened(folder, files)
    except McpauditError as error:
        checks.append(_unopened(files, error))
        return _verification(shown, as_of, checks, None, None, ())
    checks.append(_statement(packet))
    judged: Judged | None = None
    # What was tampered with proves nothing, whatever it comes to.
    if all(one.outcome == "holds" for one in checks):
        try:
            judged = judge_again(folder, files, packet.report)
            checks += [findings_check(judged, packet.report), documents_check(files, packet.report)]
        except McpauditError as error:
            checks.append(Check("re-evaluation", "fails", str(error).split("\n")[0]))
    try:
        checks.append(_keys(files, trust))
        signers = _signers(files, trust)
    except McpauditError as error:
        checks.append(Check("keys", "fails", str(error).split("\n")[0]))
        signers = ()
    terms = trust.terms if trust and trust.terms else packet.state.terms
    stands = standing(files, ballots(files, packet.state, signers), packet.state, terms, as_of)
    checks += stands.checks
    if judged is not None:
        checks.append(waivers_check(judged, packet.report, as_of))
    checks.append(chain_check(packet.state, (folder.resolve().parent, *places)))
    return _verification(shown, as_of, [*checks, *more], packet, stands, signers)


def _unopened(files: Mapping[str, bytes], error: McpauditError) -> Check:
    """Why a packet cannot be looked at; that of another version may well be in order."""
    told = str(error).split("\n")[0]
    try:
        version = statement.read(files[STATEMENT], STATEMENT)[0].tool
    except McpauditError:
        version = __version__
    if isinstance(error, ReportError) and version != __version__:
        return Check(
            "statement", "unknown", f"mcpaudit {version} prepared it, and this is {__version__}", (told,)
        )
    return Check("statement", "fails", told)


def _statement(packet: Opened) -> Check:
    """Whether what is signed is about these files, this report and these terms."""
    state, report = packet.state, packet.report
    if to_json(report) != packet.files[REPORT]:
        return Check("statement", "fails", f"{REPORT} is not in its canonical form")
    try:
        expected = statement.state_of(
            packet.files, packet.files.get(MANIFEST, b""), report, state.authors, state.terms, state.previous
        )
    except ValueError:
        return Check("statement", "fails", f"{REPORT} is of no day")
    if expected != state:
        return Check("statement", "fails", f"{STATEMENT} is about other files than these")
    return Check("statement", "holds", f"{STATEMENT} is about these files, as of {state.as_of.isoformat()}")


def _signers(files: Mapping[str, bytes], trust: Trust | None) -> tuple[Signer, ...]:
    if trust is not None:
        return read_signers(trust.signers, trust.shown)
    return read_signers(files.get(OWN_SIGNERS, b""), OWN_SIGNERS)


def _keys(files: Mapping[str, bytes], trust: Trust | None) -> Check:
    """A packet cannot vouch for the keys in it."""
    if trust is not None:
        terms = "" if trust.terms else "; how many are needed is the packet's own word"
        return Check("keys", "holds", f"the keys are those of {trust.shown}{terms}")
    found = _signers(files, None)
    told = tuple(f"{', '.join(one.names)}: {one.known_by}" for one in found)
    if not told:
        return Check("keys", "fails", f"the packet names no signers: there was no {FOLDER}/{SIGNERS}")
    return Check(
        "keys",
        "unknown",
        "that these keys are those of these people is the packet's own word: ask them, and give --signers",
        told,
    )


def _verification(
    shown: str,
    as_of: date,
    checks: Sequence[Check],
    packet: Opened | None,
    stands: Standing | None,
    signers: Sequence[Signer],
) -> Verification:
    outcomes = {one.outcome for one in checks}
    verdict: Verdict = "signed-off"
    if outcomes & {"fails", "unknown"}:
        verdict = "not-signed-off" if "fails" in outcomes else "undecided"
    votes = stands.votes if stands else ()
    return Verification(
        schema=SCHEMA,
        packet=shown,
        as_of=as_of.isoformat(),
        verdict=verdict,
        exit_code={"signed-off": 0, "not-signed-off": FAILS, "undecided": UNDECIDED}[verdict],
        sentence=_sentence(verdict, checks, stands),
        expires=stands.expires if stands and verdict == "signed-off" else "",
        subjects=packet.state.subjects if packet else (),
        checks=tuple(checks),
        votes=votes,
        commands=tuple(commands(packet.files, votes, signers)) if packet else (),
    )


def _sentence(verdict: Verdict, checks: Sequence[Check], stands: Standing | None) -> str:
    if verdict == "signed-off" and stands is not None:
        who = ", ".join(f"{one.reviewer} ({one.role})" for one in stands.votes if one.counts)
        return f"Signed off by {who}; it holds until {stands.expires}."
    outcome = "fails" if verdict == "not-signed-off" else "unknown"
    why = list(_why(checks, outcome))
    start = "This is no sign-off" if outcome == "fails" else "Whether this is a sign-off is not decided"
    return f"{start}: {'; '.join(why[:3])}{f'; and {len(why) - 3} more' if len(why) > 3 else ''}."


def _why(checks: Sequence[Check], outcome: str) -> Iterator[str]:
    yield from (one.sentence for one in checks if one.outcome == outcome)
