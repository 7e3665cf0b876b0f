"""They behave as the standard library's dataclasses do, in all that is used of them."""

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit import dataclass as ours


def _pair(**options: bool) -> tuple[Any, Any]:
    """The same class by the standard library and by ours."""

    def body() -> type:
        class Row:
            """A row."""

            name: str
            count: int = 3
            parts: list[str] = field(default_factory=list)
            secret: str = field(default="s", repr=False)
            cache: dict[str, int] = field(default_factory=dict, init=False, compare=False)

        return Row

    return dataclasses.dataclass(**options)(body()), ours.dataclass(**options)(body())  # type: ignore[call-overload]


@given(
    st.sampled_from([{"frozen": True, "slots": True}, {"slots": True}, {"slots": True, "eq": False}]),
    st.lists(st.tuples(st.text(max_size=2), st.integers(0, 2)), min_size=2, max_size=2),
)
def test_a_record_behaves_as_a_dataclass_does(
    options: dict[str, bool], values: list[tuple[str, int]]
) -> None:
    seen = []
    for cls in _pair(**options):
        one, other = (cls(*row) for row in values)
        seen.append(
            (
                repr(one).rpartition("<locals>.")[2],
                one == other,
                one == cls(*values[0]),
                one == "another type",
                one.parts is other.parts,
                repr(replace(one, count=9)).rpartition("<locals>.")[2],
                cls.__hash__ is None,
                [(part.name, part.init) for part in dataclasses.fields(cls)],
                cls.__match_args__,
                hasattr(one, "__dict__"),
            )
        )
    assert seen[0] == seen[1]


@ours.dataclass(frozen=True, slots=True)
class Point:
    """A point."""

    x: int
    y: int = 0
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError(self.x)


@ours.dataclass(frozen=True, slots=True)
class Solid(Point):
    """A point with a depth."""

    z: int = 1


def test_what_is_frozen_cannot_be_set_or_deleted() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    assert point.x == 1


def test_equal_records_have_one_hash_and_fields_left_out_do_not_count() -> None:
    assert {Point(1, 2, "a"), Point(1, 2, "b"), Point(1, 3)} == {Point(1, 2), Point(1, 3)}


def test_a_record_of_a_record_has_the_fields_of_both() -> None:
    assert Solid(1, 2, z=5) == Solid(1, 2, "unseen", 5) != Point(1, 2)
    assert repr(Solid(1)) == "Solid(x=1, y=0, label='', z=1)"


def test_the_standard_decorator_takes_ours_as_a_base_and_a_bare_one_is_its_own() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Far(Point):
        """A point of the standard kind."""

        away: int = 0

    @ours.dataclass
    class Open:
        """One without slots."""

        value: int

    assert Far(1, away=2) == Far(1, 0, "", 2) != Far(1)
    assert vars(Open(1)) == {"value": 1}


def test_checks_run_when_a_record_is_made() -> None:
    with pytest.raises(ValueError, match="-1"):
        Solid(-1)


def test_methods_of_its_own_stay() -> None:
    @ours.dataclass(frozen=True, slots=True)
    class Own:
        """One that compares and shows itself."""

        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    assert (Own(1), hash(Own(1)), repr(Own(1))) == (Own(2), 7, "own")


def test_too_few_and_unknown_values_are_refused() -> None:
    with pytest.raises(TypeError, match="missing 1 required"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        Point(1, w=2)  # type: ignore[call-arg]


def test_a_record_can_be_copied_and_handed_to_another_process() -> None:
    solid = Solid(1, 2, "seen", 5)
    assert pickle.loads(pickle.dumps(solid)) == copy.deepcopy(solid) == solid
    assert pickle.loads(pickle.dumps(solid)).label == "seen"
