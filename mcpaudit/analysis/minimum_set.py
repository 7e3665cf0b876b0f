"""The cheapest servers, or tools, that meet a profile's needs: an exact optimum, with every tie.

A set costs the price of each member, the privilege that it gives outside the need (the union: what two
members give counts once), and a penalty if it completes a flow. Weighted set cover is NP-hard but small
here; greedy answers were wrong in two of three real-sized cases.

The penalty couples everything, so it is taken apart: a set that completes no flow lacks one of its legs. The
optimum is the best of at most four searches, one without the penalty and one without each leg.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from mcpaudit.analysis.cover_parts import Budget, Part, split
from mcpaudit.analysis.cover_search import Found, Solver, search
from mcpaudit.dataclass import dataclass
from mcpaudit.model.fact import LEGS
from mcpaudit.model.minimum import Atom, Candidate, Cover, Reduction

_STEPS = 200_000
_FEW = 2_000
"""Steps of branch and bound before the extra solver is asked."""
_TIES = 64


@dataclass(frozen=True, slots=True)
class _Answer:
    """One search's sets, without the penalty."""

    sets: tuple[frozenset[str], ...]
    cost: int
    bound: int
    all_ties: bool
    reductions: tuple[Reduction, ...]


def minimum_cover(
    needs: frozenset[Atom],
    candidates: Mapping[str, Candidate],
    flow: int = 0,
    budget: int = _STEPS,
    ties: int = _TIES,
    solver: Solver | None = None,
) -> Cover:
    """Find every cheapest set of candidates that meets all needs which can be met, up to `ties` sets.

    `flow` is what a set pays that holds all legs of a flow. `budget` bounds the number of search steps; when
    it runs out, the answer is the best found and `bound` what no set can cost less than. With a `solver` it
    runs out early, and the solver settles what is open.
    """
    offered: frozenset[Atom] = frozenset().union(*(one.meets for one in candidates.values()))
    wanted, steps = needs & offered, Budget(min(budget, _FEW) if solver else budget)
    plain = _cover(wanted, candidates, steps, ties, solver)
    quiet = tuple(some for some in plain.sets if not _completes(some, candidates))
    if not flow or quiet:
        # Nothing can be cheaper than the best set without a penalty, if it has none to pay.
        return _result(plain, quiet if flow else plain.sets, plain.bound, needs - offered)
    answers = [replace(plain, cost=plain.cost + flow, bound=plain.bound + flow)]
    for leg in LEGS:
        fewer = {name: one for name, one in candidates.items() if leg not in one.legs}
        if wanted <= frozenset().union(*(one.meets for one in fewer.values())):
            answers.append(_cover(wanted, fewer, steps, ties, solver))
    cost = min(one.cost for one in answers)
    best = [one for one in answers if one.cost == cost]
    every = tuple(dict.fromkeys(some for one in best for some in one.sets))
    whole = all(one.all_ties for one in best) and len(every) <= ties
    told = replace(best[0], all_ties=whole, reductions=plain.reductions)
    return _result(told, every[:ties], min(one.bound for one in answers), needs - offered)


def _result(answer: _Answer, sets: tuple[frozenset[str], ...], bound: int, unmet: frozenset[Atom]) -> Cover:
    return Cover(
        sets=tuple(sorted(sets, key=sorted)),
        cost=answer.cost,
        bound=min(bound, answer.cost),
        unmet=unmet,
        all_ties=answer.all_ties,
        reductions=answer.reductions,
    )


def _completes(some: frozenset[str], candidates: Mapping[str, Candidate]) -> bool:
    return frozenset().union(*(candidates[name].legs for name in some)) >= set(LEGS)


def _cover(
    needs: frozenset[Atom],
    candidates: Mapping[str, Candidate],
    steps: Budget,
    ties: int,
    solver: Solver | None,
) -> _Answer:
    """The cheapest sets without any penalty; parts that share nothing are searched each by itself."""
    forced, parts, reductions = split(needs, candidates, steps)
    sets: list[frozenset[str]] = [forced.members]
    cost = bound = forced.cost
    whole = True
    # The easy parts first: a hard one may eat all steps that are left.
    for part in sorted(parts, key=lambda part: len(part.items)):
        found = search(part, steps, ties)
        if solver is not None and found.bound < found.cost:
            found = solver(part, found)
        cost, bound = cost + found.cost, bound + found.bound
        spread = _spread(part, found, ties)
        both = list(islice((one | other for one in sets for other in spread), ties + 1))
        whole = whole and found.all_ties and len(spread) <= ties and len(both) <= ties
        sets = both[:ties]
    return _Answer(tuple(sets), cost, bound, whole, reductions)


def _spread(part: Part, found: Found, ties: int) -> list[frozenset[str]]:
    """Candidates that are alike stand for each other."""
    spread: list[frozenset[str]] = []
    for some in found.sets:
        grown: list[frozenset[str]] = [frozenset()]
        for index in sorted(some):
            grown = list(
                islice((one | {name} for one in grown for name in part.items[index].names), ties + 1)
            )
        spread += grown
    return spread[: ties + 1]
