"""What came of asking a running server for its tools, as a row that reports can use."""

from typing import Literal, get_args

from mcpaudit.dataclass import dataclass
from mcpaudit.model.server import Transport

Outcome = Literal[
    "listed",
    "denied",  # the user said no
    "unexpanded",  # a variable of its entry has no value here
    "not-started",
    "exited",
    "no-answer",
    "junk",  # what it writes is no MCP
    "over-limit",
    "login",
    "unreachable",
    "refused",  # it answered, with an error
    "list-changed",
    "repeated-cursor",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Listing:
    """One server that was to be asked, and what it answered or why there is no answer."""

    server: str
    """Its id: what it launches or calls."""
    names: tuple[str, ...]
    """`AGENT/NAME` of every installation with this same entry."""
    transport: Transport
    started: str
    """The command or URL, its secrets masked."""
    outcome: Outcome
    reason: str = ""
    """Why its tools are not listed, as a clause; empty where they are."""
    said: tuple[str, ...] = ()
    """The last lines of its standard error, where they may explain the reason; secrets masked."""
    tools: tuple[str, ...] = ()
    """Their names, in the server's order."""
    protocol: str = ""
    """The protocol revision that was agreed on."""
    own_name: str = ""
    """What the server calls itself: a claim, and no identity."""
    own_version: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def listed(self) -> bool:
        """Whether its whole list of tools was taken."""
        return self.outcome == "listed"
