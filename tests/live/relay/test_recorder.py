"""What is noted of messages, hostile ones too."""

import hashlib
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.lines import Lines
from mcpaudit.live.relay.recorder import MAX_OPEN, Recorder
from mcpaudit.live.relay.recording import begin
from mcpaudit.live.relay.wanted import Wanted
from mcpaudit.model.record import Message
from tests.hostile import HOSTILE
from tests.live.relay.relaying import call, messages


class Kept:
    """A log in memory."""

    def __init__(self) -> None:
        self.rows: list[Message] = []
        self.unanswered = 0
        self.at = 0.0

    def write(self, message: Message, unanswered: int) -> None:
        self.rows.append(message)
        self.unanswered = unanswered

    def close(self, unanswered: int) -> None:
        self.unanswered = unanswered

    def clock(self) -> float:
        return self.at

    def recorder(self, arguments: Arguments | None = None) -> Recorder:
        log: Any = self
        recorder = Recorder(arguments or Arguments(b"k" * 32), self.clock, self.clock)
        recorder.write_to(log)
        return recorder


def noted(*lines: Any, direction: Any = "to-server") -> list[Message]:
    kept = Kept()
    recorder = kept.recorder()
    for one in lines:
        raw = one if isinstance(one, bytes) else json.dumps(one).encode()
        recorder.note(direction, raw, len(raw))
    recorder.flush()
    return kept.rows


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(1, 60))
def test_lines_are_cut_where_they_end_and_never_held_over_the_limit(chunks: list[bytes], limit: int) -> None:
    lines = Lines(limit)
    found = [one for chunk in chunks for one in lines.feed(chunk)] + lines.end()
    whole = b"".join(chunks).split(b"\n")
    expected = [line for line in whole if line.strip()]
    assert [line for line, _ in found if line is not None] == [x for x in expected if len(x) <= limit] or any(
        line is None for line, _ in found
    )
    assert sum(size for _, size in found) <= len(b"".join(chunks))


_KEYS = st.sampled_from(
    ["id", "method", "params", "result", "error", "name", "arguments", "isError", "requestId"]
)
_MESSAGES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(_KEYS | st.text(), one),
)


@given(st.binary(max_size=200) | _MESSAGES.map(lambda value: json.dumps(value).encode()))
def test_anything_is_noted(raw: bytes) -> None:
    for row in noted(raw):
        assert row.size in (len(raw), 0)


def test_what_no_message_is() -> None:
    for raw in (b"hello", b"[]", b"1", b"null", b"\xff\xfe", b"[" * 100_000, b'{"id":1}', b"9" * 5000):
        assert [row.error for row in noted(raw)] == ["junk"], raw[:20]
    assert [row.error for row in noted([1, {"method": "x"}])] == ["junk", ""]


def test_arguments_as_deep_as_can_be_read() -> None:
    for depth in range(100, 1100, 50):
        deep = "[" * depth + "]" * depth
        raw = f'{{"id":1,"method":"tools/call","params":{{"name":"x","arguments":{{"a":{deep}}}}}}}'
        (row,) = noted(raw.encode())
        assert row.tool == "x" or row.error == "junk"


def test_a_batch_is_its_messages() -> None:
    found = noted([{"id": 1, "method": "a"}, {"method": "b"}])
    assert [(row.method, row.size > 0) for row in found] == [("a", True), ("b", False)]


def test_the_time_to_an_answer_of_either_side() -> None:
    kept = Kept()
    recorder = kept.recorder()
    for start, answer in (("to-server", "to-client"), ("to-client", "to-server")):
        there: Any = start
        back: Any = answer
        recorder.note(there, b'{"id":"a","method":"ping"}', 1)
        kept.at += 0.25
        recorder.note(there, b'{"id":"a","result":{}}', 1)
        recorder.note(back, b'{"id":"a","result":{}}', 1)
    recorder.flush()
    assert [row.duration for row in kept.rows] == [None, None, 250.0, None, None, 250.0]
    assert [row.request for row in kept.rows] == [None, None, 1, None, None, 4]


