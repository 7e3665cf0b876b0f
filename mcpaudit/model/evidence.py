"""What the compliance evidence document says, and what it is given beside the report."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access_review import AccessReview, Entitlement
from mcpaudit.model.report import Report


@dataclass(frozen=True, slots=True)
class Run:
    """An earlier audit, as far as the document speaks of it."""

    file: str
    sha256: str
    as_of: str
    version: str
    verdict: str
    unread: int
    by_severity: tuple[tuple[str, int], ...]
    open: frozenset[str]
    """The fingerprints of its open findings."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is laid beside a report for the documents made from it."""

    frameworks: tuple[str, ...] = ()
    """The frameworks to speak of; empty for the leading ones."""
    since: Report | None = None
    """The report of the last review."""
    runs: tuple[Run, ...] = ()
    """Stored runs of the period."""
    unread_runs: tuple[str, ...] = ()
    """Files among the runs that could not be read, with the reason."""
    review: AccessReview | None = None


NOTHING_BESIDE = Dossier()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole that is counted."""

    name: str
    number: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A whole with its parts, for an auditor to add up."""

    title: str
    total: int
    parts: tuple[Part, ...]

    @property
    def holds(self) -> bool:
        """Whether the parts add up to the whole."""
        return sum(part.number for part in self.parts) == self.total


@dataclass(frozen=True, slots=True)
class Test:
    """What one policy or process contributes to a control."""

    __test__ = False  # the name is the field's term, and no test of pytest's

    name: str
    title: str
    firmness: str
    population: int
    """How many subjects it was put to; 0 says nothing."""
    proved: int
    """Open findings that are proved."""
    unsure: int
    """Open findings that are possible or could not be decided."""
    accepted: int
    """Findings that a waiver or the baseline covers."""
    findings: tuple[str, ...]
    """The fingerprints of all of them."""
    process: bool = False
    """Whether it is no policy, but what using mcpaudit is evidence of."""

    @property
    def firm(self) -> bool:
        """Whether it may stand for a result about the control."""
        return self.firmness in ("direct", "strong")


@dataclass(frozen=True, slots=True)
class Control:
    """One item of a framework, with what speaks about it."""

    framework: str
    item: str
    title: str
    tests: tuple[Test, ...]
    result: str
    """Of its firm tests alone: `against`, `undecided`, `accepted`, `nothing-found`, `shown` (by a process),
    or `not-tested`; empty where no test is firm."""
    duty: str


@dataclass(frozen=True, slots=True)
class FrameworkPart:
    """One framework with its items that something speaks about."""

    id: str
    name: str
    checked: str
    """What its titles were held against, in words."""
    firm: tuple[Control, ...]
    touched: tuple[Control, ...]
    """Items that tests only touch: context, and no result."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Duties that meet in one agent, or between agents that do not know of each other."""

    what: str
    agents: tuple[str, ...]
    parties: tuple[str, ...]
    certainty: str
    findings: tuple[str, ...]
    """The fingerprints of what policies say about it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from the report of the last review."""

    as_of: str
    sha256: str
    versions: tuple[str, str]
    """Of mcpaudit, then and now; another one may know more."""
    lists: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """What sort of thing, those that came, and those that went."""

    @property
    def none(self) -> bool:
        """Whether nothing came and nothing went."""
        return not any(came or went for _, came, went in self.lists)


@dataclass(frozen=True, slots=True)
class Operation:
    """The runs of the period, and the days between them."""

    runs: tuple[Run, ...]
    first: str
    last: str
    days: int
    days_with_runs: int
    without: tuple[tuple[str, str, int], ...]
    """Days without a run, as first day, last day and how many."""
    unread: tuple[str, ...]
    closed: tuple[tuple[str, str, str], ...]
    """Findings that were open in a run and are not now: fingerprint, last day seen, first day not seen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the document says, worked out."""

    report: Report
    sha256: str
    document: str
    """The document's id: of the report and all that was laid beside it."""
    counts: tuple[Count, ...]
    frameworks: tuple[FrameworkPart, ...]
    entitlements: tuple[Entitlement, ...]
    meetings: tuple[Meeting, ...]
    own_reviews: tuple[str, ...]
    """Reviewers who judged the access of servers that they own."""
    unowned: tuple[str, ...]
    """Servers for which nobody is named."""
    first_seen: dict[str, str]
    """The first day of a run with a finding, by fingerprint."""
    changes: Changes | None
    operation: Operation | None
    review: AccessReview | None
    review_fits: bool
    """Whether the review is of this very report."""
