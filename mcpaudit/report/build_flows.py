"""The flows as rows of the report."""

from collections.abc import Iterable

from mcpaudit.model.action import in_order
from mcpaudit.model.fact import Cut, Flow, Leg
from mcpaudit.model.report_fact import CutRow, FlowRow, LegRow, LossRow
from mcpaudit.report.build_places import Places
from mcpaudit.report.build_remedies import supposed_row


def flow_rows(found: Iterable[Flow], places: Places) -> Iterable[FlowRow]:
    """Each flow as reports hold it."""
    for one in found:
        sources, private, sinks = (tuple(map(_leg, legs)) for legs in (one.sources, one.private, one.sinks))
        cuts = tuple(_cut(cut, places) for cut in one.cuts)
        yield FlowRow(
            one.id, one.kind, one.through, one.agents, one.modes, sources, private, sinks, cuts, one.silent,
            one.certainty.value, tuple(map(places.step, one.witness)),
        )  # fmt: skip


def _leg(leg: Leg) -> LegRow:
    return LegRow(
        leg.agent, leg.server, leg.name, leg.tool, leg.others, leg.resource, in_order(leg.actions),
        leg.verdict, leg.egress, leg.certainty.value,
    )  # fmt: skip


def _cut(cut: Cut, places: Places) -> CutRow:
    losses = tuple(LossRow(loss.name, loss.tools, loss.whole) for loss in cut.losses)
    supposed = supposed_row(cut.supposed, places)
    return CutRow(cut.agent, cut.leg, losses, cut.proved, cut.sentence, supposed)
