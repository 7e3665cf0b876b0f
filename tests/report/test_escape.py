"""No hostile string gets through a sink's escaper."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcpaudit.report import escape
from tests.hostile import HOSTILE, LOOKALIKES

pytestmark = pytest.mark.promise("hostile-text")
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
# Pieces of attacks in any order find what whole attacks do not.
pieces = st.lists(
    st.sampled_from(
        [
            *"`*_[]()<>!#@|\\&~:/.w1-+= \n\t\r\x1b\u200b\u202e{}$",
            "www.",
            "http://",
            "GH-1",
            "&#64;",
            "a",
            "\ud800",
        ]
    ),
    max_size=12,
).map("".join)
anything = st.one_of(pieces, st.text(max_size=40), st.sampled_from(list(HOSTILE.values())))

INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.mark.promise("hostile-text")
@settings(deadline=None)
@given(anything)
def test_nothing_invisible_is_left(text: str) -> None:
    for sink in (
        escape.terminal,
        escape.visible,
        escape.prose,
        escape.markdown,
        escape.markdown_code,
        escape.sarif,
    ):
        assert not INVISIBLE.search(sink(text))


def test_an_invisible_character_is_shown_as_its_code() -> None:
    assert escape.terminal("re\u200bad") == "re\\u200bad"
    assert escape.terminal("\x1b[31m") == "\\u001b[31m"
    assert escape.terminal("a\nb") == "a\\u000ab"
    assert escape.terminal("\U000e0041") == "\\u{e0041}"


def test_what_can_be_seen_stays_as_it_is() -> None:
    for text in ("plain", "Größe 漢字 العربية", "a  b", "emoji 🚚"):
        assert escape.terminal(text) == text


@pytest.mark.promise("hostile-text")
@settings(deadline=None)
@given(anything)
@example("1`.")
def test_markdown_has_no_active_character(text: str) -> None:
    shown = escape.markdown(text)
    # A letter takes the place of each: what stands before and after it does not come together.
    bare = re.sub(r"\\[!-/:-@\[-`{-~]|&(?:lt|gt|amp|#124|#8203);", "x", shown)
    assert not re.search(r"[\\`*_\[\]<>&#|!~$^=@{}]", bare), shown
    assert not re.match(r"(?:[-+]|\d+[.)])", bare), shown
    assert "://" not in shown
    assert not re.search(r"(?i)\bwww\.", shown)
    assert not re.search(r"(?i)\bgh-\d", shown)
    assert not re.search(r"[@#](?!&#8203;|\d+;)", shown), shown


@pytest.mark.promise("hostile-text")
@settings(deadline=None)
@given(anything)
def test_a_code_span_is_one_span_in_one_cell(text: str) -> None:
    shown = escape.markdown_code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    assert shown.endswith(fence[0])
    inner = shown[len(fence[0]) : -len(fence[0])]
    assert all(len(run) != len(fence[0]) for run in re.findall("`+", inner))
    assert "|" not in shown


@pytest.mark.promise("hostile-text")
@settings(deadline=None)
@given(anything)
def test_html_in_markdown_links_nothing(text: str) -> None:
    shown = escape.markdown_html(text)
    assert not re.search(r"[<>\"']", shown)
    assert not re.search(r"(?:@|(?<!&)#)(?!&#8203;)", shown)
    assert "://" not in shown


@pytest.mark.promise("hostile-text")
@settings(deadline=None)
@given(anything)
def test_sarif_has_no_link_and_no_placeholder(text: str) -> None:
    shown = escape.sarif(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", shown)
    assert not re.search(r"[{}]", shown.replace("{{", "").replace("}}", ""))


CODE = re.compile(r"\\u(?:([0-9a-f]{4})|\{([0-9a-f]+)\})")


@settings(deadline=None)
@given(st.one_of(anything, st.text("\\u20bfe{} \u200b\u0301\U0001fffe", max_size=12)))
def test_no_two_texts_are_shown_alike(text: str) -> None:
    for sink in (escape.visible, escape.prose):
        shown = sink(text)
        assert CODE.sub(lambda code: chr(int(code[1] or code[2], 16)), shown) == text
        assert re.sub(" +", " ", escape.prose(text)).strip() == escape.prose(text)


@pytest.mark.parametrize(("one", "other"), LOOKALIKES)
def test_a_name_does_not_pass_for_another(one: str, other: str) -> None:
    sinks = (escape.terminal_prose, escape.prose, escape.markdown, escape.markdown_code, escape.markdown_html)
    for sink in sinks:
        assert sink(escape.named(one)) != sink(escape.named(other))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::stop-commands::x", "\\u003a:stop-commands::x"),
        ("a ::Error file=x::y", "a \\u003a:Error file=x::y"),
        ("##[add-mask]deny", "\\u0023#[add-mask]deny"),
        ("##vso[task.x]y", "\\u0023#vso[task.x]y"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("std::io::Error of std::fmt::Debug at x", "std::io::Error of std::fmt::Debug at x"),
        ("Class::method ::std::io", "Class::method \\u003a:std::io"),
        ("## heading", "## heading"),
    ],
)
def test_a_log_holds_no_command_to_a_runner(text: str, shown: str) -> None:
    assert escape.terminal(text) == escape.terminal_prose(text) == shown


def test_marks_are_not_heaped_up() -> None:
    assert escape.visible("Cafe\u0301") == "Cafe\u0301"
    assert escape.visible("a" + "\u0301" * 5) == "a" + "\u0301" * 3 + "\\u0301" * 2
    assert escape.visible("\u0336deny") == "\\u0336deny"


def test_a_name_passes_for_no_word_of_ours() -> None:
    shown = [escape.named(name) for name in ("", "own tools", "its own tools", '""', "files")]
    assert shown == ['""', '"own tools"', '"its own tools"', '""""', "files"]


@hostile
def test_a_message_is_one_line(text: str) -> None:
    assert len(escape.prose(text).splitlines()) <= 1


def test_a_message_keeps_its_code() -> None:
    assert escape.markdown_prose("run `a_b` *now*") == r"run `a_b` \*now\*"


def test_long_text_is_cut_and_says_so() -> None:
    assert escape.clip("abcdef", 3) == "abc… (6 characters)"
    assert escape.clip("abc", 3) == "abc"
