"""What a policy said about a fact."""

from dataclasses import dataclass
from typing import Literal

from mcpaudit.model.access import Witness
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")

Status = Literal["fail", "possible", "inconclusive", "waived", "baselined"]
STATUSES: tuple[Status, ...] = ("fail", "possible", "inconclusive", "waived", "baselined")


WaiverState = Literal["applied", "proposed", "expired", "unmatched", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject that a policy does not accept, or could not decide on."""

    fingerprint: str
    """Hash of the policy's id and the subject's identities: no lines, no agents, no names of files."""
    policy: str
    title: str
    severity: Severity
    status: Status
    certainty: Certainty
    message: str
    fix: str
    subject: str
    """The subject's own id, for people and for waivers."""
    agents: tuple[str, ...]
    places: tuple[Place, ...]
    witness: Witness
    controls: tuple[str, ...] = ()
    reason: str = ""
    """Why it is inconclusive, waived or baselined."""
    digest: str = ""
    """Hash of what was found; a waiver ends when it changes. It holds no lines and no agents."""


@dataclass(frozen=True, slots=True)
class PolicyRun:
    """What became of one policy in this audit."""

    policy: str
    title: str
    severity: Severity
    population: int
    """How many subjects it was put to; with none it is not applicable, which is no pass."""
    findings: int
    source: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """One waiver entry and what it did in this audit."""

    fingerprint: str
    policy: str
    owner: str
    approver: str
    reason: str
    expires: str
    state: WaiverState
    explanation: str
    warning: str
    """What its owner should see to while it still applies; empty where there is nothing."""
    place: Place
