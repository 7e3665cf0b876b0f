"""A saved report as the rows that are compared, and the places that it gives."""

from collections.abc import Iterable, Sequence
from typing import get_args
from urllib.parse import unquote

from mcpaudit.analysis.state import State
from mcpaudit.errors import ReportError
from mcpaudit.model.access import Access, Edge, EdgeKind, Witness
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import MODES, Decision, Mode, Verdict
from mcpaudit.model.fact import CONFLICT_KINDS, Conflict, ConflictKind, Flow, FlowKind, Leg, Role
from mcpaudit.model.place import Place
from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import ConflictRow, FlowRow, LegRow
from mcpaudit.model.resource import Resource
from mcpaudit.model.step import Step
from mcpaudit.report.build_places import Places

_KINDS: dict[str, EdgeKind] = {kind: kind for kind in get_args(EdgeKind)}
_CONFLICTS: dict[str, ConflictKind] = {kind: kind for kind in CONFLICT_KINDS}
_FLOWS: dict[str, FlowKind] = {"trifecta": "trifecta", "rule-of-two": "rule-of-two"}
_MODES: dict[str, Mode] = {mode: mode for mode in MODES}


def state_of(report: Report) -> tuple[State, Places]:
    """What a report says of its state; raises ReportError for words that no report has."""
    stops: dict[Place, tuple[int, int]] = {}
    try:
        rows = tuple(_rows(report, stops))
        conflicts = tuple(_conflict(one) for one in report.conflicts)
        flows = tuple(_flow(one) for one in report.flows)
    except (KeyError, ValueError) as error:
        raise ReportError(f"this report cannot be compared: it holds {error}") from None
    names = {one.id: one.name for one in report.installations}
    names |= {row.installation: row.server for row in rows if row.installation not in names}
    return State(rows, names, conflicts, flows), Places({}, stops)


def resource_of(text: str) -> Resource:
    """A resource as reports write it."""
    provider, _, rest = text.partition(":")
    tenant, *parts = map(unquote, rest.split("/"))
    if provider == "sql":
        return Resource(provider, tenant, "database", tuple(parts))
    return Resource(provider, tenant, parts[0] if parts else "", tuple(parts[1:]))


def _rows(report: Report, stops: dict[Place, tuple[int, int]]) -> Iterable[Access]:
    for one in report.access:
        yield Access(
            agent=one.agent,
            installation=one.installation,
            server=one.server,
            tool=one.tool,
            actions=frozenset(one.actions).intersection(ACTIONS),
            resource=resource_of(one.resource),
            labels=frozenset(one.labels),
            decision=Decision(Verdict(one.decision), ""),
            mode=_MODES[one.mode],
            certainty=Certainty(one.certainty),
            witness=_witness(one.witness, stops),
            credential=one.credential,
            transitive=one.transitive,
            universal=one.universal,
            conditional=one.conditional,
        )


def _witness(steps: Sequence[Step], stops: dict[Place, tuple[int, int]]) -> Witness:
    edges = []
    for step in steps:
        place = None
        if step.location is not None:
            place = Place(step.location.file, step.location.route)
            stops[place] = step.location.line, step.location.column
        certainty = Certainty(step.certainty)
        edges.append(Edge(_KINDS[step.kind], step.source, step.target, step.reason or "-", certainty, place))
    return tuple(edges)


def _conflict(one: ConflictRow) -> Conflict:
    roles = tuple(
        Role(
            role.part, role.agent, role.server, role.name, role.tools, frozenset(role.actions), role.verdict,
            role.sentence, role.how,
        )
        for role in one.roles
    )  # fmt: skip
    return Conflict(
        _CONFLICTS[one.kind], one.agents, one.resource, one.labels, roles, Certainty(one.certainty), (), ()
    )


def _flow(one: FlowRow) -> Flow:
    legs = (tuple(map(_leg, part)) for part in (one.sources, one.private, one.sinks))
    sources, private, sinks = legs
    return Flow(
        _FLOWS[one.kind], "servers", one.agents, (), sources, private, sinks, (), one.silent,
        Certainty(one.certainty), (),
    )  # fmt: skip


def _leg(one: LegRow) -> Leg:
    return Leg(
        one.agent, one.server, one.name, one.tool, one.others, one.resource, frozenset(one.actions),
        one.decision, one.egress, Certainty(one.certainty),
    )  # fmt: skip
