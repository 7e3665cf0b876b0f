"""The relay stands in the server's place: bytes, ends, signals and exit codes are the server's own."""

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.live.relay.stdio import _Relay
from tests.live.relay.relaying import Relay, call, children, line, lives, messages, rows, server, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are not groups on Windows")


def stream(seed: int, count: int, size: int) -> bytes:
    """Messages of every kind, and what is none."""
    dice, parts = random.Random(seed), []
    for number in range(count):
        kind = dice.randrange(20)
        if kind == 0:
            parts.append(dice.randbytes(dice.randrange(1, 200)) + b"\n")
        elif kind == 1:
            parts.append(b"\r\n" * dice.randrange(1, 3))
        else:
            parts.append(call(number, text="\u00e4x" * dice.randrange(1, size)))
    return b"".join(parts) + b"no line end"


def test_every_byte_comes_through_both_ways(tmp_path: Path) -> None:
    data = stream(1, 2000, 300)
    with Relay(tmp_path / "log.jsonl", *server("echo")) as relay:
        assert relay.through(data) == data
        assert relay.end() == 0
    found = messages(relay.log)
    expected = [one for one in data.split(b"\n") if one.strip()]
    for direction in ("to-server", "to-client"):
        own = [row for row in found if row["direction"] == direction]
        assert [row["size"] for row in own] == [len(one) + (one is not expected[-1]) for one in expected]
    assert [row["number"] for row in found] == [*range(1, len(found) + 1)]
    assert rows(relay.log)[-1]["end"] == "closed"


@pytest.mark.slow
def test_a_hundred_megabytes_in_fifty_thousand_messages(tmp_path: Path) -> None:
    data = b"".join(call(number, text="x" * 2000) for number in range(50_000))
    assert len(data) > 100_000_000
    with Relay(tmp_path / "log.jsonl", *server("echo"), options=("--max-bytes", "1000000000")) as relay:
        assert hashlib.sha256(relay.through(data)).digest() == hashlib.sha256(data).digest()
        assert relay.end() == 0
    found = messages(relay.log)
    assert len(found) == 100_000
    assert sum(row["size"] for row in found) == 2 * len(data)


