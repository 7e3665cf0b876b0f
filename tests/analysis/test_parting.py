"""Taking parties away until nobody meets: enough of them, and none too many."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.analysis.parting import Meeting, Parting

PARTIES = st.sampled_from("abcdefg")
SIDES = st.dictionaries(PARTIES, st.sampled_from("xyz"), min_size=1, max_size=5)


def pairs(meetings: Sequence[Meeting], without: Sequence[str] = ()) -> set[frozenset[str]]:
    """Every two that meet, the slow way."""
    return {
        frozenset((one, other))
        for meeting in meetings
        for one, key in meeting.left.items()
        for other, theirs in meeting.right.items()
        if key != theirs and not {one, other} & set(without)
    }


def meeting(left: Mapping[str, str], right: Mapping[str, str]) -> Meeting:
    """A party has one key, on whichever side it is."""
    return Meeting(left, {name: left.get(name, key) for name, key in right.items()})


MEETINGS = st.lists(st.builds(meeting, SIDES, SIDES), max_size=4)


@given(MEETINGS, st.dictionaries(PARTIES, st.integers(0, 9)))
def test_without_the_cover_nobody_meets_and_each_of_it_is_needed(
    meetings: list[Meeting], cost: dict[str, int]
) -> None:
    cover = Parting(meetings).cover({name: cost.get(name, 1) for name in "abcdefg"})
    assert not pairs(meetings, cover)
    for name in cover:
        assert pairs(meetings, [one for one in cover if one != name])


@given(MEETINGS)
def test_alone_is_who_is_in_every_meeting(meetings: list[Meeting]) -> None:
    meetings = [one for one in meetings if pairs([one])]
    found = list(Parting(meetings).alone())
    assert found == [name for name in "abcdefg" if meetings and not pairs(meetings, [name])]


@pytest.mark.parametrize(("cost", "kept"), [({"a": 9}, "a"), ({"b": 9}, "b"), ({"c": 9}, "c")])
def test_of_three_that_all_meet_the_dearest_stays(cost: dict[str, int], kept: str) -> None:
    side = {"a": "a", "b": "b", "c": "c"}
    cover = Parting([Meeting(side, side)]).cover({"a": 1, "b": 1, "c": 1} | cost)
    assert {*cover, kept} == {"a", "b", "c"}
    assert kept not in cover
