"""What a client module provides, and what discovery hands on to the later stages."""

from collections.abc import Callable, Mapping
from dataclasses import field

from mcpaudit.clients.reading import Reading
from mcpaudit.dataclass import dataclass
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document


@dataclass(frozen=True, slots=True)
class Switch:
    """One client-wide setting that decides on tools: a mode, a global approval."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """Everything that one agent's files say about permissions."""

    agent: Agent
    installations: tuple[Installation, ...] = ()
    rules: tuple[Rule, ...] = ()
    switches: tuple[Switch, ...] = ()
    denied: tuple[str, ...] = ()
    """Tools that a question supposes to be refused, with or without `AGENT/SERVER/`; no file says so."""

    def switch(self, name: str) -> Switch | None:
        """The setting of that name which wins, if any."""
        for switch in self.switches:
            if switch.name == name:
                return switch
        return None


Decide = Callable[[AgentConfig, Installation, Tool, Mode], Decision]
Matches = Callable[[Rule, Installation, Tool], bool]
"""Whether a rule speaks of a tool as a whole, by the names that the client's rules use."""
RuleName = Callable[[Installation, Tool], str]
"""A tool of a server as the client's rules name it: tools of one name cannot be told apart by any rule."""


@dataclass(frozen=True, slots=True)
class Client:
    """One MCP client: how its files are read and how it decides."""

    id: str
    title: str
    load: Callable[[Reading], AgentConfig | None]
    """Reads the client's files; `None` where the site has none."""
    decide: Decide
    matches: Matches | None = None
    """`None` where no file of the client holds rules."""
    rule_name: RuleName | None = None
    """`None` where rules keep server and tool apart, or where their form is not known."""
    believes: bool = False
    """Whether it decides by what a server claims about its tools."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What discovery found: the first stage's whole result."""

    site: Site
    agents: tuple[AgentConfig, ...] = ()
    credentials: tuple[Credential, ...] = ()
    gaps: tuple[Gap, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    """Every file that was read, by the name that reports show for it."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What each file was read as."""
    credential_files: tuple[str, ...] = ()
    """The credential files that were read; their digests would derive from secrets and are not kept."""
    looked_for: tuple[str, ...] = ()
    """The clients whose files were looked for."""
