"""The graph's edges and what they add up to: who can do what to which resource."""

from dataclasses import field
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import Actions, in_order
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.place import Place
from mcpaudit.model.resource import Resource

EdgeKind = Literal[
    "loads",
    "offers",
    "decides",
    "acts-on",
    "authenticates-with",
    "grants",
    "needs",
    "covers",
    "reaches",
    "restricts",
    "calls",
]


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of a witness; it cannot be built without a sentence that says why it holds."""

    kind: EdgeKind
    source: str
    target: str
    reason: str
    certainty: Certainty
    place: Place | None = None
    """The file and route that shows it; `None` where it is knowledge and not configuration."""

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError(f"an edge needs a reason: {self.kind} {self.source} -> {self.target}")


Witness = tuple[Edge, ...]


def certainty_of(witness: Witness) -> Certainty:
    """A path is as certain as its weakest edge."""
    return weakest(*[edge.certainty for edge in witness])


@dataclass(frozen=True, slots=True)
class Access:
    """An agent may do `actions` to `resource` through one tool of one installation."""

    agent: str
    installation: str
    server: str
    tool: str
    actions: Actions
    resource: Resource
    labels: frozenset[str]
    decision: Decision
    mode: Mode
    certainty: Certainty
    witness: Witness
    credential: str = ""
    transitive: bool = False
    """Whether the resource is reached through an integration of another provider."""
    universal: bool = False
    """Whether it covers other resources as a whole: a shell, the Docker socket, a logged-in browser."""
    conditional: bool = False
    """Whether it holds only if someone linked the accounts."""
    _id: str = field(default="", init=False, compare=False, repr=False)

    @property
    def id(self) -> str:
        """Unique within a report and stable across machines."""
        if not self._id:
            through = f" through {self.witness[-1].source}" if self.transitive else ""
            what = f"{'+'.join(in_order(self.actions))} {self.resource}{through}"
            object.__setattr__(self, "_id", f"{self.installation}/{self.tool} -> {what}")
        return self._id

    @property
    def runs(self) -> bool:
        """Whether the client lets the call happen, be it after a question."""
        return self.decision.verdict.runs


@dataclass(frozen=True, slots=True)
class Restriction:
    """A limit that someone stated at a place: a switch, a root, a read-only mount, a client rule."""

    agent: str
    installation: str
    server: str
    resource: Resource
    permitted: Actions
    """What the limited route still gives."""
    withheld: Actions
    """What it keeps from the agent on `resource`; for a root, on everything outside it."""
    kind: Literal["switch", "root", "mount", "scope", "rule", "url"]
    place: Place
    sentence: str
    certainty: Certainty = Certainty.CERTAIN
    tool: str = ""
    """The tool that a rule denies; empty where the whole installation is limited."""
    refused: Actions = frozenset()
    """All that this tool does; what other tools of the installation surely show as well is not withheld."""
