"""Waivers and the baseline: which findings are accepted, until when, and by whom.

One function decides, for a given date, whether a finding is waived; nothing else in the program does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import Finding, Severity, WaiverState, WaiverUse
from mcpaudit.model.place import Place
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.policy.validation import mistake, read_valid

# How long a waiver may last where `mcpaudit.yaml` does not say.
MAX_DAYS: dict[Severity, int] = {"critical": 14, "high": 30, "medium": 90, "low": 180, "info": 365}
WAIVERS, BASELINE = "waivers.yaml", "baseline.json"
# So many days before a waiver ends, its owner is told.
WARNING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted finding, as `.mcpaudit/waivers.yaml` states it."""

    finding: str
    policy: str
    agents: tuple[str, ...]
    owner: str
    approver: str
    reason: str
    expires: date
    digest: str
    place: Place
    granted: date | None = None
    """From when on it applies; how long it may last counts from then."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the baseline accepts, with the agents that it covered then."""

    finding: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that a project accepts."""

    waivers: tuple[Waiver, ...]
    baseline: tuple[Accepted, ...]
    documents: dict[str, Document]
    """The files that say so, by the names that reports show."""


def read_register(folder: Path, shown: str) -> Register:
    """Read `waivers.yaml` and `baseline.json` of a folder; raises ConfigurationError with every mistake."""
    documents = {
        f"{shown}/{name}": read_valid(folder / name, f"{shown}/{name}", schema)
        for name, schema in ((WAIVERS, "waivers"), (BASELINE, "baseline"))
        if (folder / name).is_file()
    }
    waivers, baseline = (documents.get(f"{shown}/{name}") for name in (WAIVERS, BASELINE))
    return Register(
        _waivers(waivers) if waivers else (),
        tuple(Accepted(node.text("finding"), _agents(node)) for node in _entries(baseline, "findings"))
        if baseline
        else (),
        documents,
    )


def _entries(document: Document, key: str) -> Iterator[Node]:
    entries = Node(document, document.data).child(key)
    return entries.elements() if entries else iter(())


def _agents(node: Node) -> tuple[str, ...]:
    return tuple(str(one.value) for one in node.texts("agents") or ())


def _waivers(document: Document) -> tuple[Waiver, ...]:
    found: list[Waiver] = []
    mistakes: list[Mistake] = []
    for node in _entries(document, "waivers"):
        expires, granted = (_date(node, key, mistakes) for key in ("expires", "granted"))
        if expires is None:
            continue
        found.append(
            Waiver(
                finding=node.text("finding"),
                policy=node.text("policy"),
                agents=_agents(node),
                owner=node.text("owner"),
                approver=node.text("approver"),
                reason=node.text("reason"),
                expires=expires,
                digest=node.text("digest"),
                place=node.place,
                granted=granted,
            )
        )
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(found)


def _date(node: Node, key: str, mistakes: list[Mistake]) -> date | None:
    if not node.text(key):
        return None
    try:
        return date.fromisoformat(node.text(key))
    except ValueError:
        mistakes.append(mistake(node.document, (*node.route, key), "there is no such date"))
        return None


def decide(
    waiver: Waiver, finding: Finding | None, as_of: date, limits: dict[Severity, int]
) -> tuple[WaiverState, str]:
    """Whether a waiver covers a finding on a date, and why or why not."""
    if finding is None:
        return "unmatched", "no finding has this fingerprint"
    if not waiver.approver:
        return "proposed", "nobody has approved it yet"
    if waiver.approver.strip().casefold() == waiver.owner.strip().casefold():
        return "refused", "its approver is its owner"
    start = waiver.granted or as_of
    if start > as_of:
        return "refused", f"it begins on {start.isoformat()}"
    if waiver.expires < as_of:
        return "expired", f"it expired on {waiver.expires.isoformat()}"
    longest = limits.get(finding.severity, MAX_DAYS[finding.severity])
    if (waiver.expires - start).days > longest:
        return "refused", f"a waiver of a {finding.severity} finding may last {longest} days at most"
    if waiver.digest and waiver.digest != finding.digest:
        return "changed", "what it waives has changed since"
    if missing := sorted(set(finding.agents) - set(waiver.agents)):
        return "changed", f"it does not cover {', '.join(missing)}"
    who = f"{waiver.owner}, approved by {waiver.approver}, until {waiver.expires.isoformat()}"
    return "applied", f"{waiver.reason} ({who})"


def _warning(waiver: Waiver, as_of: date) -> str:
    """What to see to while a waiver still applies."""
    left = (waiver.expires - as_of).days
    if left <= WARNING_DAYS:
        return f"it ends {'today' if left == 0 else 'tomorrow' if left == 1 else f'in {left} days'}"
    return "" if waiver.digest else "without a digest it stays when what it waives changes"


def apply_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], as_of: date, configuration: Configuration
) -> tuple[list[Finding], list[WaiverUse]]:
    """Mark the findings that waivers cover, and say what became of every waiver."""
    by_fingerprint = {finding.fingerprint: finding for finding in findings}
    waived: dict[str, Finding] = {}
    uses: list[WaiverUse] = []
    for waiver in waivers:
        finding = by_fingerprint.get(waiver.finding)
        state, why = decide(waiver, finding, as_of, configuration.waiver_days)
        if finding is not None and state == "applied":
            waived[finding.fingerprint] = replace(finding, status="waived", reason=why)
        uses.append(_use(waiver, state, why, _warning(waiver, as_of) if state == "applied" else ""))
    return [waived.get(finding.fingerprint, finding) for finding in findings], uses


def _use(waiver: Waiver, state: WaiverState, why: str, warning: str) -> WaiverUse:
    return WaiverUse(
        fingerprint=waiver.finding,
        policy=waiver.policy,
        owner=waiver.owner,
        approver=waiver.approver,
        reason=waiver.reason,
        expires=waiver.expires.isoformat(),
        state=state,
        explanation=why,
        warning=warning,
        place=waiver.place,
    )


def apply_baseline(findings: Sequence[Finding], baseline: Sequence[Accepted]) -> list[Finding]:
    """Mark the findings that the baseline accepts; one that has reached a new agent is new."""
    accepted = {one.finding: set(one.agents) for one in baseline}
    return [
        replace(finding, status="baselined", reason="accepted by the baseline")
        if finding.status not in ("waived",)
        and set(finding.agents) <= accepted.get(finding.fingerprint, set())
        and finding.fingerprint in accepted
        else finding
        for finding in findings
    ]
