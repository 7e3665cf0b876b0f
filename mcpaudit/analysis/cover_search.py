"""Branch and bound over one part: the cheapest sets of candidates, all ties, within a budget of steps."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from mcpaudit.analysis.cover_parts import Budget, Part
from mcpaudit.dataclass import dataclass
from mcpaudit.model.minimum import Privilege

# A privilege that several give is charged to each in part; whole numbers keep the bound exact.
_FINE = 5040
# As many needs times candidates are looked at in one step.
_STEP = 512


@dataclass(frozen=True, slots=True)
class Found:
    """The best sets, as indices into the part's items."""

    sets: tuple[frozenset[int], ...]
    cost: int
    bound: int
    all_ties: bool


Solver = Callable[[Part, Found], Found]
"""Betters what branch and bound found of a part and did not prove."""


def search(part: Part, steps: Budget, ties: int) -> Found:
    """Find the cheapest sets; when the budget runs out, the best found and a bound from below."""
    return _Search(part, steps, ties).run()


class _Search:
    """Depth first over the need with the fewest candidates, cut where the bound leaves nothing to gain."""

    def __init__(self, part: Part, steps: Budget, ties: int) -> None:
        self.items, self.steps, self.ties = part.items, steps, ties
        atoms = sorted(part.needs)
        number = {atom: index for index, atom in enumerate(atoms)}
        self.meets = [sum(1 << number[atom] for atom in item.meets if atom in number) for item in part.items]
        self.providers = [
            tuple(index for index, mask in enumerate(self.meets) if mask >> atom & 1)
            for atom in range(len(atoms))
        ]
        self.order = sorted(range(len(atoms)), key=lambda atom: (len(self.providers[atom]), atom))
        self.blocks = self._blocks()
        """Per item: the privileges that the same items give, as (bit, cost, share)."""
        self.cost = 0
        self.best: set[frozenset[int]] = set()
        self.whole = True

    def _blocks(self) -> list[list[tuple[int, int, int]]]:
        holders: dict[Privilege, int] = defaultdict(int)
        for index, item in enumerate(self.items):
            for privilege in item.outside:
                holders[privilege] |= 1 << index
        sizes: dict[int, int] = defaultdict(int)
        for mask in holders.values():
            sizes[mask] += 1
        found: list[list[tuple[int, int, int]]] = [[] for _ in self.items]
        for bit, mask in enumerate(sorted(sizes)):
            for index, item in enumerate(self.items):
                if mask >> index & 1:
                    cost = sizes[mask] * item.weight
                    found[index].append((1 << bit, cost, cost * _FINE // mask.bit_count()))
        return found

    def run(self) -> Found:
        """The whole search."""
        every = (1 << len(self.order)) - 1
        root = self._bound(every, 0, 0)
        first = self._greedy(every)
        self.best, self.cost = {first}, self._price(first)
        ended = self._visit(frozenset(), 0, 0, every, 0)
        bound = self.cost if ended else min(root, self.cost)
        sets = tuple(sorted(self.best, key=sorted))
        return Found(sets[: self.ties], self.cost, bound, self.whole and ended)

    def _price(self, some: frozenset[int]) -> int:
        paid = cost = 0
        for index in sorted(some):
            extra, bits = self._extra(index, paid)
            cost, paid = cost + extra, paid | bits
        return cost

    def _extra(self, index: int, paid: int) -> tuple[int, int]:
        """What one more item costs, and the privileges that are paid for with it."""
        cost, bits = self.items[index].price, 0
        for bit, size, _ in self.blocks[index]:
            if not paid & bit:
                cost += size
            bits |= bit
        return cost, bits

    def _greedy(self, open_needs: int) -> frozenset[int]:
        """A first set to beat: the most for the least, then without what it can do without."""
        chosen: list[int] = []
        paid = 0
        while open_needs:
            index = min(
                (one for one, mask in enumerate(self.meets) if mask & open_needs),
                key=lambda one: (
                    self._extra(one, paid)[0] / (self.meets[one] & open_needs).bit_count(),
                    one,
                ),
            )
            chosen.append(index)
            paid |= self._extra(index, paid)[1]
            open_needs &= ~self.meets[index]
        every = _union(self.meets, chosen)
        for index in tuple(chosen):
            rest = [one for one in chosen if one != index]
            if _union(self.meets, rest) == every:
                chosen = rest
        return frozenset(chosen)

    def _visit(self, chosen: frozenset[int], banned: int, paid: int, open_needs: int, cost: int) -> bool:
        """Search below one choice; false where the budget ended it."""
        if not open_needs:
            self._keep(chosen, cost)
            return True
        # One that looks at more counts as more, so that the budget bounds the work.
        if not self.steps.take(1 + open_needs.bit_count() * len(self.items) // _STEP):
            return False
        full = len(self.best) >= self.ties
        least = cost + self._bound(open_needs, paid, banned)
        if least > self.cost:
            return True
        if full and least == self.cost:
            self.whole = False
            return True
        atom = min(
            (one for one in self.order if open_needs >> one & 1),
            key=lambda one: sum(not banned >> index & 1 for index in self.providers[one]),
        )
        choices = [index for index in self.providers[atom] if not banned >> index & 1]
        choices.sort(key=lambda one: (self._extra(one, paid)[0], -(self.meets[one] & open_needs).bit_count()))
        for index in choices:
            extra, bits = self._extra(index, paid)
            if not self._visit(
                chosen | {index}, banned, paid | bits, open_needs & ~self.meets[index], cost + extra
            ):
                return False
            # All sets with it have been seen: the rest is searched without it, so that no set comes twice.
            banned |= 1 << index
        return True

    def _keep(self, chosen: frozenset[int], cost: int) -> None:
        if cost < self.cost:
            self.cost, self.best, self.whole = cost, set(), True
        if cost == self.cost:
            if len(self.best) < self.ties or chosen in self.best:
                self.best.add(chosen)
            else:
                self.whole = False

    def _bound(self, open_needs: int, paid: int, banned: int) -> int:
        """What meeting the open needs costs at least: each need takes what is left of its cheapest item."""
        slack: dict[int, int] = {}
        total = 0
        for atom in self.order:
            if not open_needs >> atom & 1:
                continue
            own = [index for index in self.providers[atom] if not banned >> index & 1]
            if not own:
                return self.cost + 1
            for index in own:
                if index not in slack:
                    shares = sum(share for bit, _, share in self.blocks[index] if not paid & bit)
                    slack[index] = self.items[index].price * _FINE + shares
            least = min(slack[index] for index in own)
            total += least
            if least:
                for index in own:
                    slack[index] -= least
        return -(-total // _FINE)


def _union(masks: Sequence[int], indices: Sequence[int]) -> int:
    found = 0
    for index in indices:
        found |= masks[index]
    return found
