"""The extra solver, HiGHS, for parts of the smallest set that branch and bound does not settle in its steps.

A part as a mixed-integer programme: a variable an item, one for each block of privileges that the same items
give, a row a need. One thread, a fixed seed and limits that count nodes, never seconds: the same answer each
time with the same version. What it answers is checked here in whole numbers; that nothing is cheaper rests on
HiGHS's own bound, which is rounded up with its tolerance.

Source: HiGHS documentation, "List of options" and "Python" (`highspy`).
"""

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from mcpaudit.analysis.cover_parts import Part
from mcpaudit.analysis.cover_search import Found, Solver
from mcpaudit.errors import UsageError
from mcpaudit.model.minimum import Privilege

if TYPE_CHECKING:
    import highspy

_EFFORT = 2e9
"""Nodes times the part's size, to the power of 1.5: a large part has few nodes, each of which takes long."""
_TOLERANCE = 1e-5
_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("output_flag", False),
    ("threads", 1),
    ("parallel", "off"),
    ("random_seed", 0),
    ("mip_rel_gap", 0.0),
    # Costs are whole numbers: what is less than one below the best is no better set.
    ("mip_abs_gap", 0.99),
)


def solver() -> Solver:
    """The solver, if it is installed; raises UsageError with what to install if it is not."""
    try:
        # Imported here: only this needs it, and it brings numpy.
        import highspy
    except ImportError:
        raise UsageError(
            "the solver is an extra that is not installed: pip install 'mcp-reach-audit[solver]'"
        ) from None
    return lambda part, found: _better(_solved(highspy.Highs(), part), part, found)


def _solved(model: "highspy.Highs", part: Part) -> tuple[frozenset[int], float]:
    """The items of the best set and the bound; no items where none was found."""
    nodes = max(1, int(_EFFORT / (len(part.items) * len(part.needs)) ** 1.5))
    for name, value in (*_OPTIONS, ("mip_max_nodes", nodes)):
        model.setOptionValue(name, value)
    items, weight = part.items, part.items[0].weight
    holders: dict[Privilege, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for privilege in item.outside:
            holders[privilege].append(index)
    blocks: dict[tuple[int, ...], int] = defaultdict(int)
    for _, own in sorted(holders.items()):
        blocks[tuple(own)] += 1
    for index, item in enumerate(items):
        model.addVar(0, 1)
        model.changeColCost(index, item.price)
        model.changeColIntegrality(index, _integer())
    for number, (givers, size) in enumerate(sorted(blocks.items()), len(items)):
        model.addVar(0, 1)
        model.changeColCost(number, size * weight)
        for index in givers:
            model.addRow(0, math.inf, 2, [number, index], [1.0, -1.0])
    for atom in sorted(part.needs):
        own_items = [index for index, item in enumerate(items) if atom in item.meets]
        model.addRow(1, math.inf, len(own_items), own_items, [1.0] * len(own_items))
    model.run()
    info = model.getInfo()
    values = model.getSolution().col_value
    chosen = frozenset(index for index in range(len(items)) if values and values[index] > 0.5)
    return chosen, info.mip_dual_bound


def _integer() -> Any:
    import highspy

    return highspy.HighsVarType.kInteger


def _better(answer: tuple[frozenset[int], float], part: Part, found: Found) -> Found:
    """The answer where it is a set that meets all needs and costs less, and the higher of both bounds."""
    chosen, least = answer
    bound = found.bound
    if math.isfinite(least):
        bound = max(bound, math.ceil(least - _TOLERANCE * max(1.0, abs(least))))
    met = frozenset().union(*(part.items[index].meets for index in chosen))
    if not part.needs <= met:
        return Found(found.sets, found.cost, min(bound, found.cost), False)
    chosen = _without_spare(chosen, part)
    cost = price(chosen, part)
    if cost < found.cost:
        return Found((chosen,), cost, min(bound, cost), False)
    return Found(found.sets, found.cost, min(bound, found.cost), False)


def _without_spare(chosen: frozenset[int], part: Part) -> frozenset[int]:
    """Without what is there by rounding alone."""
    for index in sorted(chosen):
        rest = chosen - {index}
        if part.needs <= frozenset().union(*(part.items[one].meets for one in rest)):
            chosen = rest
    return chosen


def price(chosen: frozenset[int], part: Part) -> int:
    """What a set of items costs."""
    some = [part.items[index] for index in sorted(chosen)]
    outside = frozenset().union(*(item.outside for item in some))
    return sum(item.price for item in some) + part.items[0].weight * len(outside)
