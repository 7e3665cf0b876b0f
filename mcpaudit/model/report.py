"""The canonical report, `report-v1`: plain rows with every place worked out to file, line and column.

Every format renders from this one tree; `mcpaudit schema report` prints its JSON Schema.
"""

from dataclasses import dataclass

from mcpaudit.model.action import in_order
from mcpaudit.model.manifest import Touch
from mcpaudit.model.place import Location
from mcpaudit.model.report_credential import CredentialRow, ScopeUseRow
from mcpaudit.model.run import Coverage, Input, RunSettings, Summary, ToolInfo
from mcpaudit.model.step import Step

SCHEMA = "mcpaudit/report-v1"


@dataclass(frozen=True, slots=True)
class AgentRow:
    """What loads servers and holds permission rules."""

    id: str
    client: str
    title: str
    cwd: str


@dataclass(frozen=True, slots=True)
class PackageRow:
    """The published artefact behind a server."""

    ecosystem: str
    name: str
    version: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """Where the knowledge of a server's tools comes from."""

    source: str
    complete: bool
    digest: str
    reason: str
    version: str
    certainty: str


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server by identity."""

    id: str
    name: str
    transport: str
    package: PackageRow | None
    url: str
    builtin: bool
    owner: str
    purpose: str
    trusted: bool | None
    operations: tuple[str, ...]
    """Which of `health`, `log`, `refresh` the configuration declares to be in place."""
    providers: tuple[str, ...]
    manifest: ManifestRow


@dataclass(frozen=True, slots=True)
class InstallationRow:
    """A server as one agent has it."""

    id: str
    agent: str
    client: str
    server: str
    name: str
    level: str
    enabled: bool
    state: str
    reason: str
    decided: Location | None
    """Where the switch, list or approval stands that gave it its state."""
    assumed: bool
    shadows: tuple[Location, ...]
    shadowed_by: Location | None
    location: Location
    bounds: tuple[str, ...]
    """The resources that the configuration confines it to; empty where it names none."""


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


@dataclass(frozen=True, slots=True)
class EditRow:
    """One change of a configuration file, in words."""

    file: str
    says: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What patches do about one finding."""

    safety: str
    """`safe` where it only takes access away or has no effect on it, else `needs-review`."""
    changes: tuple[EditRow, ...]
    """Empty where no file can say what the remedy wants."""
    reason: str
    """Why nothing, or not all of it, is in a patch; empty where it is."""


@dataclass(frozen=True, slots=True)
class PatchedRow:
    """One change of a patch, with the findings that it answers."""

    file: str
    says: str
    findings: tuple[str, ...]
    """Their fingerprints."""


@dataclass(frozen=True, slots=True)
class PatchRow:
    """All changes of one class below one folder, as `git apply` takes them."""

    tree: str
    """`project` for the audited folder, `home` for the user's."""
    safety: str
    """A patch that is `needs-review` is made for files that have the safe one."""
    changes: tuple[PatchedRow, ...]
    diff: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a policy said about a fact."""

    fingerprint: str
    policy: str
    title: str
    severity: str
    status: str
    certainty: str
    message: str
    fix: str
    reason: str
    subject: str
    digest: str
    """What a waiver of it is bound to."""
    agents: tuple[str, ...]
    controls: tuple[str, ...]
    locations: tuple[Location, ...]
    witness: tuple[Step, ...]
    patch: AnswerRow | None = None
    """What `patches` do about it; `null` where its policy states no remedy."""


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """One waiver entry and what it did in this audit."""

    fingerprint: str
    policy: str
    owner: str
    approver: str
    reason: str
    expires: str
    state: str
    explanation: str
    warning: str
    location: Location


@dataclass(frozen=True, slots=True)
class Report:
    """One audit of one state of one machine or repository."""

    schema: str
    tool: ToolInfo
    as_of: str
    run: RunSettings
    inputs: tuple[Input, ...]
    coverage: Coverage
    agents: tuple[AgentRow, ...]
    servers: tuple[ServerRow, ...]
    installations: tuple[InstallationRow, ...]
    tools: tuple[ToolRow, ...]
    rules: tuple[RuleRow, ...]
    credentials: tuple[CredentialRow, ...]
    scopes: tuple[ScopeUseRow, ...]
    access: tuple[AccessRow, ...]
    conflicts: tuple[ConflictRow, ...]
    flows: tuple[FlowRow, ...]
    excess: tuple[ExcessRow, ...]
    usage: tuple[UsageRow, ...]
    """Empty without usage evidence; what is not here, it says nothing of."""
    changes: tuple[ChangeRow, ...]
    findings: tuple[FindingRow, ...]
    patches: tuple[PatchRow, ...]
    waivers: tuple[WaiverRow, ...]
    summary: Summary
