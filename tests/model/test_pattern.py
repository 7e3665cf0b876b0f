"""Patterns over resources."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.resource import Resource
from tests.model.test_resource import at

N, P, V, W = Match.NONE, Match.POSSIBLE, Match.OVERLAPS, Match.WITHIN
CASES = [
    ("slack:**", "slack:T1/channel", W),
    ("slack:**", "slack:?/-", W),
    ("slack:*", "slack:T1/channel", W),
    ("slack:**", "github:o/repo", N),
    ("*:**", "github:o/repo", W),
    ("slack:T1/**", "slack:T1/channel", W),
    ("slack:T1/**", "slack:T2/channel", N),
    ("slack:T1/**", "slack:?/channel", P),
    ("slack:T*/channel", "slack:T1/channel", W),
    ("google:**/calendar.event/**", "google:?/calendar.event", W),
    ("google:**/calendar.event/**", "google:a/calendar.event/x/y", W),
    ("google:**/calendar.event/**", "google:a/drive", N),
    ("google:**/calendar.event/**", "google:a/-", V),
    ("google:**/calendar.event/**", "google:a/calendar", V),
    ("google:a/calendar", "google:a/calendar.event", W),
    ("github:*/repo.*/**", "github:o/repo.issue", W),
    ("github:*/repo.*/**", "github:o/org", N),
    ("sql:db:5432/app/**", "sql:db:5432/database/app", W),
    ("sql:db:5432/app/**", "sql:db:5432/database", V),
    ("sql:db:5432/app/**", "sql:db:5432/database/log", N),
    ("sql:db:5432/app/**", "sql:db:5433/database/app", N),
    ("sql:db:5432/app/**", "sql:db:5432/database/?", P),
    ("sql:db:5432/app/**", "sql:?/database/app", P),
    ("sql:**", "sql:?/database", W),
    ("local:host/file/data/**", "local:host/file/data", W),
    ("local:host/file/data/**", "local:host/file/data/x", W),
    ("local:host/file/data/**", "local:host/file/database", N),
    ("local:host/file/data/**", "local:host/file", V),
    ("local:host/file/data/**", "local:host/file/?", P),
    ("local:host/file/data/*", "local:host/file/data/x", W),
    ("local:host/file/data/*", "local:host/file/data/x/y", N),
    ("local:host/file/**/x", "local:host/file/a/b/x", W),
    ("local:host/file/**", "local:host/exec", N),
    ("local:**", "local:host/exec", W),
]


@pytest.mark.parametrize(("pattern", "resource", "match"), CASES)
def test_match(pattern: str, resource: str, match: Match) -> None:
    assert Pattern.parse(pattern).match(at(resource)) is match


def test_a_hostile_pattern_takes_no_more_time_than_any_other() -> None:
    """By going back over each `*` these would take longer than anybody waits."""
    long = Resource("local", "host", "file", ("a" * 200,) * 60)
    assert Pattern.parse(f"local:host/file/{'a*' * 40}b/**").match(long) is N
    assert Pattern.parse(f"local:host/file/{'**/a*/' * 25}b").match(long) is V


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_star_stands_for_any_characters(glob: str, text: str) -> None:
    plain = "".join(".*" if character == "*" else character for character in glob)
    found = Pattern("", "p", "t", "k", (glob,)).match(Resource("p", "t", "k", (text,)))
    if "**" not in glob and text:
        assert (found is W) == bool(re.fullmatch(plain, text))


def test_a_path_is_met_from_every_starting_point() -> None:
    file = Resource("local", "host", "file", ("home", "me", "x"), (), (("~", "x"), (".", "x")))
    for text in ("local:host/file/./x", "local:host/file/~/x", "local:host/file/home/me/x"):
        assert Pattern.parse(text).match(file) is W


@pytest.mark.parametrize("text", ["", "slack", "/x", ":x", "a/b:c"])
def test_what_is_no_pattern_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="starts with a provider and a colon"):
        Pattern.parse(text)


@given(
    st.lists(st.sampled_from(["*", "**", "a", "a*", "?"]), max_size=6), st.sampled_from([c[1] for c in CASES])
)
def test_every_pattern_gives_an_answer(parts: list[str], resource: str) -> None:
    provider = resource.partition(":")[0]
    one = at(resource)
    assert Pattern.parse(f"{provider}:{'/'.join(parts)}").match(one) in Match
    assert Pattern.parse("other:**").match(one) is N
