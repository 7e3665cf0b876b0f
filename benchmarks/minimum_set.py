"""The search for the smallest set: time, steps and how far it is proved, on instances of several shapes.

    python benchmarks/minimum_set.py [STEPS | solver]

`clusters` are servers that compete in groups, as those of one provider do; `one` is a single group, in which
everything competes with everything. STEPS is the budget (default 200,000, as in an audit). Times depend on
the machine, all else is the same everywhere. `solver` has the extra solver settle what few steps leave open.
"""

import sys
from random import Random
from time import perf_counter

from mcpaudit.analysis.cover_parts import Budget, split
from mcpaudit.analysis.cover_search import Solver
from mcpaudit.analysis.minimum_set import minimum_cover
from mcpaudit.analysis.solver import solver as make_solver
from mcpaudit.model.fact import LEGS
from mcpaudit.model.minimum import Atom, Candidate

# Shape, servers, atoms, servers in a group.
SHAPES = [
    ("small", 15, 12, 15),
    ("30 x 25", 30, 25, 30),
    ("60 x 40", 60, 40, 60),
    ("clusters of 10", 500, 5_000, 10),
    ("clusters of 20", 500, 5_000, 20),
    ("clusters of 50", 500, 5_000, 50),
    ("one of 500", 500, 5_000, 500),
]


def instance(servers: int, atoms: int, size: int) -> tuple[frozenset[Atom], dict[str, Candidate]]:
    """Groups of servers that share needs and privileges; some of each can be legs of a flow."""
    random, groups = Random(7), max(1, servers // size)
    own, density = atoms // groups, min(0.3, 6 / size)
    candidates = {}
    for index in range(servers):
        group = index // size
        name = f"s{index:03}"
        candidates[name] = Candidate(
            name,
            frozenset((group * own + one, "read") for one in range(own) if random.random() < density),
            10,
            frozenset((f"g{group}/{one}", "read") for one in range(40) if random.random() < 0.3),
            legs=frozenset(leg for leg in LEGS if random.random() < 0.1),
        )
    return frozenset((index, "read") for index in range(atoms)), candidates


def main(budget: int, solver: Solver | None = None) -> None:
    """Print one row a shape."""
    print("with the solver" if solver else f"budget {budget} steps")
    heads = ("settled", "parts", "largest", "reduce ms", "all ms", "cost", "bound")
    print("shape".ljust(16), *(head.rjust(9) for head in heads), " ties")
    for name, servers, atoms, size in SHAPES:
        needs, candidates = instance(servers, atoms, size)
        offered = needs & frozenset().union(*(one.meets for one in candidates.values()))
        start = perf_counter()
        _, parts, _ = split(offered, candidates, Budget(budget))
        reduced = (perf_counter() - start) * 1000
        open_ones = sum(len(item.names) for part in parts for item in part.items)
        largest = max((len(part.items) for part in parts), default=0)
        start = perf_counter()
        found = minimum_cover(needs, candidates, flow=20, budget=budget, solver=solver)
        took = (perf_counter() - start) * 1000
        ties = f"{len(found.sets)}{'' if found.all_ties else '+'}"
        proof = "proved" if found.proved else f"gap {(found.cost - found.bound) / found.cost:.0%}"
        figures = (
            servers - open_ones,
            len(parts),
            largest,
            round(reduced),
            round(took),
            found.cost,
            found.bound,
        )
        print(name.ljust(16), *(str(one).rjust(9) for one in figures), f" {ties} {proof}")


if __name__ == "__main__":
    if sys.argv[1:] == ["solver"]:
        main(200_000, make_solver())
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
