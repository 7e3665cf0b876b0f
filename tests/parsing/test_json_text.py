import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.model.gap import Gap
from mcpaudit.parsing.document import Document, Json, Malformed
from mcpaudit.parsing.json_text import _Reader, parse
from mcpaudit.parsing.reader import read_text_as

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)


def document(text: str) -> Document:
    result = read_text_as(text, "x.json", "json")
    assert isinstance(result, Document), result
    return result


def routes(data: Json, route: tuple[str | int, ...] = ()) -> Any:
    yield route, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from routes(value, (*route, key))
    if isinstance(data, list):
        for index, value in enumerate(data):
            yield from routes(value, (*route, index))


def from_spot(doc: Document, line: int, column: int) -> str:
    return "\n".join([doc.line_text(line)[column - 1 :], *doc.text.split("\n")[line:]])


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_strict_json_reads_as_the_standard_library_does(
    data: Json, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    doc = document(text)
    assert doc.data == json.loads(text)
    assert repr(_Reader(text).read()) == repr(json.loads(text))
    assert doc.irregularities == ()


@given(VALUES, st.sampled_from([None, 2]))
def test_every_value_and_key_is_located(data: Json, indent: int | None) -> None:
    doc = document(json.dumps(data, indent=indent, ensure_ascii=False))
    for route, value in routes(data):
        rest = from_spot(doc, *doc.locate(route))
        assert json.JSONDecoder().raw_decode(rest)[0] == value
        if route and isinstance(route[-1], str):
            key = from_spot(doc, *doc.locate(route, on_key=True))
            assert json.JSONDecoder().raw_decode(key)[0] == route[-1]


JSONC = """// servers of this machine
{
  "servers": { /* one */
    "a": {"args": ["x", "y",],},
  },
}
"""


def test_comments_and_trailing_commas_are_read_and_recorded() -> None:
    doc = document(JSONC)
    assert doc.data == {"servers": {"a": {"args": ["x", "y"]}}}
    assert [(i.kind, i.route, i.line, i.column) for i in doc.irregularities] == [
        ("comment", (), 1, 1),
        ("comment", ("servers",), 3, 16),
        ("trailing-comma", ("servers", "a", "args"), 4, 28),
        ("trailing-comma", ("servers", "a"), 4, 30),
        ("trailing-comma", ("servers",), 4, 32),
        ("trailing-comma", (), 5, 4),
    ]
    assert doc.locate(("servers", "a", "args", 1)) == (4, 25)


def test_comment_marks_inside_strings_are_text() -> None:
    assert document('{"url": "https://x/*y*/"}').irregularities == ()


def test_the_last_of_duplicate_keys_wins_and_is_recorded() -> None:
    doc = document('{"a": {"x": 1},\n "a": {"y": 2}}')
    assert doc.data == {"a": {"y": 2}}
    (repeat,) = doc.irregularities
    assert (repeat.kind, repeat.route, repeat.line, repeat.column) == ("duplicate-key", ("a",), 2, 2)
    assert doc.locate(("a", "x")) == doc.locate(("a",)) == (2, 7)


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_kept() -> None:
    data = document(r'["\ud800", "\ud83d\ude00", {"\udc00": 1}]').data
    assert data == ["�", "😀", {"�": 1}]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("[1 2]", "expected ',' or ']'", 1, 4),
        ('{"a": 1\n "b": 2}', "expected ',' or '}'", 2, 2),
        ('{"a" 1}', "expected ':' after a key", 1, 6),
        ("{a: 1}", "expected '\"'", 1, 2),
        ("[,]", "expected a value", 1, 2),
        ("[1,,]", "expected a value", 1, 4),
        ("NaN", "expected a value", 1, 1),
        ("[-Infinity]", "expected a value", 1, 2),
        ("01", "expected nothing more after the first value", 1, 2),
        ('["é😀", x]', "expected a value", 1, 8),
        ('["ab', "a string does not end on its line, or has a bad escape", 1, 2),
        (r'["\x"]', "a string does not end on its line, or has a bad escape", 1, 2),
        ("[1 /* ]", "a comment does not end", 1, 4),
        ("// only this", "expected a value", 1, 13),
        ("[" + "9" * 5000 + "]", "a number is too large", 1, 2),
        ("[1e999]", "a number is too large", 1, 2),
    ],
)
def test_broken_json_says_what_was_expected_and_where(
    text: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(Malformed) as caught:
        parse(text)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


@pytest.mark.parametrize("opener", ["[", '{"a":', "[ // x\n"])
def test_hostile_depth_is_refused_at_once(opener: str) -> None:
    gap = read_text_as(opener * 100_000, "x.json", "json")
    assert isinstance(gap, Gap)
    assert gap.reason == "nested deeper than 64 levels"


def test_the_depth_limit_is_the_same_on_both_paths() -> None:
    assert document("[" * 64 + "1" + "]" * 64)
    assert document("[" * 64 + "1," + "]" * 64)
    for text in ("[" * 65 + "]" * 65, "[" * 65 + "1," + "]" * 65):
        with pytest.raises(Malformed, match="deeper"):
            parse(text)


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpaudit.parsing.document.MAX_NODES", 3)
    monkeypatch.setattr("mcpaudit.parsing.json_text.MAX_NODES", 3)
    assert parse("[1, 2]")[0] == [1, 2]
    for text in ("[1, 2, 3]", "//\n//\n//\n[1]"):
        with pytest.raises(Malformed, match="more than 3 values"):
            parse(text)
