"""The extra solver finds what branch and bound finds, and where it is missing says what to install."""

import sys
from importlib.util import find_spec
from random import Random

import pytest

from mcpaudit.analysis.cover_parts import Item, Part
from mcpaudit.analysis.cover_search import Found
from mcpaudit.analysis.minimum_set import minimum_cover
from mcpaudit.analysis.solver import _better, price, solver
from mcpaudit.errors import UsageError
from mcpaudit.model.minimum import Candidate
from tests.analysis.test_minimum_set import instance

installed = pytest.mark.skipif(
    find_spec("highspy") is None, reason="the extra is not installed: pip install '.[solver]'"
)


@installed
@pytest.mark.parametrize("seed", range(60))
def test_it_costs_what_branch_and_bound_costs(seed: int) -> None:
    needs, candidates, flow = instance(Random(seed), 14)
    exact = minimum_cover(needs, candidates, flow)
    assert exact.proved
    # Without a step of its own, branch and bound leaves every part to the solver.
    found = minimum_cover(needs, candidates, flow, budget=0, solver=solver())
    assert (found.cost, found.bound, found.unmet) == (exact.cost, exact.cost, exact.unmet)
    assert set(found.sets) <= set(exact.sets)


@installed
def test_the_same_answer_each_time() -> None:
    needs, candidates, _ = instance(Random(5), 40)
    first, second = (minimum_cover(needs, candidates, 20, budget=0, solver=solver()) for _ in range(2))
    assert first == second


@installed
def test_it_proves_what_few_steps_do_not() -> None:
    random = Random(3)
    needs = frozenset((index, "read") for index in range(120))
    candidates = {
        f"s{number:02}": Candidate(
            f"s{number:02}",
            frozenset(atom for atom in sorted(needs) if random.random() < 0.12),
            10,
            frozenset((f"r{index}", "read") for index in range(40) if random.random() < 0.3),
        )
        for number in range(40)
    }
    assert not minimum_cover(needs, candidates, budget=500).proved
    assert minimum_cover(needs, candidates, budget=500, solver=solver()).proved


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(UsageError, match=r"mcp-reach-audit\[solver\]"):
        solver()


ITEMS = tuple(
    Item((name,), frozenset({(number, "read") for number in meets}), cost, frozenset({("r", "read")}), 1)
    for name, meets, cost in (("a", (0,), 4), ("b", (1,), 4), ("both", (0, 1), 6))
)
PART = Part(frozenset({(0, "read"), (1, "read")}), ITEMS)
BEFORE = Found((frozenset({0, 1}),), price(frozenset({0, 1}), PART), 1, True)


def test_an_answer_is_checked_before_it_is_believed() -> None:
    assert BEFORE.cost == 9
    better = _better((frozenset({2}), 6.999999), PART, BEFORE)
    assert (better.sets, better.cost, better.bound) == ((frozenset({2}),), 7, 7)
    # A set that meets too little, and a bound that is none, change nothing.
    for answer in ((frozenset({0}), float("-inf")), (frozenset[int](), float("nan"))):
        kept = _better(answer, PART, BEFORE)
        assert (kept.sets, kept.cost, kept.bound) == (BEFORE.sets, 9, 1)
    # What rounding has added is taken out again.
    assert _better((frozenset({1, 2}), 2.0), PART, BEFORE).sets == (frozenset({2}),)
    assert _better((frozenset({2}), 99.0), PART, BEFORE).bound == 7
