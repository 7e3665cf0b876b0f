"""What can be settled without a search: candidates that are forced, outdone, or good for nothing here.

Every step keeps every cheapest set: what is dropped stands in none of them. What is left falls into parts
that share neither a need nor a privilege, each to be searched by itself.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from mcpaudit.dataclass import dataclass
from mcpaudit.model.minimum import Atom, Candidate, Privilege, Reduction


@dataclass(slots=True)
class Budget:
    """Steps that may still be taken; every loop of the search takes from it."""

    left: int

    def take(self, steps: int = 1) -> bool:
        """Whether there was enough left."""
        self.left -= steps
        return self.left > 0


@dataclass(frozen=True, slots=True)
class Item:
    """One candidate, or several that are alike, as far as it still matters."""

    names: tuple[str, ...]
    meets: frozenset[Atom]
    price: int
    outside: frozenset[Privilege]
    weight: int


@dataclass(frozen=True, slots=True)
class Part:
    """Candidates that compete with each other and with no other."""

    needs: frozenset[Atom]
    items: tuple[Item, ...]


@dataclass(slots=True)
class Forced:
    """What has to be in every set."""

    members: frozenset[str] = frozenset()
    cost: int = 0
    paid: set[Privilege] = field(default_factory=set)


def split(
    needs: frozenset[Atom], candidates: Mapping[str, Candidate], steps: Budget
) -> tuple[Forced, list[Part], tuple[Reduction, ...]]:
    """Settle what can be settled, and split the rest."""
    forced, told = Forced(), dict[str, Reduction]()
    items = [_item(one) for _, one in sorted(candidates.items())]
    for item in items:
        if not item.meets & needs:
            told[item.names[0]] = Reduction("irrelevant", item.names[0])
    todo = [(needs, items)]
    parts: list[Part] = []
    while todo:
        open_needs, own = todo.pop()
        before = len(own)
        own = _alike(_open(own, open_needs, forced))
        lone = _lone(own, open_needs)
        for item in lone:
            _force(forced, item, told)
        open_needs = open_needs - frozenset().union(*(item.meets for item in lone))
        taken = {item.names for item in lone}
        own = [item for item in own if item.names not in taken]
        if not open_needs:
            continue
        if lone:
            todo.append((open_needs, own))
            continue
        groups = list(_components(own, open_needs))
        if len(groups) > 1:
            todo += groups
            continue
        left = _undominated(own, told, steps)
        if len(left) < len(own) or len(own) < before:
            todo.append((open_needs, left))
        else:
            parts.append(Part(_hardest(left, open_needs), tuple(left)))
    parts.sort(key=lambda part: part.items[0].names)
    return forced, parts, tuple(told[name] for name in sorted(told))


def _item(one: Candidate) -> Item:
    return Item((one.id,), one.meets, one.price, one.outside, one.weight)


def _open(items: Sequence[Item], needs: frozenset[Atom], forced: Forced) -> list[Item]:
    """The candidates without what is met or paid for; those that meet nothing more are gone."""
    return [
        replace(item, meets=item.meets & needs, outside=item.outside - forced.paid)
        for item in items
        if item.meets & needs
    ]


def _alike(items: Sequence[Item]) -> list[Item]:
    groups: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.meets, item.outside, item.price].append(item)
    return [
        replace(own[0], names=tuple(sorted(name for item in own for name in item.names)))
        for own in groups.values()
    ]


def _lone(items: Sequence[Item], needs: frozenset[Atom]) -> list[Item]:
    """Those of which each is the only one to meet some need."""
    providers: dict[Atom, list[Item]] = defaultdict(list)
    for item in items:
        for atom in item.meets:
            providers[atom].append(item)
    found = {own[0].names: own[0] for own in providers.values() if len(own) == 1 and len(own[0].names) == 1}
    return [found[names] for names in sorted(found)]


def _force(forced: Forced, item: Item, told: dict[str, Reduction]) -> None:
    forced.members |= {item.names[0]}
    forced.cost += item.price + item.weight * len(item.outside - forced.paid)
    forced.paid |= item.outside
    told[item.names[0]] = Reduction("forced", item.names[0])


def _components(
    items: Sequence[Item], needs: frozenset[Atom]
) -> Iterator[tuple[frozenset[Atom], list[Item]]]:
    """Candidates joined by what they meet or give in common."""
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for thing in (*item.meets, *item.outside):
            holders[thing].append(index)
    reached: set[int] = set()
    for start in range(len(items)):
        if start in reached:
            continue
        joined, todo = {start}, [start]
        while todo:
            item = items[todo.pop()]
            # Whoever is found through a thing need not be looked for through it again.
            near = {one for thing in (*item.meets, *item.outside) for one in holders.pop(thing, ())} - joined
            joined |= near
            todo += near
        reached |= joined
        own = [items[index] for index in sorted(joined)]
        yield needs & frozenset().union(*(item.meets for item in own)), own


def _undominated(items: Sequence[Item], told: dict[str, Reduction], steps: Budget) -> list[Item]:
    """Without those that another one outdoes in every set.

    Swapping `a` for `b` saves at least the price of `a` and what it alone gives, and costs at most the price
    of `b` and what `b` gives and `a` does not. Only a sure saving counts, so that no tie is lost.
    """
    left = list(items)
    before = len(left) + 1
    while len(left) < before:
        before = len(left)
        holders: dict[Privilege, int] = defaultdict(int)
        for item in left:
            for privilege in item.outside:
                holders[privilege] += len(item.names)
        # While candidates go, others give more alone than is counted here: that errs on the safe side.
        for item in tuple(left):
            if not steps.take():
                return left
            alone = sum(holders[privilege] == 1 for privilege in item.outside)
            saved = item.price + item.weight * alone
            better = next((one for one in left if one is not item and _outdoes(one, item, saved)), None)
            if better is not None:
                told.update({name: Reduction("dominated", name, better.names[0]) for name in item.names})
                left.remove(item)
    return left


def _outdoes(one: Item, other: Item, saved: int) -> bool:
    return (
        one.price < saved
        and other.meets <= one.meets
        and one.price + one.weight * len(one.outside - other.outside) < saved
    )


def _hardest(items: Sequence[Item], needs: frozenset[Atom]) -> frozenset[Atom]:
    """The needs without those that are met by themselves whenever another one is."""
    masks: dict[int, Atom] = {}
    for atom in sorted(needs):
        mask = sum(1 << index for index, item in enumerate(items) if atom in item.meets)
        masks.setdefault(mask, atom)
    kept: list[int] = []
    for mask in sorted(masks, key=lambda mask: (mask.bit_count(), mask)):
        if not any(mask & other == other for other in kept):
            kept.append(mask)
    return frozenset(masks[mask] for mask in kept)
