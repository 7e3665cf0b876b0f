"""Waivers and the baseline: which findings are accepted, until when, and by whom.

One function decides, for a given date, whether a finding is waived; nothing else in the program does.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import Finding, Severity, WaiverState, WaiverUse
from mcpaudit.model.place import Place
from mcpaudit.parsing.node import Node
from mcpaudit.policy.validation import mistake, read_document, read_valid

# How long a waiver may last where `mcpaudit.yaml` does not say.
MAX_DAYS: dict[Severity, int] = {"critical": 14, "high": 30, "medium": 90, "low": 180, "info": 365}


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


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the baseline accepts, with the agents that it covered then."""

    finding: str
    agents: tuple[str, ...]


def read_waivers(path: Path, shown: str) -> tuple[Waiver, ...]:
    """Read the waivers of a project; raises ConfigurationError with every mistake."""
    document = read_valid(path, shown, "waivers")
    root = Node(document, document.data).child("waivers")
    found: list[Waiver] = []
    mistakes: list[Mistake] = []
    for node in root.elements() if root else ():
        try:
            expires = date.fromisoformat(node.text("expires"))
        except ValueError:
            mistakes.append(mistake(document, (*node.route, "expires"), "there is no such date"))
            continue
        found.append(
            Waiver(
                finding=node.text("finding"),
                policy=node.text("policy"),
                agents=tuple(str(one.value) for one in node.texts("agents") or ()),
                owner=node.text("owner"),
                approver=node.text("approver"),
                reason=node.text("reason"),
                expires=expires,
                digest=node.text("digest"),
                place=node.place,
            )
        )
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(found)


def read_baseline(path: Path, shown: str) -> tuple[Accepted, ...]:
    """Read `.mcpaudit/baseline.json`; raises ConfigurationError where it is no baseline."""
    document = read_document(path, shown)
    root = Node(document, document.data)
    if root.text("schema") != "mcpaudit/baseline-v1":
        raise ConfigurationError(
            [mistake(document, (), "this is no mcpaudit baseline (schema mcpaudit/baseline-v1)")]
        )
    entries = root.child("findings")
    return tuple(
        Accepted(node.text("finding"), tuple(str(one.value) for one in node.texts("agents") or ()))
        for node in (entries.elements() if entries else ())
    )


def digest_of(finding: Finding) -> str:
    """What a waiver is bound to: what was found and how badly, but not where it stood that day."""
    parts = [finding.policy, finding.subject, finding.severity, finding.message, sorted(finding.agents)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def decide(
    waiver: Waiver, finding: Finding | None, as_of: date, limits: dict[Severity, int]
) -> tuple[WaiverState, str]:
    """Whether a waiver covers a finding on a date, and why or why not."""
    if finding is None:
        return "unmatched", "no finding has this fingerprint"
    if waiver.expires < as_of:
        return "expired", f"it expired on {waiver.expires.isoformat()}"
    if waiver.approver == waiver.owner:
        return "refused", "its approver is its owner"
    longest = limits.get(finding.severity, MAX_DAYS[finding.severity])
    if (waiver.expires - as_of).days > longest:
        return "refused", f"a waiver of a {finding.severity} finding may last {longest} days at most"
    if waiver.digest and waiver.digest != digest_of(finding):
        return "changed", "what it waives has changed since"
    if missing := sorted(set(finding.agents) - set(waiver.agents)):
        return "changed", f"it does not cover {', '.join(missing)}"
    who = f"{waiver.owner}, approved by {waiver.approver}, until {waiver.expires.isoformat()}"
    return "applied", f"{waiver.reason} ({who})"


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
        uses.append(_use(waiver, state, why))
    return [waived.get(finding.fingerprint, finding) for finding in findings], uses


def _use(waiver: Waiver, state: WaiverState, why: str) -> WaiverUse:
    return WaiverUse(
        fingerprint=waiver.finding,
        policy=waiver.policy,
        owner=waiver.owner,
        approver=waiver.approver,
        reason=waiver.reason,
        expires=waiver.expires.isoformat(),
        state=state,
        explanation=why,
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
