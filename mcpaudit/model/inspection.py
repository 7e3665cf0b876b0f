"""A server as a reviewer sees it before it is installed."""

from collections.abc import Mapping

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import CHANGING, in_order
from mcpaudit.model.report_access import TouchRow


@dataclass(frozen=True, slots=True)
class InspectedTool:
    """One tool: what it says of itself, and what it was found to do."""

    name: str
    description: str
    input_schema: Mapping[str, object]
    annotations: Mapping[str, object]
    latent: bool
    """Whether it is in the code and off by default."""
    switch: str
    """What enables a latent tool, or decides about a possible one."""
    possible: bool
    """Whether it cannot be told if it is on by default."""
    touches: tuple[TouchRow, ...]
    code: tuple[str, ...]
    """What its handler was seen to do, one sentence each with its place."""
    where: str
    """`file:line` of its declaration; empty where a list of tools was read."""

    @property
    def actions(self) -> tuple[str, ...]:
        """All that it can do, to whatever it touches."""
        return in_order(action for touch in self.touches for action in touch.actions)

    @property
    def read_only(self) -> bool:
        """Whether nothing that it does leaves anything different; unknown actions may do anything."""
        return self.known and not set(self.actions) & CHANGING

    @property
    def disputed(self) -> bool:
        """Whether it changes something and its server claims that it only reads."""
        return self.known and not self.read_only and self.annotations.get("readOnlyHint") is True

    @property
    def known(self) -> bool:
        """Whether its actions were worked out."""
        return any(touch.certainty != "unknown" for touch in self.touches)


@dataclass(frozen=True, slots=True)
class InspectedScope:
    """A scope that the server asks for, and what it would allow."""

    scope: str
    provider: str
    """Empty where no provider is known to have this scope."""
    level: int
    """How much it opens, from 1 (least) to 5; 0 where that is not known."""
    permits: tuple[tuple[str, tuple[str, ...]], ...]
    """Kinds, or patterns over kinds, each with the actions."""
    complete: bool
    """Whether it is known to permit nothing else."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that can be said of a server without running it."""

    source: str
    complete: bool
    reason: str
    name: str
    version: str
    tools: tuple[InspectedTool, ...]
    needs_env: tuple[str, ...]
    scopes: tuple[InspectedScope, ...]
    state: tuple[str, ...] = ()
    """State that outlives a request, one sentence each with its place."""
