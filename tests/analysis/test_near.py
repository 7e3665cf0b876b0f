"""The look-up by provider and place leaves out nothing that could overlap."""

from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.analysis.near import Near
from mcpaudit.model.resource import Resource, overlaps

PLACES = st.lists(st.sampled_from(["a", "b", "?"]), max_size=3).map(tuple)
RESOURCES = st.one_of(
    st.builds(
        Resource,
        st.just("local"),
        st.sampled_from(["host", "?"]),
        st.sampled_from(["file", "worktree", "memory", "shell", ""]),
        PLACES,
    ),
    st.builds(
        Resource,
        st.sampled_from(["git", "github", "gitlab", "sql"]),
        st.sampled_from(["x", "?"]),
        path=PLACES,
    ),
)


@given(st.lists(RESOURCES, max_size=8), RESOURCES)
def test_all_that_overlaps_is_near(things: list[Resource], asked: Resource) -> None:
    near = Near((thing, number) for number, thing in enumerate(things))
    found = near.of(asked)
    assert found == sorted(set(found))
    missed = [number for number, thing in enumerate(things) if overlaps(thing, asked) and number not in found]
    assert not missed


def test_roots_that_do_not_nest_are_not_compared() -> None:
    roots = [Resource("local", "host", "file", ("srv", str(number))) for number in range(50)]
    near = Near((root, root) for root in roots)
    assert near.of(roots[7]) == [roots[7]]
    assert near.of(Resource("local", "host", "file", ("srv",))) == roots
