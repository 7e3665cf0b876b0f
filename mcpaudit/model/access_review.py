"""The access review: what is put to a reviewer, and what the reviewer answered."""

from mcpaudit.dataclass import dataclass

SCHEMA = "mcpaudit/access-review-v1"

ANSWERS = ("keep", "change", "remove")
"""What a reviewer can say of an entitlement."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one agent may do to one resource in one way: the access rows that a person judges together.

    Rows are together where agent, installation, resource, effect, decision, credential, certainty and the way
    of reach agree. Tools and actions are joined; all else would hide a difference that matters.
    """

    id: str
    """Derived from what rows have in common: the same in every report as long as that stays."""
    agent: str
    client: str
    """The agent's name for people."""
    installation: str
    server: str
    name: str
    """The server's name there; `own tools` for the client's."""
    resource: str
    labels: tuple[str, ...]
    effect: str
    """`reads`, `changes` (or sends), or `unknown`."""
    actions: tuple[str, ...]
    tools: tuple[str, ...]
    decision: str
    credential: str
    certainty: str
    way: str
    """`direct`, or `integration`, `universal`, `conditional` as they hold."""
    granted: str
    """Where the server is configured, as `file:line:column`."""
    last_used: str
    """What usage evidence says; empty where there is none."""
    rows: int
    """How many access rows it stands for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer said of one entitlement."""

    id: str
    answer: str
    reviewer: str
    date: str
    remark: str
    says: str
    """What is to be done, in words; empty for `keep`."""


@dataclass(frozen=True, slots=True)
class AccessReview:
    """A review as it was read back, held against the report that it judges."""

    schema: str
    report_sha256: str
    as_of: str
    """The day of the audit."""
    entitlements: int
    access_rows: int
    """The rows that the entitlements stand for."""
    withheld_rows: int
    """Rows that the client denies or hides, which nobody needs to judge."""
    answers: tuple[Answer, ...]
    open: tuple[str, ...]
    """Entitlements without an answer."""

    @property
    def complete(self) -> bool:
        """Whether every entitlement has its answer."""
        return not self.open

    def answered(self, answer: str) -> tuple[Answer, ...]:
        """The entitlements with this answer."""
        return tuple(one for one in self.answers if one.answer == answer)
