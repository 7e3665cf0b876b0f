"""What `mcpaudit diff` says, `diff-v1`: plain rows, from which every format renders."""

from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.run import ToolInfo
from mcpaudit.model.step import Step

SCHEMA = "mcpaudit/diff-v1"

SideKind = Literal["revision", "work tree", "report"]
Judgement = Literal["passes", "fails", "undecided", "broken", "nothing-collected"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states."""

    kind: SideKind
    name: str
    """The revision or file as the command line names it."""
    commit: str
    """The full id of the commit; empty for what is no revision."""
    version: str
    """The version of mcpaudit that worked it out."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What makes the run fail."""

    fail_on: str
    """New findings from this severity on."""
    new_access: tuple[str, ...]
    """Selectors: new access to what they describe; empty where new access alone fails nothing."""
    strict: bool


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Access that an agent has in one state and not in the other, or under another decision."""

    kind: Literal["gained", "looser", "stricter", "lost"]
    agent: str
    title: str
    """The agent as people call it."""
    server: str
    name: str
    """The installation's name."""
    resource: str
    labels: tuple[str, ...]
    actions: tuple[str, ...]
    tools: tuple[str, ...]
    before: str
    """What the client decided before; empty where there was no access."""
    after: str
    """What the client decides now; empty where there is no access any more."""
    certainty: str
    counted: bool
    """Whether it is what the gate asks about."""
    private: bool
    """Whether it comes from a file of the user and not of the repository."""
    sentence: str
    because: str
    """What the step that shows it best says; empty where that only loads the server."""
    location: Location | None
    """Where that step stands."""
    witness: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something new or changed whose whole effect is not known: because of it nothing more is proved."""

    agent: str
    title: str
    """The agent as people call it, with which the sentence begins; empty where it speaks of none."""
    server: str
    name: str
    sentence: str
    private: bool
    location: Location | None


@dataclass(frozen=True, slots=True)
class FactRow:
    """A conflict or flow that begins, ends, or goes on with other servers."""

    how: Literal["begins", "ends", "changes"]
    kind: str
    agent: str
    title: str
    """The agent as people call it."""
    sentence: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that is new, goes on otherwise, or is resolved."""

    how: Literal["new", "changed", "resolved"]
    why: str
    """What is new about it."""
    counted: bool
    """Whether it makes the run fail."""
    private: bool
    """Whether it speaks only of files of the user."""
    waiver: str
    """The ready-made entry that asks for a waiver; empty where none is needed."""
    finding: FindingRow


@dataclass(frozen=True, slots=True)
class DriftChange:
    """Something that is installed otherwise than the lock of the base says."""

    how: Literal["new", "resolved"]
    kind: str
    server: str
    tool: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A change of mcpaudit's own files: it is told, and does not count in this run."""

    file: str
    how: Literal["added", "removed", "changed", "broken"]
    sentences: tuple[str, ...]
    owners: tuple[str, ...]
    """Who has to agree to it, by the CODEOWNERS file of the base."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What one change lets agents do, and how that is judged."""

    schema: str
    tool: ToolInfo
    as_of: str
    mode: str
    base: Side
    head: Side
    judge: Side
    """By whose policies, waivers and lock both are judged: the base, or the revision that was left there."""
    home: bool
    """Whether files of a user's home were read too."""
    folder: str
    """The audited folder below the root of its repository; empty where it is that root."""
    gate: Gate
    verdict: Judgement
    exit_code: int
    reasons: tuple[str, ...]
    """Why the verdict is what it is, a sentence each."""
    access: tuple[AccessChange, ...]
    doubts: tuple[Doubt, ...]
    facts: tuple[FactRow, ...]
    findings: tuple[FindingChange, ...]
    drift: tuple[DriftChange, ...]
    own: tuple[OwnChange, ...]
    owners: tuple[str, ...]
    """Whom to ask for a waiver: the owners of `.mcpaudit/waivers.yaml` in the base."""
    learned: tuple[str, ...]
    """What the two states differ in only because another version knows more; it never fails."""
    notes: tuple[str, ...]
    """What a reader has to know: what was not read, which versions differ."""
