"""What agents may do, as plain rows: tools, what clients decide about them, rules, access."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import in_order
from mcpaudit.model.manifest import Touch
from mcpaudit.model.place import Location
from mcpaudit.model.step import Step


@dataclass(frozen=True, slots=True)
class ModesRow:
    """An outcome in each mode."""

    interactive: str
    headless: str
    bypass: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What one agent's client does with a tool, in each mode."""

    agent: str
    installation: str
    interactive: str
    headless: str
    bypass: str
    reason: str
    """Why, in the audited mode; the rule and what it beats are those of that mode too."""
    rule: Location | None
    beats: tuple[Location, ...]
    """Rules that matched too and lost."""
    hints_ignored: ModesRow | None
    """What would happen if the server claimed nothing; `null` where that is the same."""


@dataclass(frozen=True, slots=True)
class HintsRow:
    """A server's own claims about a tool; `null` where it makes none."""

    read_only: bool | None
    destructive: bool | None
    idempotent: bool | None
    open_world: bool | None


@dataclass(frozen=True, slots=True)
class TouchRow:
    """What a tool does to one kind of thing, how surely, and what that was worked out from."""

    on: str
    """`provider:kind`; `unknown:` where that was not worked out."""
    actions: tuple[str, ...]
    certainty: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, touch: Touch) -> "TouchRow":
        """The touch with its parts as text, in a fixed order."""
        on = f"{touch.provider}:{touch.kind}"
        return cls(on, in_order(touch.actions), touch.certainty.value, touch.evidence)


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One tool of one server, with its actions and what each agent's client decides."""

    server: str
    name: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    certainty: str
    hints: HintsRow
    hint_mismatch: str
    """How the server's claims and the inferred actions disagree; empty where they do not."""
    evidence: tuple[str, ...]
    """All that its actions were worked out from; `touches` says which shows what."""
    touches: tuple[TouchRow, ...]
    decisions: tuple[DecisionRow, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A permission rule as a file states it, and what it really does."""

    agent: str
    effect: str
    pattern: str
    level: str
    subject: str
    effective: bool | None
    server_found: bool | None
    tool_found: bool | None
    problem: str
    location: Location


@dataclass(frozen=True, slots=True)
class AccessRow:
    """An agent may do these actions to this resource through this tool."""

    id: str
    agent: str
    installation: str
    server: str
    tool: str
    actions: tuple[str, ...]
    resource: str
    labels: tuple[str, ...]
    decision: str
    mode: str
    certainty: str
    credential: str
    transitive: bool
    universal: bool
    conditional: bool
    witness: tuple[Step, ...]
