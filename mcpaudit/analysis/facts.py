"""Everything that was collected, worked out and found in one audit: what policies judge and reports show."""

from datetime import date
from typing import TYPE_CHECKING

from mcpaudit.access.graph import AccessGraph
from mcpaudit.clients.client import Collected
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.drift import Drift
from mcpaudit.model.fact import Conflict, Excess, Flow
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.review import SignOff
from mcpaudit.model.scope import ScopeUse

ByMode = tuple[Decision, Decision, Decision]
"""Decisions in interactive, headless and bypass mode."""

if TYPE_CHECKING:
    from mcpaudit.analysis.needs import Needed
    from mcpaudit.analysis.probed import Probed
    from mcpaudit.analysis.unused import Evidence


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What one installation's client does with a tool."""

    installation: str
    decisions: ByMode
    without_hints: ByMode
    """The same if the server claimed nothing: where they differ, the client believes the server."""


@dataclass(frozen=True, slots=True)
class ToolFact:
    """A tool of a server as the agents have it."""

    server: str
    tool: Tool
    certainty: str
    hint_mismatch: str
    labels: tuple[str, ...]
    resources: tuple[str, ...]
    outcomes: tuple[ToolOutcome, ...]


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A permission rule, put to the tools that its agent has."""

    rule: Rule
    server_found: bool | None = None
    """Whether an installed server (or the client itself) goes by the name that it uses; `None` if unknown."""
    tool_found: bool | None = None
    """Whether it matches a tool; `None` where that is not known."""
    certainty: Certainty = Certainty.CERTAIN
    nearest: str = ""
    """Where it matches nothing, the tool's name that is most like it, if any is."""

    @property
    def effective(self) -> bool | None:
        """Whether it decides on anything here."""
        return False if self.rule.effective is False else self.tool_found


@dataclass(frozen=True, slots=True)
class Facts:
    """One audit's findings of fact; nothing in it is a judgement."""

    collected: Collected
    configuration: Configuration
    mode: Mode
    access: AccessGraph
    rows: tuple[Access, ...]
    tools: tuple[ToolFact, ...]
    rules: tuple[RuleFact, ...]
    credentials: tuple[Credential, ...]
    scopes: tuple[ScopeUse, ...]
    conflicts: tuple[Conflict, ...]
    flows: tuple[Flow, ...]
    excess: tuple[Excess, ...]
    needed: "tuple[Needed, ...]"
    gaps: tuple[Gap, ...]
    evidence: "Evidence | None" = None
    """Of usage; `None` where none was given."""
    drift: tuple[Drift, ...] = ()
    """What the project's lock says otherwise; empty without one."""
    sign_off: SignOff | None = None
    """What the newest review is worth; `None` where the configuration asks for none."""
    as_of: date = date.min
    """The day of the audit."""
    probed: "Probed | None" = None
    """What running servers did when they were tested; `None` where no evidence was given."""
    not_granted: tuple[str, ...] = ()
    """Sentences on what tools would do and their credentials may not; it is in no row."""