def test_ids_of_two_sessions_are_not_the_same() -> None:
    kept = Kept()
    recorder = kept.recorder()
    recorder.note("to-server", call(1, "a"), 1, "s1")
    recorder.note("to-server", call(1, "b"), 1, "s2")
    recorder.note("to-client", b'{"id":1,"result":{}}', 1, "s2")
    recorder.flush()
    assert (kept.rows[-1].tool, kept.unanswered) == ("b", 1)


def test_a_request_that_is_taken_back() -> None:
    cancel = {"method": "notifications/cancelled", "params": {"requestId": 1}}
    first, second = noted(call(1, "slow"), cancel)
    assert (second.error, second.request, second.tool) == ("cancelled", first.number, "slow")


def test_requests_without_an_answer_cost_bounded_memory() -> None:
    kept = Kept()
    recorder = kept.recorder()
    for key in range(MAX_OPEN + 50):
        recorder.note("to-server", b'{"id":%d,"method":"ping"}' % key, 1)
    recorder.close()
    assert kept.unanswered == MAX_OPEN


def test_names_are_cut() -> None:
    (row,) = noted({"id": "i" * 9999, "method": "tools/call", "params": {"name": "t" * 9999}})
    assert max(map(len, (row.id, row.tool))) == 256
    (row,) = noted({"id": 1, "method": "m" * 9999})
    assert len(row.method) == 256


def test_a_digest_shows_equal_values_and_tests_no_guess(tmp_path: Path) -> None:
    logs = []
    for name in ("one", "two"):
        recorder, _ = begin(Wanted(log=str(tmp_path / name)), "npm:acme", {}, print)
        recorder.note("to-server", call(1, token="hunter2", again="hunter2", other="x"), 1)
        recorder.close()
        logs.append((tmp_path / name).read_text())
    for log in logs:
        assert "hunter2" not in log
        for form in (b"hunter2", b'"hunter2"'):
            assert hashlib.blake2b(form, digest_size=8).hexdigest() not in log
    (first,), (second,) = messages(tmp_path / "one"), messages(tmp_path / "two")
    again, other, token = first["arguments"]
    assert again["digest"] == token["digest"] != other["digest"]
    assert second["arguments"][2]["digest"] != token["digest"]
    assert [one["value"] for one in first["arguments"]] == ["", "", ""]


def test_values_that_are_asked_for_hold_no_known_secret(tmp_path: Path) -> None:
    env = {"ACME_API_KEY": "canary-of-the-variable", "HOME": str(tmp_path)}
    wanted = Wanted(log=str(tmp_path / "log"), values=True)
    recorder, _ = begin(wanted, "npm:acme", env, print, "serve", "--api-key", "canary-of-the-command")
    arguments = {
        "query": "all of canary-of-the-variable and canary-of-the-command",
        "nested": {"a": ["x canary-of-the-variable"], "password": "canary-by-its-name"},
        "token": "canary-of-the-argument",
        "plain": "ghp_" + "a1B2" * 9,
    }
    recorder.note("to-server", call(1, **arguments), 1)
    recorder.close()
    log = (tmp_path / "log").read_text()
    assert "canary" not in log
    assert "a1B2" not in log
    assert json.loads(log.splitlines()[0])["values"] is True
    shown = {one["name"]: one["value"] for one in messages(tmp_path / "log")[0]["arguments"]}
    assert shown["query"] == '"all of *** and ***"'
    assert shown["token"] == '"***"'


def test_hostile_names_stay_in_their_line(tmp_path: Path) -> None:
    recorder, _ = begin(
        Wanted(log=str(tmp_path / "log"), name=next(iter(HOSTILE.values()))), "npm:acme", {}, print
    )
    for number, text in enumerate(HOSTILE.values()):
        recorder.note("to-server", call(number, text, **{text: text}), 1)
    recorder.close()
    found = messages(tmp_path / "log")
    assert [row["tool"] for row in found] == [text[:256] for text in HOSTILE.values()]
    assert (tmp_path / "log").read_bytes().isascii()
