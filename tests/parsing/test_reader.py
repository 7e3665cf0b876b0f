import hashlib
import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.parsing import reader, yaml_text
from mcpaudit.parsing.document import Document, Syntax, existing
from mcpaudit.parsing.limits import MAX_MEMBERS
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import parse, read, read_text_as

SYNTAXES: tuple[Syntax, ...] = ("json", "yaml", "toml")
PIECES = (
    *"{}[]:,.\"'\\/*#=&!|>-?%@\n\r\t ~0a1",
    *('"a"', "'''", '"""', "\\u", "d800", "//", "/*", "*/", "1e9", "true", "inf", "\ufeff", "😀"),
    *("a: ", "- ", "*a ", "&a ", "!!str ", "---\n", "a = ", "[a]\n", "[[a]]\n"),
)
FRAGMENTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def refused(result: Document | Gap | None) -> Gap:
    assert isinstance(result, Gap), result
    return result


@pytest.mark.promise("any-bytes")
@given(st.binary(), st.sampled_from(SYNTAXES))
def test_any_bytes_give_a_document_or_a_gap(raw: bytes, syntax: Syntax) -> None:
    assert isinstance(parse(raw, "x", syntax), Document | Gap)


@pytest.mark.promise("any-bytes")
@given(st.text() | FRAGMENTS, st.sampled_from(SYNTAXES))
def test_any_text_gives_a_document_or_a_gap(text: str, syntax: Syntax) -> None:
    result = read_text_as(text, "x", syntax)
    if isinstance(result, Document):
        for route in result.layout.positions:
            line, column = result.locate(existing(result.data, route))
            assert line >= 1
            assert column >= 1


def test_a_file_is_read_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    doc = read(path, "~/x.json", "json")
    assert isinstance(doc, Document)
    assert (doc.file, doc.data, doc.sha256) == (
        "~/x.json",
        {"a": 1},
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    assert [(i.kind, i.line, i.column) for i in doc.irregularities] == [("bom", 1, 1)]
    assert doc.locate(("a",)) == (1, 7)


def test_an_absent_file_is_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "x", "x", "json") is None
    (tmp_path / "file").write_text("{}")
    assert read(tmp_path / "file" / "x", "x", "json") is None


def test_what_is_not_a_regular_file_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
    os.mkfifo(tmp_path / "pipe")
    server = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)
    server.bind("socket")
    reasons = [
        refused(read(path, "x", "json")).reason
        for path in (tmp_path, tmp_path / "pipe", tmp_path / "socket", Path(os.devnull))
    ]
    server.close()
    assert reasons == [f"a {kind}, not a file" for kind in ("directory", "named pipe", "socket", "device")]


@pytest.mark.promise("faults")
def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(reader, "_NOT_A_FILE", ())
    assert refused(read(tmp_path / "pipe", "x", "json")).reason == "the file is empty"


def test_links_that_lead_nowhere_are_gaps(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("absent")
    assert refused(read(tmp_path / "loop", "x", "json")).reason == "a loop of links"
    assert refused(read(tmp_path / "dangling", "x", "json")).reason == "a link to a file that is not there"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    path.chmod(0)
    assert refused(read(path, "x", "json")).reason == "permission denied"


@pytest.mark.skipif(os.name != "posix", reason="the bits are those of POSIX")
def test_a_file_that_all_may_write_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    for mode, expected in ((0o644, False), (0o664, False), (0o646, True), (0o666, True)):
        path.chmod(mode)
        found = read(path, "x.json", "json")
        assert isinstance(found, Document)
        assert found.anyone_writes is expected


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "x"), "permission denied"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
def test_errors_of_the_system_are_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    def fail(*_: object) -> int:
        raise error

    (tmp_path / "x").write_text("{}")
    monkeypatch.setattr(os, "open", fail)
    assert refused(read(tmp_path / "x", "x", "json")) == Gap("unreadable", Place("x"), reason)


def test_paths_that_no_file_can_have_are_gaps() -> None:
    assert refused(read(Path("a\0b"), "x", "json")).kind == "unreadable"
    assert refused(read(Path("a" * 5000), "x", "json")).kind == "unreadable"


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "x").open("wb") as stream:
        stream.truncate(reader.MAX_BYTES + 1)
    limit = Gap("unreadable", Place("x"), "over the limit of 16 MiB")
    assert read(tmp_path / "x", "x", "json") == limit
    assert parse(b" " * (reader.MAX_BYTES + 1), "x", "json") == limit


def test_a_file_that_grows_is_read_to_the_limit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("[1, 2, 3]")
    monkeypatch.setattr(reader, "MAX_BYTES", 5)
    monkeypatch.setattr(Path, "stat", lambda *_: os.stat_result((0o100600, *[0] * 9)))
    assert refused(read(tmp_path / "x", "x", "json")).reason.startswith("over the limit")


@pytest.mark.parametrize(
    ("raw", "reason", "line", "column"),
    [
        (b"", "the file is empty", 0, 0),
        (b"\xef\xbb\xbf \n\t", "the file is empty", 0, 0),
        ('{"a": 1}'.encode("utf-16"), "UTF-16 text; save the file as UTF-8", 0, 0),
        (b'\xef\xbb\xbf{"a\0', "binary data: a NUL byte at offset 6", 0, 0),
        (b'{"\xc3\xa9":\n "\xc3\xa9\xff"}', "not UTF-8 text at byte offset 11", 2, 4),
    ],
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_is_not_text_says_so(raw: bytes, reason: str, line: int, column: int, syntax: Syntax) -> None:
    assert parse(raw, "x", syntax) == Gap("malformed", Place("x"), reason, line=line, column=column)


CANARY = "CANARYsk1234"


@pytest.mark.parametrize(
    ("syntax", "template"),
    [
        *(("json", t) for t in ('{"@": @}', "{@: 1}", '["@', '["\\x@"]', '{"a": "@" "@"}', "[1]@", "// @")),
        *(("yaml", t) for t in ("a: *@", "a: !@ 1", "a: !@!x 1", "a: '@", 'a: "\\q@"', "%TAG @\n---")),
        *(
            ("yaml", t)
            for t in ("a: @: @", "- a\n@", "{a: @", "a: [@}", "a: !!python/name:@ 1", "? [@]\n: 1")
        ),
        *(
            ("toml", t)
            for t in ("@", "a = @", "[@]\n[@]", "[a.@", "@=1\n@=2", '"@=1', 'a="\\@"', "a={@=1,@=2}")
        ),
        *(
            ("toml", t)
            for t in ("@={}\n@.b=1", "@={}\n[@.b]", "@=[]\n[[@]]", "a=1 @", "['@']\n['@']", "[@.a]\n[[@]]")
        ),
    ],
)
@pytest.mark.parametrize("python_yaml", [False, True])
def test_no_reason_quotes_the_file(
    syntax: Syntax, template: str, python_yaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if python_yaml:
        monkeypatch.setattr(yaml_text, "_Loader", yaml_text.yaml.SafeLoader)
    gap = refused(read_text_as(template.replace("@", CANARY), "x", syntax))
    assert CANARY[:4] not in repr(gap)
    assert gap.reason


def test_members_over_the_limit_are_a_gap_and_the_others_are_read() -> None:
    document = parse(json.dumps({f"k{n}": n for n in range(MAX_MEMBERS + 1)}).encode(), "x", "json")
    assert isinstance(document, Document)
    node = Node(document, document.data)
    assert len(list(node.items())) == MAX_MEMBERS
    (gap,) = node.gaps
    assert gap.reason == "10,001 members in one object; those after the first 10,000 were not read"
