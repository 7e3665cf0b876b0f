"""What a policy said about a fact."""

from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Witness
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place
from mcpaudit.model.supposition import Supposition

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")

Status = Literal["fail", "possible", "inconclusive", "waived", "baselined"]
STATUSES: tuple[Status, ...] = ("fail", "possible", "inconclusive", "waived", "baselined")


WaiverState = Literal["applied", "proposed", "expired", "unmatched", "changed", "refused"]


Safety = Literal["safe", "needs-review"]
SAFETIES: tuple[Safety, ...] = ("safe", "needs-review")
"""Whether an edit only takes access away or has no effect on it; a person looks at every other one first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a policy's remedy means for one finding, before it is known which files can say so."""

    supposed: Supposition
    safety: Safety
    reason: str = ""
    """Why nothing, or not all of it, can be supposed."""

    def with_all_of(self, other: "Wish") -> "Wish":
        """Both at once: as safe as the less safe one."""
        safety: Safety = "safe" if self.safety == other.safety == "safe" else "needs-review"
        return Wish(self.supposed.with_all_of(other.supposed), safety, self.reason or other.reason)


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
    wish: Wish | None = None
    """`None` where its policy states no remedy."""


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
