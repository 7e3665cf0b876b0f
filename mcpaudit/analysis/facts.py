"""Everything that was collected, worked out and found in one audit: what policies judge and reports show."""

from dataclasses import dataclass

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.excess import Needed
from mcpaudit.clients.client import Collected
from mcpaudit.model.access import Access
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.fact import Conflict, Excess
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool


@dataclass(frozen=True, slots=True)
class ToolFact:
    """A tool of a server as the agents have it."""

    server: str
    tool: Tool
    certainty: str
    hint_mismatch: str
    labels: tuple[str, ...]
    resources: tuple[str, ...]
    decisions: tuple[tuple[str, tuple[Decision, Decision, Decision]], ...]
    """Per installation id: what its client does in interactive, headless and bypass mode."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One audit's findings of fact; nothing in it is a judgement."""

    collected: Collected
    configuration: Configuration
    mode: Mode
    access: AccessGraph
    rows: tuple[Access, ...]
    tools: tuple[ToolFact, ...]
    credentials: tuple[Credential, ...]
    conflicts: tuple[Conflict, ...]
    excess: tuple[Excess, ...]
    needed: tuple[Needed, ...]
    gaps: tuple[Gap, ...]
