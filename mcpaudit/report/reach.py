"""What each agent can reach, added up: for one server and one resource the actions under each decision."""

from collections.abc import Iterable, Iterator

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import ACTIONS, changes
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow, ToolRow
from mcpaudit.model.report_fact import ConflictRow
from mcpaudit.report.escape import named

VERDICTS = ("allow", "ask", "unknown", "deny", "hidden")
"""From the most to the least permissive."""

DECISION_WORDS = {
    "allow": "without asking",
    "ask": "after asking",
    "unknown": "decision not known",
    "deny": "denied",
    "hidden": "hidden",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one agent can do to one resource through one installation."""

    agent: str
    installation: str
    server: str
    resource: str
    labels: tuple[str, ...]
    grants: tuple[tuple[str, tuple[str, ...]], ...]
    """Decisions with their actions, the most permissive first; an action stands only under its first."""
    certain: bool
    universal: bool
    indirect: bool
    """Whether it holds through an integration, or only if someone linked the accounts."""
    conflicts: tuple[int, ...]
    """Which of the report's conflicts this is part of, counted from 1."""

    @property
    def decision(self) -> str:
        """The most permissive decision."""
        return self.grants[0][0]

    @property
    def runs(self) -> bool:
        """Whether anything of it can happen, be it after a question."""
        return self.decision not in ("deny", "hidden")

    @property
    def silent_change(self) -> bool:
        """Whether something changes without anyone being asked."""
        return any(verdict == "allow" and changes(actions) for verdict, actions in self.grants)


def cells(report: Report) -> tuple[Cell, ...]:
    """All reach of the report by agent, installation and resource."""
    rows: dict[tuple[str, str, str], list[AccessRow]] = {}
    for row in report.access:
        rows.setdefault((row.agent, row.installation, row.resource), []).append(row)
    by_server: dict[str, list[_Concern]] = {}
    for number, conflict in enumerate(report.conflicts, 1):
        concern = _Concern.of(number, conflict)
        for server in {role.server for role in conflict.roles}:
            by_server.setdefault(server, []).append(concern)
    return tuple(_cell(found, by_server.get(found[0].server, ())) for _, found in sorted(rows.items()))


def resources(found: Iterable[Cell]) -> tuple[str, ...]:
    """The resources of these cells, those that deserve a look first."""
    weight: dict[str, tuple[bool, ...]] = {}
    for cell in found:
        own: tuple[bool, ...] = (bool(cell.conflicts), cell.universal, bool(cell.labels), cell.silent_change)
        weight[cell.resource] = tuple(map(max, own, weight.get(cell.resource, own)))
    return tuple(sorted(weight, key=lambda name: (*(not flag for flag in weight[name]), name)))


def names(report: Report) -> dict[str, str]:
    """Installations by id, with the name that their user gave them."""
    return {row.id: named(row.name) for row in report.installations}


def titles(report: Report) -> dict[str, str]:
    """Agents by id, with the name for people."""
    return {row.id: row.title or row.id for row in report.agents}


def tools_of(report: Report, agent: str) -> tuple[tuple[ToolRow, str], ...]:
    """The tools that one agent has, each with its decision in the audited mode."""
    return tuple(
        (tool, getattr(decision, report.run.mode, "unknown"))
        for tool in report.tools
        for decision in tool.decisions
        if decision.agent == agent
    )


def in_words(actions: tuple[str, ...]) -> str:
    """The actions for people: who may read may list, so that is not said; all nine are `everything`."""
    shown = [action for action in actions if action != "list" or "read" not in actions]
    if set(ACTIONS) <= set(actions):
        return "everything"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _cell(rows: list[AccessRow], candidates: Iterable["_Concern"]) -> Cell:
    first, seen = rows[0], set[str]()
    grants = []
    for verdict in VERDICTS:
        decided = [row for row in rows if _known(row.decision) == verdict]
        actions = {action for row in decided for action in row.actions} - seen
        seen |= actions
        if actions or any(not row.actions for row in decided):
            grants.append((verdict, tuple(sorted(actions, key=_order))))
    conflicts = (concern.number for concern in candidates if concern.holds(first))
    return Cell(
        agent=first.agent,
        installation=first.installation,
        server=first.server,
        resource=first.resource,
        labels=tuple(sorted({label for row in rows for label in row.labels})),
        grants=tuple(grants) or (("unknown", ()),),
        certain=any(row.certainty == "certain" for row in rows),
        universal=any(row.universal for row in rows),
        indirect=all(row.transitive or row.conditional for row in rows),
        conflicts=tuple(conflicts),
    )


@dataclass(frozen=True, slots=True)
class _Concern:
    """What a conflict is about, made for being asked often."""

    number: int
    parties: frozenset[tuple[str, str]]
    """Agents and servers; without an agent, the server in any of them."""
    resources: frozenset[str]
    above: frozenset[str]
    """All that its resources lie within."""

    @classmethod
    def of(cls, number: int, conflict: ConflictRow) -> "_Concern":
        """The concern of one conflict, which the report counts as this number."""
        resources = frozenset((conflict.resource, *conflict.resources))
        above = frozenset(outer for name in resources for outer in _above(name))
        return cls(number, frozenset((role.agent, role.server) for role in conflict.roles), resources, above)

    def holds(self, row: AccessRow) -> bool:
        """Whether an access is part of it."""
        if self.parties.isdisjoint(((row.agent, row.server), ("", row.server))):
            return False
        if row.universal or row.resource in self.resources or row.resource in self.above:
            return True
        return any(outer in self.resources for outer in _above(row.resource))


def _above(name: str) -> Iterator[str]:
    """The resources that one lies within, by its parts."""
    at = name.rfind("/")
    while at >= 0:
        yield name[:at]
        at = name.rfind("/", 0, at)


def _known(decision: str) -> str:
    return decision if decision in VERDICTS else "unknown"


def _order(action: str) -> int:
    return ACTIONS.index(action) if action in ACTIONS else len(ACTIONS)
