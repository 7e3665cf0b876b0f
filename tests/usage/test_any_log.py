"""Any bytes in any log: what cannot be read is told, and nothing stops a reader."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.usage import limits, tally
from mcpaudit.usage import lines as lines_module
from mcpaudit.usage.collect import Log, collect
from mcpaudit.usage.formats import CLAUDE_CODE, CODEX, FORMATS, Format
from mcpaudit.usage.tally import FileTally, Tally
from tests.usage import logs
from tests.usage.logs import counts, lines, usage_of

WORDS = st.sampled_from(
    [
        *(
            "type",
            "message",
            "content",
            "name",
            "id",
            "tool_use",
            "tool_result",
            "assistant",
            "user",
            "payload",
        ),
        *("data", "mcpServerName", "mcpToolName", "toolCallId", "tool.execution_start", "sessionId", "cwd"),
        *(
            "tool.execution_complete",
            "function_call",
            "namespace",
            "call_id",
            "item",
            "McpToolCall",
            "server",
        ),
        *("timestamp", "time", "ts", "started", "2026-11-20T08:00:00Z", "0001-01-01T00:00:00+14:00"),
        *("mcp__a__b", "mcp____", "mcp__a", "attachment", "deferred_tools_delta", "addedNames", "format"),
        *("mcpaudit/record-v1", "method", "tools/call", "direction", "to-server", "use_mcp_server", "say"),
        *("text", "partial", "messages", "item_completed", "event_msg", "mcp_tool_call_end", "invocation"),
        *("client", "payload", "server", "tool", "end", "closed", "session_meta", "\ud800", "\x00", "-"),
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)
LINES = st.lists(
    TREES.map(lambda tree: json.dumps(tree).encode("utf-8")) | st.binary(max_size=30), max_size=6
)
DESKTOP = st.lists(
    st.tuples(
        st.sampled_from(["2026-11-20T08:00:00Z", "x", "2026-99-99T00:00:00Z"]),
        st.sampled_from([" [info] [a]", " [a]", "", " []", " [a] [info]"]),
        st.sampled_from([" Message from client: ", " Message from server: "]),
        st.text(max_size=20)
        | st.sampled_from(['{"method":"tools/call"', 'method="tools/call" id=1', '{"method":"tools/call"}']),
    ).map(lambda parts: "".join(parts).encode("utf-8", "replace")),
    max_size=5,
)


@pytest.mark.parametrize("one", FORMATS, ids=[one.id for one in FORMATS])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=LINES | DESKTOP)
def test_nothing_stops_a_reader(one: Format, found: list[bytes]) -> None:
    whole = Tally()
    own = FileTally(whole, one.id, one.client, "name")
    one.read(io.BytesIO(b"\n".join(found)), own, "mcp-server-x.log")
    own.close()
    usage = whole.usage()
    assert all(0 <= use.errors <= use.calls and use.server for use in usage.tools)
    assert all(len(day) == 10 and day >= "2020" for window in usage.windows for day in window.days)


@pytest.mark.parametrize(
    "broken", [b"{", b"\xff\xfe", b"[1]", b"NaN", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b"\x00"]
)
def test_a_broken_line_is_told_and_the_rest_is_read(tmp_path: Path, broken: bytes) -> None:
    good = lines(logs.claude(logs.tool_use("mcp__a__b", "t1"))).encode()
    (tmp_path / "s.jsonl").write_bytes(good + broken + b"\n" + good.replace(b"t1", b"t2"))
    found = usage_of(tmp_path / "s.jsonl")
    assert counts(found) == {("a", "b"): (2, 0)}
    assert [(one.reason, one.count) for one in found.unread] == [("a line that is no record", 1)]


def test_a_file_that_ends_within_a_record_is_told(tmp_path: Path) -> None:
    whole = lines(
        logs.claude(logs.tool_use("mcp__a__b", "t1")), logs.claude(logs.tool_use("mcp__a__c", "t2"))
    )
    (tmp_path / "s.jsonl").write_text(whole[:-20])
    found = usage_of(tmp_path / "s.jsonl")
    assert counts(found) == {("a", "b"): (1, 0)}
    assert [one.reason for one in found.unread] == ["the file ends within a record"]


def test_a_long_line_is_told_only_where_it_may_hold_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE", 1000)
    image, call = logs.claude(kind="user"), logs.claude(logs.tool_use("mcp__a__long", "t1"))
    image["image"], call["z"] = "x" * 5000, "x" * 5000
    short = logs.claude(logs.tool_use("mcp__a__b", "t2"))
    (tmp_path / "s.jsonl").write_text(lines(short, image, short))
    assert usage_of(tmp_path / "s.jsonl").unread == ()
    for padding in range(990, 1012):
        # The mark may stand across the border of two pieces.
        line = f'{{"p":"{"x" * (padding - 20)}","n":"mcp__a__long"}}'
        (tmp_path / "s.jsonl").write_text(line.ljust(1500) + "\n" + lines(short))
        found = usage_of(tmp_path / "s.jsonl")
        assert [one.count for one in found.unread] == [1], padding
        assert counts(found) == {("a", "b"): (1, 0)}


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text(lines(logs.claude(logs.tool_use(f"mcp__{'a' * 300}__b", "t1"))))
    found = usage_of(tmp_path / "s.jsonl")
    assert found.tools == ()
    assert "longer than" in found.unread[0].reason


@pytest.mark.parametrize(
    ("bound", "told"),
    [("MAX_ROWS", "different tools"), ("MAX_CALLS", "counted twice"), ("MAX_DAYS", "are counted")],
)
def test_what_is_over_a_bound_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, told: str
) -> None:
    monkeypatch.setattr(tally, bound, 3)
    many = [
        logs.claude(logs.tool_use(f"mcp__a__b{n}", f"t{n}"), at=f"2026-11-{10 + n}T08:00:00Z")
        for n in range(9)
    ]
    (tmp_path / "s.jsonl").write_text(lines(*many))
    assert any(told in one.reason for one in usage_of(tmp_path / "s.jsonl").unread)


def test_many_open_calls_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MAX_OPEN", 10)
    monkeypatch.setattr("mcpaudit.usage.codex.MAX_OPEN", 10)
    for one, found in (
        (CLAUDE_CODE, [logs.claude(logs.tool_use("mcp__a__b", f"t{n}")) for n in range(100)]),
        (CODEX, [logs.codex_asked(f"c{n}", "b", "mcp__a") for n in range(100)]),
    ):
        own = FileTally(Tally(), one.id, one.client, "name")
        one.read(io.BytesIO(lines(*found).encode()), own, "")
        assert len(own._open) <= 10
        assert own.tally.usage().tools[0].calls == 100


def test_many_servers_take_bounded_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpaudit.usage.claude_code.MAX_SERVERS", 3)
    begin = logs.offered(*(f"mcp__s{n}__x" for n in range(9)), at="2026-11-10T08:00:00Z")
    days = [logs.claude(at=f"2026-11-1{1 + n % 2}T08:00:00Z") for n in range(50)]
    (tmp_path / "s.jsonl").write_text(lines(begin, *days))
    found = usage_of(tmp_path / "s.jsonl")
    assert sorted(len(one.days) for one in found.windows if one.server) == [1] * 6 + [3] * 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "rollout-1.jsonl.zst").write_bytes(b"(\xb5/\xfd")
    found = [Log(path, CODEX) for path in sorted(tmp_path.iterdir())]
    usage, unopened = collect(found)
    assert {one.reason for one in usage.unread} == {
        "a compressed log (.zst)",
        "a link to a file that is not there",
        "a named pipe, not a file",
    }
    assert len(unopened) == 2
    (tmp_path / "s.jsonl").write_text(lines(logs.claude(logs.tool_use("mcp__a__b", "t1"))))
    assert counts(usage_of(tmp_path)) == {("a", "b"): (1, 0)}


def test_a_file_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpaudit.usage.collect.MAX_FILE", 100)
    (tmp_path / "s.jsonl").write_text("x" * 200)
    usage, _ = collect([Log(tmp_path / "s.jsonl", CLAUDE_CODE)])
    assert "over the limit" in usage.unread[0].reason


def test_the_bounds_are_those_of_the_documentation() -> None:
    text: Any = (Path(__file__).parents[2] / "docs" / "usage.md").read_text()
    told = f"Bounds: {limits.MAX_FILE // 2**30} GiB a file, {limits.MAX_LINE // 2**20} MiB a record"
    assert f"{told}, {limits.MAX_NAME} characters a name" in text
