"""A review: what people signed about one exact state, and what a check of that comes to."""

from datetime import date, datetime
from typing import Literal, get_args

from mcpaudit.dataclass import dataclass
from mcpaudit.model.configuration import ReviewTerms

SCHEMA = "mcpaudit/review-verification-v1"

Choice = Literal["approve", "conditional", "reject"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

Outcome = Literal["holds", "fails", "unknown", "note"]
Verdict = Literal["signed-off", "not-signed-off", "undecided"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file and its digest."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class State:
    """What is reviewed: everything in a packet that is there before anybody signs."""

    subjects: tuple[Sealed, ...]
    """The manifest first, then the files that a decision is about."""
    tool: str
    """The version of mcpaudit that prepared it."""
    as_of: date
    verdict: str
    """What the audit came to."""
    findings: tuple[tuple[str, int], ...]
    """How many there are by status."""
    authors: tuple[str, ...]
    """Who made what is reviewed; none of them may approve it."""
    terms: ReviewTerms
    previous: Sealed | None = None
    """The review before this one, by the name of its folder, and the digest of all that was signed in it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that has to be done for an approval to last."""

    text: str
    due: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decides on a state."""

    reviewer: str
    role: str
    choice: Choice
    time: datetime
    """When it was signed, as the signer says."""
    expires: date
    reason: str = ""
    conditions: tuple[Condition, ...] = ()
    earlier: tuple[Sealed, ...] = ()
    """The decisions that were in the packet before: none can be taken out unseen."""
    forms: tuple[str, ...] = ()
    """How it is signed: `dsse`, `sshsig`."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """What the newest signed review of a project is worth, where its configuration asks for one."""

    name: str
    """The packet's folder; empty where nobody has signed one."""
    signed: bool | None
    """Whether it is a sign-off on the day of the audit; `None` where that could not be found out."""
    reason: str
    expires: date | None = None
    """Its last day."""
    stale: tuple[str, ...] | None = None
    """The files that are not those that were signed; `None` where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what came of it."""

    name: str
    outcome: Outcome
    sentence: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """A decision in a packet, and whether it counts."""

    file: str
    reviewer: str
    role: str
    choice: str
    time: str
    expires: str
    key: str
    """The fingerprint of the key that signed it, as `ssh-keygen -l` shows it."""
    counts: bool
    reason: str
    """Why it does not count; empty where it does."""
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a packet comes to."""

    schema: str
    packet: str
    as_of: str
    verdict: Verdict
    exit_code: int
    sentence: str
    expires: str
    """The last day of the sign-off; empty where there is none."""
    subjects: tuple[Sealed, ...]
    checks: tuple[Check, ...]
    votes: tuple[Vote, ...]
    commands: tuple[str, ...]
    """What says the same without mcpaudit, for a POSIX shell in the packet's folder."""
