"""The flows as rows of the report."""

from collections.abc import Callable, Iterable

from mcpaudit.model import report as row
from mcpaudit.model.access import Edge
from mcpaudit.model.action import in_order
from mcpaudit.model.fact import Cut, Flow, Leg
from mcpaudit.model.step import Step


def flow_rows(found: Iterable[Flow], step: Callable[[Edge], Step]) -> Iterable[row.FlowRow]:
    """Each flow as reports hold it; `step` works out where an edge stands."""
    for one in found:
        sources, private, sinks = (tuple(map(_leg, legs)) for legs in (one.sources, one.private, one.sinks))
        cuts = tuple(map(_cut, one.cuts))
        yield row.FlowRow(
            one.id, one.kind, one.through, one.agents, one.modes, sources, private, sinks, cuts, one.silent,
            one.certainty.value, tuple(map(step, one.witness)),
        )  # fmt: skip


def _leg(leg: Leg) -> row.LegRow:
    return row.LegRow(
        leg.server, leg.name, leg.tool, leg.others, leg.resource, in_order(leg.actions), leg.verdict,
        leg.egress, leg.certainty.value,
    )  # fmt: skip


def _cut(cut: Cut) -> row.CutRow:
    losses = tuple(row.LossRow(loss.name, loss.tools, loss.whole) for loss in cut.losses)
    return row.CutRow(cut.agent, cut.leg, losses, cut.proved, cut.sentence)
