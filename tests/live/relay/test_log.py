"""The log's files: bounded, whole lines only, and never in the way of a message."""

import os
import resource
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.log import Log
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.recording import begin
from mcpaudit.live.relay.wanted import Wanted
from mcpaudit.model.record import FORMAT, Header
from mcpaudit.report.schema import record_schema
from mcpaudit.usage.collect import collect, named
from tests.live.relay.relaying import Relay, call, messages, rows, server

HEADER = Header(FORMAT, "mcpaudit 0", "5f0c", "2026-11-22T09:00:00.000Z", "npm:acme", "acme", "cursor", False)
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs limits and modes of Unix")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.at = 1_795_338_000.0

    def __call__(self) -> float:
        return self.at


class Recording:
    """A recorder, its log, and what it complains of."""

    def __init__(self, path: Path, *, max_bytes: int = 1_000_000, keep: int = 4) -> None:
        self.clock, self.told = Clock(), list[str]()
        self.log = Log(path, HEADER, max_bytes, keep, self.told.append, self.clock, self.clock)
        self.recorder = Recorder(Arguments(b"k"), self.clock, self.clock)
        self.recorder.write_to(self.log)

    def call(self, key: int) -> None:
        self.recorder.note("to-server", call(key), 10)
        self.recorder.flush()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel refuses to make a file larger, as on a full disk: of the last line only a part fits."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_each_line_is_what_the_schema_says(tmp_path: Path) -> None:
    one = Recording(tmp_path / "log.jsonl")
    one.call(1)
    one.recorder.note("to-client", b'{"jsonrpc":"2.0","id":1,"result":{}}', 36)
    one.recorder.note("to-client", b"junk", 4)
    one.recorder.close()
    for row in rows(tmp_path / "log.jsonl"):
        jsonschema.validate(row, record_schema())


@pytest.mark.promise("faults")
@unix
def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    one = Recording(path)
    with largest_file(2000):
        for key in range(20):
            one.call(key)
        one.clock.at += 5
        one.call(20)
        written = len(messages(path))
        assert 0 < written < 10
    one.clock.at += 5
    one.call(21)
    one.recorder.close()
    assert sum(row["lost"] for row in rows(path) if "lost" in row) == 21 - written
    assert messages(path)[-1]["number"] == 22
    assert len(one.told) == 1
    assert one.told[0].startswith(f"mcpaudit: the log {path} cannot be written: ")


@unix
def test_a_disk_that_stays_full(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Relay(Path("/dev/full"), *server("talk")) as relay:
        for key in range(3):
            relay.say(call(key))
            assert relay.answer()["id"] == key
        assert relay.end() == 0
        assert relay.told().splitlines() == [
            "mcpaudit: the log /dev/full cannot be written: No space left on device; "
            "messages are passed on unrecorded",
            "mcpaudit: 6 messages were passed on without being recorded in /dev/full",
        ]


@unix
def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Relay(tmp_path / "file" / "log.jsonl", *server("talk")) as relay:
        relay.say(call(1))
        assert relay.answer()["id"] == 1
        assert relay.end() == 0
        assert "cannot be written" in relay.told()


def test_files_have_a_size_and_a_number(tmp_path: Path) -> None:
    one = Recording(tmp_path / "log.jsonl", max_bytes=10_000, keep=2)
    for key in range(500):
        one.call(key)
    one.recorder.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.1.jsonl", "log.2.jsonl", "log.jsonl"]
    numbers = []
    for name in ("log.2.jsonl", "log.1.jsonl", "log.jsonl"):
        first, *found, end = rows(tmp_path / name)
        assert (tmp_path / name).stat().st_size <= 10_000
        assert first["recording"] == "5f0c"
        assert end["end"] == ("closed" if name == "log.jsonl" else "rotated")
        numbers += [row["number"] for row in found]
    assert numbers == [*range(numbers[0], 501)]


def test_no_older_file_is_kept(tmp_path: Path) -> None:
    one = Recording(tmp_path / "log.jsonl", max_bytes=10_000, keep=0)
    for key in range(200):
        one.call(key)
    one.recorder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
    assert messages(tmp_path / "log.jsonl")[-1]["number"] == 200


@unix
def test_files_change_under_load(tmp_path: Path) -> None:
    data = b"".join(call(key, text="x" * 50) for key in range(3000))
    options = ("--max-bytes", "100000", "--keep", "1000")
    with Relay(tmp_path / "log.jsonl", *server("echo"), options=options) as relay:
        assert relay.through(data) == data
        assert relay.end() == 0
    assert len([*tmp_path.iterdir()]) > 5
    found = [row for path in tmp_path.iterdir() for row in messages(path)]
    assert sorted(row["number"] for row in found) == [*range(1, 6001)]
    usage = collect(named([tmp_path]))[0]
    assert [(use.tool, use.calls) for use in usage.tools] == [("search", 6000)]
    assert not usage.unread


def test_two_relays_never_write_the_same_file(tmp_path: Path) -> None:
    first, second = Recording(tmp_path / "log.jsonl"), Recording(tmp_path / "log.jsonl")
    for key in range(3):
        first.call(key)
        second.call(key)
    first.recorder.close()
    second.recorder.close()
    third = Recording(tmp_path / "log.jsonl")
    third.recorder.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log-2.jsonl", "log.jsonl"]
    assert len(messages(tmp_path / "log.jsonl")) == len(messages(tmp_path / "log-2.jsonl")) == 3


def test_a_line_that_was_cut_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    one = Recording(path)
    one.call(1)
    one.recorder.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number":2,"ti')
    Recording(path).recorder.close()
    assert path.read_bytes().startswith(whole + b'{"format"')


def test_no_other_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, without an end of line")
    one = Recording(path)
    one.call(1)
    assert path.read_text() == "my notes, without an end of line"
    assert "the file that is there is no recording" in one.told[0]


@unix
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Recording(tmp_path / "below" / "log.jsonl", max_bytes=10_000).call(1)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "below" / "log.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "below").stat().st_mode) == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert "cannot be written" in Recording(tmp_path / "link").told[0]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("env", "at"),
    [
        ({"XDG_STATE_HOME": "@/state"}, "state/mcpaudit/record"),
        ({"HOME": "@"}, ".local/state/mcpaudit/record"),
        ({"LOCALAPPDATA": "@/Local", "USERPROFILE": "@"}, "Local/mcpaudit/record"),
    ],
)
def test_where_a_log_goes_that_nobody_placed(tmp_path: Path, env: dict[str, str], at: str) -> None:
    own: dict[str, Any] = {name: value.replace("@", str(tmp_path)) for name, value in env.items()}
    begin(Wanted(name="../a b"), "npm:acme", own, print)[0].close()
    assert [path.name for path in (tmp_path / at).iterdir()] == ["a-b.jsonl"]
