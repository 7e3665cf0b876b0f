"""Lists of thousands of elements, which CEL's runtime would not go through."""

import pytest

from mcpaudit.policy.expression import Conditions, Expression, Undecided

ALIKE = [{"tool": f"t{number}", "certainty": "certain", "actions": ["read"]} for number in range(20_000)]


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ('server.accesses.exists(a, a.certainty == "possible")', False),
        ('server.accesses.all(a, a.certainty == "certain")', True),
        ('server.accesses.exists(a, a.actions.exists(x, x == "read"))', True),
    ],
)
def test_of_equal_elements_one_is_enough(where: str, holds: bool) -> None:
    assert Expression("server", where).holds({"accesses": ALIKE}, "2026-11-22") is holds


def test_elements_are_told_apart_where_their_number_counts() -> None:
    condition = Expression("server", 'server.accesses.exists_one(a, a.certainty == "certain")')
    assert condition.holds({"accesses": ALIKE[:2]}, "2026-11-22") is False
    condition = Expression("server", "size(server.accesses) == 2")
    assert condition.holds({"accesses": ALIKE[:2]}, "2026-11-22") is True
    condition = Expression("server", 'server.accesses[1].certainty == "certain"')
    assert condition.holds({"accesses": ALIKE[:2]}, "2026-11-22") is True


def test_what_cannot_be_gone_through_is_undecided() -> None:
    condition = Expression("server", 'server.accesses.exists(a, a.tool == "no such tool")')
    found = condition.holds({"accesses": ALIKE}, "2026-11-22")
    assert isinstance(found, Undecided)
    assert "more list elements" in found.reason


def test_a_long_list_is_looked_at_by_each_condition_alone_if_need_be() -> None:
    """Together they name what tells the elements apart; the first of them does not."""
    alike = 'server.accesses.exists(a, a.certainty == "possible")'
    apart = 'server.accesses.exists(a, a.tool == "no such tool")'
    found = dict(Conditions("server", [alike, apart]).outcomes({"accesses": ALIKE}, "2026-11-22"))
    assert list(found) == [1]
    assert isinstance(found[1], Undecided)
