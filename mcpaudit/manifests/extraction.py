"""What static analysis finds in a server's source, in one shape for all languages; nothing of it is run."""

from dataclasses import replace
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.capability import RawTool
from mcpaudit.model.manifest import Evidence, SharedState, Spot


@dataclass(frozen=True, slots=True)
class FoundTool:
    """A tool that the source declares."""

    tool: RawTool
    spot: Spot
    """Where it is declared."""
    latent: bool = False
    """Whether it is in the code and off by default."""
    switch: str = ""
    """What enables a latent tool, as it is written: a variable, a flag, an option."""
    evidence: tuple[Evidence, ...] = ()
    possible: bool = False
    """Whether it cannot be told if it is on by default; `switch` is then the condition that decides."""

    def with_code(self) -> RawTool:
        """The tool with what its handler reaches."""
        return replace(self.tool, code=self.evidence)


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that the source of one server says about what it offers and needs."""

    language: Literal["python", "javascript", "go"]
    tools: tuple[FoundTool, ...]
    """Sorted by name; a name is listed once."""
    complete: bool
    """Whether every tool of the server is known to be in `tools`."""
    reason: str
    """Where the list was read, or why it is not complete: built at run time, no server found, not parsed."""
    name: str = ""
    version: str = ""
    needs_env: tuple[str, ...] = ()
    """Variables that the code reads and that look like credentials or addresses, sorted."""
    scopes: tuple[str, ...] = ()
    """OAuth scopes that the code asks for, sorted."""
    state: tuple[SharedState, ...] = ()
