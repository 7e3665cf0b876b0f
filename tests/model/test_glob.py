"""Patterns of the shell's kind."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.model.glob import globbed

_NAMES = st.text(alphabet="ab.\n", max_size=5)
_PATTERNS = st.text(alphabet="ab.*?[]!\n", max_size=6)


@given(_NAMES, _PATTERNS)
def test_a_pattern_says_what_the_standard_library_says(name: str, pattern: str) -> None:
    assert globbed(name, pattern) == fnmatchcase(name, pattern)


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [("a.b", "a.b", True), ("aba", "aba*ba", False), ("ab", "*", True), ("Ab", "a*", False)],
)
def test_the_ends_do_not_overlap_and_case_counts(name: str, pattern: str, expected: bool) -> None:
    assert globbed(name, pattern) is expected
