"""Who owns a file: the last pattern that matches decides, as GitHub reads the file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.policy.codeowners import PLACES, _pattern, owners_of


def owners(folder: Path, text: str, path: str, place: str = "CODEOWNERS") -> tuple[str, ...]:
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(text, encoding="utf-8")
    return owners_of(path, folder)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a/b.yaml", True),
        ("*.yaml", "a/b.yaml", True),
        ("/*.yaml", "a/b.yaml", False),
        ("/.mcpaudit/", ".mcpaudit/waivers.yaml", True),
        (".mcpaudit", ".mcpaudit/policies/a.yaml", True),
        ("/.mcpaudit/*", ".mcpaudit/policies/a.yaml", False),
        ("/.mcpaudit/*", ".mcpaudit/waivers.yaml", True),
        ("/.mcpaudit/**", ".mcpaudit/policies/a.yaml", True),
        ("**/waivers.yaml", ".mcpaudit/waivers.yaml", True),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("mcpaudit.yaml", "sub/mcpaudit.yaml", True),
        ("/mcpaudit.yaml", "sub/mcpaudit.yaml", False),
        ("mcpaudit.yam", "mcpaudit.yaml", False),
        ("a?c", "abc", True),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, path: str, matches: bool) -> None:
    assert owners(tmp_path, f"{pattern} @one\n", path) == (("@one",) if matches else ())


def test_the_last_match_decides_and_comments_and_words_without_owners_do_not(tmp_path: Path) -> None:
    text = "# all\n* @all a@example.com # and nobody else\n/a @one\n/a/b\n/c not-an-owner\n"
    assert owners(tmp_path, text, "x") == ("@all", "a@example.com")
    assert owners(tmp_path, text, "a/x") == ("@one",)
    assert owners(tmp_path, text, "a/b") == ()


def test_sections_of_gitlab_have_owners_of_their_own(tmp_path: Path) -> None:
    text = "[Security][2] @security\n/.mcpaudit/\n/a @one\n"
    assert owners(tmp_path, text, ".mcpaudit/x") == ("@security",)
    assert owners(tmp_path, text, "a") == ("@one",)


def test_the_first_place_counts(tmp_path: Path) -> None:
    for place in reversed(PLACES):
        assert owners(tmp_path, f"* @{place.replace('/', '-')}\n", "x", place) == (
            f"@{place.replace('/', '-')}",
        )


@given(st.text("a*?/.[]\\ ", max_size=60), st.text("a/.", max_size=60))
def test_any_pattern_is_read_in_time(pattern: str, path: str) -> None:
    _pattern(pattern).fullmatch(path)
