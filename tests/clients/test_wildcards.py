from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcpaudit.clients.wildcards import fits


def by_definition(pattern: str, name: str) -> bool:
    """A star is nothing or one more character, a question mark is one character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return by_definition(pattern[1:], name) or (bool(name) and by_definition(pattern, name[1:]))
    return bool(name) and pattern[0] in ("?", name[0]) and by_definition(pattern[1:], name[1:])


@settings(deadline=None, max_examples=500)
@given(st.text("ab?*", max_size=8), st.text("ab\n", max_size=8))
@example("a*b?a*", "aabba")
@example("*?", "")
@example("*ab*ab", "ab")
def test_a_pattern_fits_what_its_definition_says(pattern: str, name: str) -> None:
    assert fits(pattern, name) == by_definition(pattern, name)


def test_all_else_stands_for_itself() -> None:
    assert fits("a.[bc]{1}$", "a.[bc]{1}$")
    assert not fits("a.[bc]", "axb")
    assert fits("GitHub/*", "GitHub/get_me")
    assert not fits("github/*", "GitHub/get_me")
