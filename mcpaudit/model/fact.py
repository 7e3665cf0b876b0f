"""What analyses find. A fact states; only a policy judges."""

from dataclasses import dataclass
from typing import Literal

from mcpaudit.model.access import Witness
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Mode

# In the order in which they claim a pair of routes: the first kind is the fact, the others its attributes.
ConflictKind = Literal["bypass", "decision", "identity", "ambiguous-route"]
CONFLICT_KINDS: tuple[ConflictKind, ...] = ("bypass", "decision", "identity", "ambiguous-route")


@dataclass(frozen=True, slots=True)
class Role:
    """One party to a conflict."""

    part: str
    """`restricted`, `bypass`, `winner`, `loser`, `route`, `holder`, ..."""
    agent: str
    server: str
    """The server's id."""
    name: str
    """The installation's name, as its user knows it."""
    tools: tuple[str, ...]
    actions: Actions
    verdict: str
    """What the client decides for the tools that matter here; the most permissive one."""
    sentence: str
    """What this party does or states, as one clause."""
    how: str = ""
    """For a limited party, how it is limited: `root`, `switch`, `mount`, `url`, `scope` or `rule`."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Permissions of two routes to one resource that do not agree."""

    kind: ConflictKind
    agents: tuple[str, ...]
    resource: str
    labels: tuple[str, ...]
    roles: tuple[Role, ...]
    certainty: Certainty
    witness: Witness
    modes: tuple[Mode, ...]
    transitive: bool = False
    silent: bool = False
    """Whether the stronger route runs without anyone being asked."""
    also: tuple[ConflictKind, ...] = ()
    """Weaker kinds that the same routes show."""
    resources: tuple[str, ...] = ()
    """All resources concerned, where one cause covers several."""

    @property
    def id(self) -> str:
        """Made of identities only, so that it survives moved lines and renamed entries."""
        return f"{self.kind}: {' + '.join(self.servers)} on {self.resource}"

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers concerned, each once."""
        return tuple(dict.fromkeys(role.server for role in self.roles))


ExcessKind = Literal["unneeded", "duplicate", "redundant", "unused"]


@dataclass(frozen=True, slots=True)
class Excess:
    """Something installed that the agent could do without."""

    level: Literal["server", "tool", "scope", "path"]
    kind: ExcessKind
    subject: str
    """The server's id."""
    name: str
    agents: tuple[str, ...]
    reason: str
    certainty: Certainty
    witness: Witness
    profile: str = ""

    @property
    def id(self) -> str:
        """Made of identities only."""
        return f"{self.kind} {self.level}: {self.subject}" + (f" for {self.profile}" if self.profile else "")
