"""What analyses found, as plain rows, with what removes it."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location
from mcpaudit.model.step import Step


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One party to a conflict."""

    part: str
    agent: str
    server: str
    name: str
    tools: tuple[str, ...]
    actions: tuple[str, ...]
    verdict: str
    sentence: str
    how: str = ""
    """For a limited party, how it is limited: `root`, `switch`, `mount`, `url`, `scope` or `rule`."""


@dataclass(frozen=True, slots=True)
class SupposedRow:
    """What `mcpaudit access --what-if-remove` and `--what-if-deny` take, and rules by where they stand."""

    remove: tuple[str, ...]
    """Servers, as `AGENT/NAME`."""
    deny: tuple[str, ...]
    """Tools, as `AGENT/NAME/TOOL`."""
    drop: tuple[Location, ...]
    """Rules that would go."""


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One change after which a fact no longer holds."""

    how: str
    """`share`, `separate`, `rename`, `ask`, `limit`, `narrow`, `drop`, `deny`, `remove` or `give-up`."""
    sentence: str
    cost: int
    """How much access it takes away: actions on resources, counted for each tool."""
    supposed: SupposedRow | None
    """The same as a question to ask; `null` where it cannot be supposed."""
    locations: tuple[Location, ...]
    """The entries and rules that would change, where they are known."""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Permissions of two routes to one resource that do not agree."""

    id: str
    kind: str
    agents: tuple[str, ...]
    resource: str
    resources: tuple[str, ...]
    labels: tuple[str, ...]
    servers: tuple[str, ...]
    roles: tuple[RoleRow, ...]
    modes: tuple[str, ...]
    certainty: str
    transitive: bool
    silent: bool
    also: tuple[str, ...]
    remedies: tuple[RemedyRow, ...]
    """What removes it; the first takes least access away, and is advised."""
    witness: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LegRow:
    """What one server's tools do to one resource, as part of a flow."""

    agent: str
    server: str
    name: str
    tool: str
    others: int
    """How many more of its tools serve on the same resource."""
    resource: str
    actions: tuple[str, ...]
    decision: str
    egress: bool
    certainty: str


@dataclass(frozen=True, slots=True)
class LossRow:
    """What a cut takes from one installation."""

    name: str
    tools: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class CutRow:
    """The fewest tools without which one agent has no such flow."""

    agent: str
    leg: str
    losses: tuple[LossRow, ...]
    proved: bool
    sentence: str
    supposed: SupposedRow


@dataclass(frozen=True, slots=True)
class FlowRow:
    """What strangers write can make an agent carry private data out, or change things."""

    id: str
    kind: str
    through: str
    agents: tuple[str, ...]
    modes: tuple[str, ...]
    sources: tuple[LegRow, ...]
    private: tuple[LegRow, ...]
    sinks: tuple[LegRow, ...]
    cut: tuple[CutRow, ...]
    silent: bool | None
    certainty: str
    witness: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Access gained or lost between two states; written by `mcpaudit diff`, not by `check`."""

    id: str


@dataclass(frozen=True, slots=True)
class IdlenessRow:
    """What usage evidence says of a server or a tool."""

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
class UsageRow:
    """What usage evidence says of an installation, or of one of its tools."""

    installation: str
    tool: str
    """Empty for the server as a whole."""
    idleness: IdlenessRow


@dataclass(frozen=True, slots=True)
class ExcessRow:
    """Something installed that the agent could do without."""

    id: str
    level: str
    kind: str
    subject: str
    name: str
    agents: tuple[str, ...]
    profile: str
    reason: str
    certainty: str
    witness: tuple[Step, ...]
    tool: str = ""
    """The tool, at level `tool`."""
    actions: tuple[str, ...] = ()
    """What that tool does, or all tools of a server that is not needed or not called."""
    path: str = ""
    """The root, mount or database that is wider than the need, at level `path`."""
    instead: str = ""
    """What is enough: the server to keep, the narrower root."""
    setting: str = ""
    """What denies a tool, and in which of the client's settings."""
    idleness: IdlenessRow | None = None
    remedies: tuple[RemedyRow, ...] = ()
    """What removes it."""
