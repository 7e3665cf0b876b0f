"""The canonical report: its bytes, and reading it back."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.errors import ReportError
from mcpaudit.model.report import Report
from mcpaudit.report.canonical import canonical, digest, from_json, to_json
from mcpaudit.report.schema import json_schema
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

RAW = to_json(SAMPLE)


@pytest.mark.parametrize("report", [SAMPLE, NOTHING, CLEAN])
def test_a_report_comes_back_as_it_was(report: Report) -> None:
    assert from_json(to_json(report)) == report


@pytest.mark.parametrize("text", [t for name, t in HOSTILE.items() if name != "surrogate"])
def test_hostile_text_comes_back_as_it_was(text: str) -> None:
    report = with_hostile(text)
    assert from_json(to_json(report)) == report


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_written_as_a_strict_writer_does(text: str) -> None:
    raw = canonical(with_hostile(text))
    strict = json.dumps(json.loads(raw), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert raw == strict.encode()


def test_half_a_surrogate_pair_becomes_a_replacement() -> None:
    report = from_json(to_json(with_hostile("\ud83d")))
    assert report.servers[0].name.endswith("\ufffd")


def test_the_digest_is_over_the_bytes_without_the_line_feed() -> None:
    assert to_json(SAMPLE) == canonical(SAMPLE) + b"\n"
    assert len(digest(SAMPLE)) == 64


def test_the_bytes_are_canonical() -> None:
    def sorted_by_utf_16(pairs: list[tuple[str, Any]]) -> None:
        keys = [key.encode("utf-16-be") for key, _ in pairs]
        assert keys == sorted(keys)

    json.loads(RAW, object_pairs_hook=sorted_by_utf_16)
    assert b'", ' not in RAW.replace(b'\\"', b"")
    assert b"\n" not in RAW[:-1]


def test_the_schema_accepts_reports_and_is_itself_one() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in (SAMPLE, NOTHING, CLEAN):
        jsonschema.validate(json.loads(to_json(report)), schema)


def test_the_schema_says_what_things_are() -> None:
    schema = json_schema()
    assert schema["$defs"]["FindingRow"]["description"] == "What a policy said about a fact."
    assert schema["$defs"]["Coverage"]["properties"]["levels"]["description"].startswith(
        "Where they were looked for"
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(RAW), "more": 1}, schema)


def broken(*path: str | int, value: Any = None, drop: bool = False) -> bytes:
    tree = json.loads(RAW)
    node = tree
    for step in path[:-1]:
        node = node[step]
    if drop:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "it is not JSON at line 1, column 1"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"[]", "its outermost value is not an object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' + b"9" * 5_000 + b"}", "monstrous number"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":1,"a":2}', 'the key "a" stands twice'),
        (b"{}", "it has no schema"),
        (
            b'{"schema":"mcpaudit/report-v9"}',
            'it has the schema "mcpaudit/report-v9", expected "mcpaudit/report-v1"',
        ),
        (broken("findings", 2, "fix", drop=True), '$.findings[2] lacks the key "fix"'),
        (broken("findings", 2, "fix", value=3), "$.findings[2].fix is a whole number, expected a string"),
        (
            broken("findings", 0, "severity", value="bad"),
            '$.findings[0].severity is "bad", expected one of info,',
        ),
        (broken("summary", "tools", value=True), "$.summary.tools is true or false, expected a whole number"),
        (broken("summary", "tools", value=2**60), "$.summary.tools is a number out of range"),
        (broken("summary", "tools", value=1.5), "$.summary.tools is a fraction, expected a whole number"),
        (broken("summary", "by_status", value={"fine": 1}), '$.summary.by_status counts "fine"'),
        (broken("servers", 0, "manifest", value=None), "$.servers[0].manifest is null, expected an object"),
        (broken("servers", value={}), "$.servers is an object, expected a list"),
        (broken("servers", 0, "more", value=1), '$.servers[0] has the key "more"'),
        (
            broken("credentials", 0, "refresh", value="no"),
            "$.credentials[0].refresh is a string, expected true or false",
        ),
        (
            broken("findings", 0, "locations", 0, "route", value=[None]),
            "is null, expected a string or a whole number",
        ),
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(ReportError) as caught:
        from_json(raw)
    assert sentence in str(caught.value)


def refusal(raw: bytes) -> str:
    """Why it is refused; empty where it is read."""
    try:
        from_json(raw)
    except ReportError as error:
        return str(error)
    return ""


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_give_a_traceback(raw: bytes) -> None:
    with pytest.raises(ReportError):
        from_json(raw)


@settings(deadline=None)
@given(st.integers(0, len(RAW) - 1), st.binary(max_size=4), st.integers(0, 40))
def test_a_damaged_report_is_refused_or_read(at: int, put: bytes, cut: int) -> None:
    assert refusal(RAW[:at] + put + RAW[at + cut :])[:5] in ("", "this ")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(json.loads(RAW))), junk)
def test_any_value_anywhere_gives_a_sentence(key: str, value: Any) -> None:
    assert refusal(broken(key, value=value))[:5] in ("", "this ")
