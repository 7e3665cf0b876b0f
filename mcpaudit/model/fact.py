"""What analyses find. A fact states; only a policy judges."""

from typing import Literal, get_args

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Witness
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Mode
from mcpaudit.model.remedy import Remedy
from mcpaudit.model.resource import Resource
from mcpaudit.model.supposition import Supposition

# In the order in which they claim a pair of routes: the first kind is the fact, the others its attributes.
ConflictKind = Literal["bypass", "decision", "identity", "ambiguous-route", "concurrent-write"]
CONFLICT_KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)


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
    remedies: tuple[Remedy, ...] = ()
    """The single changes that remove it; the first takes least access away, and is advised."""

    @property
    def id(self) -> str:
        """Made of identities only, so that it survives moved lines and renamed entries."""
        parties = " + ".join(self.servers) + (" by itself" if self.by_itself else "")
        return f"{self.kind}: {parties} on {self.resource}"

    @property
    def by_itself(self) -> bool:
        """Whether a server goes round its own limit: one of its tools does what another is refused for."""
        held = [(role.agent, role.name) for role in self.roles]
        return self.kind == "bypass" and len(set(held)) == len({agent for agent, _ in held})

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers concerned, each once."""
        return tuple(dict.fromkeys(role.server for role in self.roles))


# The lethal trifecta lets data out; the rule of two speaks of any change of state as well.
FlowKind = Literal["trifecta", "rule-of-two"]
LegName = Literal["sources", "private", "sinks"]
LEGS: tuple[LegName, ...] = ("sources", "private", "sinks")
Through = Literal["servers", "servers and own tools", "own tools"]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one server's tools do to one resource, as part of a flow."""

    agent: str
    server: str
    name: str
    """The installation's name, as its user knows it."""
    tool: str
    """The surest one of its tools that serve here."""
    others: int
    """How many more of its tools serve on the same resource."""
    resource: str
    actions: Actions
    verdict: str
    egress: bool
    """Whether data can leave through one of them."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Loss:
    """What a cut takes from one installation."""

    name: str
    tools: tuple[str, ...]
    whole: bool
    """Whether nothing that runs would be left of it, so that it can go as a whole."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The fewest tools without which one agent has no such flow."""

    agent: str
    title: str
    """The agent as people call it."""
    leg: LegName
    losses: tuple[Loss, ...]
    proved: bool
    """Whether nothing else completes the flow again: neither the client's own tools nor what is unknown."""
    says: str
    supposed: Supposition
    """The same as a question to ask."""

    @property
    def sentence(self) -> str:
        """What it takes, and from which agent."""
        return f"in {self.title}, {self.says}"


@dataclass(frozen=True, slots=True)
class Flow:
    """What strangers write can make an agent carry private data out, or change things, within one session."""

    kind: FlowKind
    through: Through
    """Whether the servers complete it alone, with the client's own tools, or are not needed for it."""
    agents: tuple[str, ...]
    modes: tuple[Mode, ...]
    """All modes in which it is complete; the audited one is among them."""
    sources: tuple[Leg, ...]
    private: tuple[Leg, ...]
    sinks: tuple[Leg, ...]
    cuts: tuple[Cut, ...]
    silent: bool | None
    """Whether nobody is asked at any leg, in the audited mode; `None` if that is not known."""
    certainty: Certainty
    witness: Witness

    @property
    def id(self) -> str:
        """Made of identities only."""
        return f"{self.kind} through {self.through}: {' + '.join(self.servers)}"

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that take part, each once."""
        return tuple(
            sorted({leg.server for legs in (self.sources, self.private, self.sinks) for leg in legs})
        )


ExcessKind = Literal["unneeded", "duplicate", "redundant", "unused"]


@dataclass(frozen=True, slots=True)
class Idleness:
    """What usage evidence says of a server or tool that is not called, or not any more."""

    calls: int
    last_used: str
    """The day of the last call; empty where there was none."""
    first_day: str
    """The first day on which a call would have shown."""
    last_day: str
    window_days: int
    """From the first day to the last, both counted."""
    active_days: int
    """How many of these days have records."""
    sessions: int
    idle_days: int
    """From the last call to the window's end; the whole window where there was none."""
    age_days: int
    """From the window's end to the day of the audit."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Something installed that the agent could do without."""

    level: Literal["server", "tool", "scope", "path"]
    kind: ExcessKind
    subject: str
    """The server's id; of several that are redundant, all of them."""
    name: str
    agents: tuple[str, ...]
    reason: str
    certainty: Certainty
    witness: Witness
    profile: str = ""
    tool: str = ""
    """At level `tool`."""
    actions: Actions = frozenset()
    """What that tool does, or all tools of a server that is not needed or not called."""
    path: str = ""
    """At level `path`: the root, mount or database that is wider than the need."""
    instead: str = ""
    """What is enough: the server to keep, the narrower root; empty where nothing is advised."""
    setting: str = ""
    """At level `tool`: what denies it, and in which of the client's settings."""
    idleness: Idleness | None = None
    """Of what is `unused`."""
    remedies: tuple[Remedy, ...] = ()

    @property
    def id(self) -> str:
        """Made of identities only."""
        subject = f"{self.subject}/{self.tool}" if self.tool else self.subject
        at = f" at {self.path}" if self.path else ""
        return f"{self.kind} {self.level}: {subject}{at}" + (f" for {self.profile}" if self.profile else "")


ChangeKind = Literal["gained", "looser", "stricter", "lost"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("gained", "looser", "stricter", "lost")


@dataclass(frozen=True, slots=True)
class Change:
    """What an agent can do to a resource in one state of the world and cannot in another."""

    kind: ChangeKind
    """`looser` and `stricter` speak of access that stays, under another decision of the client."""
    agent: str
    resource: str
    actions: Actions
    name: str
    """The installation's name."""
    server: str
    tools: tuple[str, ...]
    verdict: str
    """What the client decides where the access is: afterwards, or for what is lost, before."""
    certainty: Certainty
    witness: Witness
    before: str = ""
    """What the client decided before, where the access stays."""
    labels: frozenset[str] = frozenset()
    on: Resource | None = None
    """The resource, for patterns to be matched with."""


Turn = Literal["begins", "ends", "changes"]
TURNS: tuple[Turn, ...] = ("begins", "ends", "changes")


@dataclass(frozen=True, slots=True)
class FactChange:
    """A conflict or flow of one agent that begins, ends, or goes on with other servers."""

    how: Turn
    kind: ConflictKind | FlowKind
    agent: str
    sentence: str
    """What it is where it stands: afterwards, or for what ends, before."""
    joined: tuple[str, ...]
    left: tuple[str, ...]
    """Names of installations, where it goes on with others."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Difference:
    """Two states of the world, by what agents can do in them."""

    changes: tuple[Change, ...]
    facts: tuple[FactChange, ...]