def test_a_call_and_its_answer(tmp_path: Path) -> None:
    options = ("--name", "acme", "--client", "cursor")
    with Relay(tmp_path / "log.jsonl", *server("talk"), options=options) as relay:
        for key, tool in ((1, "search"), (2, "fails"), (3, "unknown")):
            relay.say(call(key, tool, query="x"))
            relay.answer()
        relay.say(line({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        assert relay.end() == 0
    header, *found, end = relay.rows()
    assert (header["format"], header["name"], header["client"]) == ("mcpaudit/record-v1", "acme", "cursor")
    assert header["server"].endswith("plain_server.py")
    shown = [(row["tool"], row["id"], row["response"], row["request"], row["error"]) for row in found]
    assert shown == [
        ("search", "1", False, None, ""),
        ("search", "1", True, 1, ""),
        ("fails", "2", False, None, ""),
        ("fails", "2", True, 3, "tool"),
        ("unknown", "3", False, None, ""),
        ("unknown", "3", True, 5, "protocol"),
        ("", "", False, None, ""),
    ]
    assert all((row["duration"] is not None) == row["response"] for row in found)
    assert (end["end"], end["unanswered"]) == ("closed", 0)
    assert relay.log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_is_the_servers(tmp_path: Path, code: int) -> None:
    with Relay(tmp_path / "log.jsonl", *server("exit", str(code))) as relay:
        assert relay.process.wait(20) == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_server_that_dies_of_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with Relay(tmp_path / "log.jsonl", *server("die", str(int(number)))) as relay:
        assert relay.process.wait(20) == -number
    assert rows(relay.log)[-1]["end"] == "closed"


@pytest.mark.parametrize(("program", "code"), [("/none/such", 127), ("/", 126)])
def test_a_server_that_cannot_be_started(tmp_path: Path, program: str, code: int) -> None:
    with Relay(tmp_path / "log.jsonl", program) as relay:
        assert relay.process.wait(20) == code
        assert f"{program} cannot be started" in relay.told()
        assert relay.output.read() == b""


def test_signals_are_passed_on_once(tmp_path: Path) -> None:
    file = tmp_path / "signals"
    with Relay(tmp_path / "log.jsonl", *server("told", str(file))) as relay:
        relay.output.readline()
        for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            relay.process.send_signal(number)
            assert until(lambda number=number: file.exists() and number.name in file.read_text())
        assert relay.process.wait(20) == 7
    assert file.read_text().split() == ["SIGUSR1", "SIGINT", "SIGHUP", "SIGTERM"]


def test_what_the_server_finds_around_it_is_the_clients(tmp_path: Path) -> None:
    log, own = tmp_path / "log.jsonl", {"API_TOKEN": "t"}
    with Relay(log, *server("env", "a b", "-x", "--", "ü"), env=own, cwd=tmp_path) as relay:
        env, cwd, words = json.loads(relay.output.readline())
    assert (env["API_TOKEN"], cwd, words) == ("t", str(tmp_path), ["a b", "-x", "--", "ü"])


def test_standard_error_is_the_servers_own(tmp_path: Path) -> None:
    with Relay(tmp_path / "log.jsonl", *server("complain")) as relay:
        assert relay.end() == 0
        assert relay.told() == "own words\n"


def test_a_client_that_only_closes_its_input_gets_the_rest(tmp_path: Path) -> None:
    with Relay(tmp_path / "log.jsonl", *server("half")) as relay:
        assert relay.through(b"abc" * 100_000) == b"cba" * 100_000
        assert relay.end() == 0


def test_a_client_that_reads_no_more_is_seen_by_the_server(tmp_path: Path) -> None:
    with Relay(tmp_path / "log.jsonl", *server("write-for-ever")) as relay:
        relay.output.readline()
        relay.output.close()
        assert relay.process.wait(20) == 9


def test_a_server_that_reads_no_more_is_seen_by_the_client(tmp_path: Path) -> None:
    with Relay(tmp_path / "log.jsonl", *server("deaf")) as relay:
        relay.output.readline()

        def refused() -> bool:
            try:
                os.write(relay.input.fileno(), b"x" * 100)
            except BrokenPipeError:
                return True
            return False

        assert until(refused)


def test_a_client_that_dies_leaves_no_server(tmp_path: Path) -> None:
    file = tmp_path / "who"
    with Relay(tmp_path / "log.jsonl", *server("stay", str(file))) as relay:
        assert until(file.exists)
        relay.say(call(1))
        relay.answer()
        relay.input.close()
        relay.output.close()
        relay.process.wait(20)
        own = [int(one) for one in file.read_text().split()]
        assert until(lambda: not any(map(lives, own)))
    assert rows(relay.log)[-1]["end"] == "closed"


def test_a_relay_that_is_killed_leaves_no_server(tmp_path: Path) -> None:
    file = tmp_path / "who"
    with Relay(tmp_path / "log.jsonl", *server("stay", str(file))) as relay:
        assert until(lambda: file.exists() and file.read_text())
        relay.say(call(1))
        relay.answer()
        below = [*children(relay.process.pid)]
        relay.process.kill()
        relay.process.wait()
        own = {int(one) for one in file.read_text().split()}
        assert own <= {*below}
        assert until(lambda: not any(map(lives, below)))


def test_what_a_server_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    file = tmp_path / "who"
    with Relay(tmp_path / "log.jsonl", *server("leave", str(file))) as relay:
        assert relay.end() == 0
        assert until(lambda: not lives(int(file.read_text())))


@pytest.mark.parametrize("seed", range(6))
def test_ends_killed_at_random_points(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    with Relay(tmp_path / "log.jsonl", *server("talk"), options=("--max-bytes", "20000")) as relay:
        relay.say(call(0))
        relay.answer()
        below = [*children(relay.process.pid)]
        for key in range(1, dice.randrange(2, 200)):
            relay.say(call(key, text="x" * dice.randrange(2000)))
        time.sleep(dice.random() / 20)
        victim = dice.choice(["relay", "server", "client"])
        if victim == "relay":
            relay.process.kill()
        elif victim == "server":
            # The guard comes first.
            os.kill(max(below), signal.SIGKILL)
        else:
            relay.input.close()
            relay.output.close()
        relay.process.wait(20)
        assert until(lambda: not any(map(lives, below)))
    for log in tmp_path.glob("*.jsonl"):
        first, *rest = rows(log)
        assert first["format"] == "mcpaudit/record-v1"
        assert victim == "relay" or "end" in rest[-1]


def test_a_fault_of_the_recording_stops_no_message() -> None:
    class Broken:
        def note(self, *_: Any) -> None:
            raise RuntimeError

        flush = note

    told: list[str] = []
    recorder: Any = Broken()
    process: Any = None
    relay = _Relay(process, recorder, told.append)
    (ours, source), (sink, theirs) = os.pipe(), os.pipe()
    os.write(source, call(1))
    os.write(source, call(2))
    os.close(source)
    assert relay._pump(ours, theirs, "to-server")
    assert os.read(sink, 10_000) == call(1) + call(2)
    assert len(told) == 1
    assert "Messages are still passed on" in told[0]
