"""The exact minimum: compared with brute force, its ties, its bound, and what it settles without a search."""

from collections.abc import Mapping
from itertools import combinations
from random import Random

import pytest

from mcpaudit.analysis.minimum_set import minimum_cover
from mcpaudit.model.fact import LEGS
from mcpaudit.model.minimum import Atom, Candidate, Privilege, Reduction

EVERY = 100_000


def brute(
    needs: frozenset[Atom], candidates: Mapping[str, Candidate], flow: int
) -> tuple[int, set[frozenset[str]]]:
    """The least cost and all sets of that cost, by looking at every set there is."""
    least, best = -1, set[frozenset[str]]()
    reachable = needs & frozenset().union(*(one.meets for one in candidates.values()))
    for size in range(len(candidates) + 1):
        for names in combinations(sorted(candidates), size):
            some = [candidates[name] for name in names]
            if not reachable <= frozenset().union(*(one.meets for one in some)):
                continue
            outside = frozenset().union(*(one.outside for one in some))
            cost = sum(one.price for one in some) + (some[0].weight * len(outside) if some else 0)
            cost += flow * (frozenset().union(*(one.legs for one in some)) >= set(LEGS))
            if least < 0 or cost < least:
                least, best = cost, set()
            if cost == least:
                best.add(frozenset(names))
    return least, best


def instance(random: Random, most: int) -> tuple[frozenset[Atom], dict[str, Candidate], int]:
    """Servers that overlap in what they meet and give; small prices, so that ties are common."""
    atoms = [(index, action) for index in range(random.randint(1, 5)) for action in ("read", "write")]
    privileges: list[Privilege] = [(f"r{index}", "read") for index in range(random.randint(0, 8))]
    weight, dear = random.choice([1, 1, 3]), random.choice([1, 2, 10])
    candidates = {}
    for index in range(random.randint(1, most)):
        candidates[f"s{index:02}"] = Candidate(
            id=f"s{index:02}",
            meets=frozenset(atom for atom in atoms if random.random() < 0.35),
            price=random.randint(1, dear),
            outside=frozenset(one for one in privileges if random.random() < 0.3),
            weight=weight,
            legs=frozenset(leg for leg in LEGS if random.random() < 0.3),
        )
    return (
        frozenset(random.sample(atoms, random.randint(1, len(atoms)))),
        candidates,
        random.choice([0, 2, 20]),
    )


def same_as_brute_force(seed: int, most: int) -> None:
    needs, candidates, flow = instance(Random(seed), most)
    found = minimum_cover(needs, candidates, flow, ties=EVERY)
    assert (found.cost, set(found.sets)) == brute(needs, candidates, flow), seed
    assert found.proved
    assert found.all_ties
    assert found.unmet == needs - frozenset().union(*(one.meets for one in candidates.values()))


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in (0, 50, 100, 150)], ids=str)
def test_the_same_as_brute_force(seeds: range) -> None:
    for seed in seeds:
        same_as_brute_force(seed, 7)


@pytest.mark.slow
def test_the_same_as_brute_force_on_two_thousand_instances() -> None:
    for seed in range(1_000, 3_000):
        same_as_brute_force(seed, 12)


def clustered(
    servers: int, atoms: int, size: int, seed: int = 1
) -> tuple[frozenset[Atom], dict[str, Candidate]]:
    """Clusters of servers that share needs and privileges among each other."""
    random, clusters = Random(seed), servers // size
    own = atoms // clusters
    candidates = {}
    for index in range(servers):
        cluster = index // size
        candidates[f"s{index:03}"] = Candidate(
            f"s{index:03}",
            frozenset((cluster * own + one, "read") for one in range(own) if random.random() < 0.3),
            10,
            frozenset((f"c{cluster}/{one}", "read") for one in range(40) if random.random() < 0.4),
        )
    return frozenset((index, "read") for index in range(atoms)), candidates


@pytest.mark.parametrize("size", [10, 50])
def test_a_large_instance_ends_with_a_bound(size: int) -> None:
    needs, candidates = clustered(500, 5_000, size)
    found = minimum_cover(needs, candidates, flow=20, budget=2_000)
    reachable = needs - found.unmet
    for some in found.sets:
        assert reachable <= frozenset().union(*(candidates[name].meets for name in some))
    assert 0 < found.bound <= found.cost


def test_what_is_settled_without_a_search() -> None:
    a, b, c = (0, "read"), (1, "read"), (2, "read")
    candidates = {
        "only": Candidate("only", frozenset({a}), 10),
        "lean": Candidate("lean", frozenset({b, c}), 10),
        "wide": Candidate("wide", frozenset({b}), 10, frozenset({("x", "delete")})),
        "half": Candidate("half", frozenset({c}), 9, frozenset({("y", "read"), ("z", "read")})),
        "idle": Candidate("idle", frozenset({(9, "read")}), 1),
    }
    found = minimum_cover(frozenset({a, b, c}), candidates, budget=50)
    assert found.sets == (frozenset({"only", "lean"}),)
    assert found.proved
    assert found.reductions == (
        Reduction("dominated", "half", "lean"),
        Reduction("irrelevant", "idle"),
        Reduction("forced", "lean"),
        Reduction("forced", "only"),
        Reduction("dominated", "wide", "lean"),
    )


def test_what_two_give_is_paid_for_once() -> None:
    """By the sum `apart` would be cheaper; by the union the two that share their excess are."""
    shared = frozenset((f"r{index}", "read") for index in range(5))
    candidates = {
        "one": Candidate("one", frozenset({(0, "read")}), 1, shared),
        "two": Candidate("two", frozenset({(1, "read")}), 1, shared),
        "apart": Candidate("apart", frozenset({(1, "read")}), 1, frozenset({("q", "read"), ("p", "read")})),
    }
    found = minimum_cover(frozenset({(0, "read"), (1, "read")}), candidates)
    assert found.sets == (frozenset({"one", "two"}),)
    assert found.cost == 7


def test_a_set_that_completes_no_flow_is_worth_more() -> None:
    candidates = {
        "all": Candidate("all", frozenset({(0, "read"), (1, "read")}), 10, legs=frozenset(LEGS)),
        "one": Candidate("one", frozenset({(0, "read")}), 10, legs=frozenset({"sources"})),
        "two": Candidate("two", frozenset({(1, "read")}), 10, legs=frozenset({"sinks"})),
    }
    needs = frozenset({(0, "read"), (1, "read")})
    assert minimum_cover(needs, candidates).sets == (frozenset({"all"}),)
    assert minimum_cover(needs, candidates, flow=20).sets == (frozenset({"one", "two"}),)
    assert len(minimum_cover(needs, candidates, flow=10).sets) == 2
    assert minimum_cover(needs, candidates, flow=9).cost == 19


def test_ties_are_bounded_and_that_is_said() -> None:
    candidates = {f"s{i}": Candidate(f"s{i}", frozenset({(i % 5, "read")}), 1) for i in range(20)}
    needs = frozenset((index, "read") for index in range(5))
    found = minimum_cover(needs, candidates, ties=8)
    assert (len(found.sets), found.all_ties, found.proved) == (8, False, True)
    assert len(minimum_cover(needs, candidates, ties=EVERY).sets) == 4**5


def test_an_exhausted_budget_proves_nothing() -> None:
    needs, candidates = clustered(40, 40, 40)
    found = minimum_cover(needs, candidates, budget=3)
    assert not found.proved
    assert found.bound < found.cost
    assert needs - found.unmet <= frozenset().union(*(candidates[name].meets for name in found.used))
    assert minimum_cover(needs, candidates).cost <= found.cost
