"""What policies said, as plain rows, with patches that answer it and waivers that cover it."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location
from mcpaudit.model.step import Step


@dataclass(frozen=True, slots=True)
class EditRow:
    """One change of a configuration file, in words."""

    file: str
    says: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What patches do about one finding."""

    safety: str
    """`safe` where it only takes access away or has no effect on it, else `needs-review`."""
    changes: tuple[EditRow, ...]
    """Empty where no file can say what the remedy wants."""
    reason: str
    """Why nothing, or not all of it, is in a patch; empty where it is."""


@dataclass(frozen=True, slots=True)
class PatchedRow:
    """One change of a patch, with the findings that it answers."""

    file: str
    says: str
    findings: tuple[str, ...]
    """Their fingerprints."""


@dataclass(frozen=True, slots=True)
class PatchRow:
    """All changes of one class below one folder, as `git apply` takes them."""

    tree: str
    """`project` for the audited folder, `home` for the user's."""
    safety: str
    """A patch that is `needs-review` is made for files that have the safe one."""
    changes: tuple[PatchedRow, ...]
    diff: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a policy said about a fact."""

    fingerprint: str
    policy: str
    title: str
    severity: str
    status: str
    certainty: str
    message: str
    fix: str
    reason: str
    subject: str
    digest: str
    """What a waiver of it is bound to."""
    agents: tuple[str, ...]
    controls: tuple[str, ...]
    locations: tuple[Location, ...]
    witness: tuple[Step, ...]
    patch: AnswerRow | None = None
    """What `patches` do about it; `null` where its policy states no remedy."""


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """One waiver entry and what it did in this audit."""

    fingerprint: str
    policy: str
    owner: str
    approver: str
    reason: str
    expires: str
    state: str
    explanation: str
    warning: str
    location: Location
