"""The cheapest servers that meet a profile's needs: an exact optimum, with every tie.

Weighted set cover is NP-hard but small here; greedy answers were wrong in two of three real-sized cases,
so forced servers are taken first and the rest is searched by branch and bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Atom = tuple[int, str]
"""One need's index and one of its actions; for a need that one server must meet alone, the action is `*`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server with what it meets and what it would cost to keep."""

    id: str
    meets: frozenset[Atom]
    cost: int


@dataclass(frozen=True, slots=True)
class Cover:
    """The answer: all cheapest sets, and what nothing can meet."""

    sets: tuple[frozenset[str], ...]
    cost: int
    unmet: frozenset[Atom]
    proved: bool
    """Whether every alternative was ruled out; else `sets` holds the best found."""

    @property
    def used(self) -> frozenset[str]:
        """Servers that stand in at least one cheapest set."""
        return frozenset().union(*self.sets)


def minimum_cover(
    needs: frozenset[Atom], candidates: Mapping[str, Candidate], budget: int = 200_000
) -> Cover:
    """Find every cheapest set of candidates that meets all needs which can be met.

    `budget` bounds the number of search steps; when it runs out the answer is not `proved`.
    """
    useful = {one.id: one for one in candidates.values() if one.meets & needs}
    offered: frozenset[Atom] = frozenset().union(*(one.meets for one in useful.values()))
    search = _Search(useful, budget)
    search.run(frozenset(), 0, needs & offered)
    return Cover(tuple(sorted(search.best, key=sorted)), search.cost, needs - offered, search.steps < budget)


class _Search:
    """Depth first over the need with the fewest providers; ties are all kept."""

    def __init__(self, useful: Mapping[str, Candidate], budget: int) -> None:
        self.useful = useful
        self.budget = budget
        self.steps = 0
        self.cost = sum(one.cost for one in useful.values())
        self.best: set[frozenset[str]] = {frozenset(useful)}
        self._seen: set[frozenset[str]] = set()

    def run(self, chosen: frozenset[str], cost: int, open_needs: frozenset[Atom]) -> None:
        self.steps += 1
        if self.steps >= self.budget or cost > self.cost or chosen in self._seen:
            return
        self._seen.add(chosen)
        if not open_needs:
            if cost < self.cost:
                self.cost, self.best = cost, set()
            self.best.add(chosen)
            return
        hardest = min(open_needs, key=lambda atom: (len(self._providers(atom)), atom))
        for provider in self._providers(hardest):
            one = self.useful[provider]
            self.run(chosen | {provider}, cost + one.cost, open_needs - one.meets)

    def _providers(self, atom: Atom) -> list[str]:
        return sorted(name for name, one in self.useful.items() if atom in one.meets)
