"""Failures that do not show, each found; and a server that is sound, of which nothing is said."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live.odd_web import web
from tests.live.probe.probing import Probing, bad
from tests.live.probe.test_leaks import shared

# Each waits for what never comes, many times over.
pytestmark = pytest.mark.slow

STDIO = (
    *("own-answer", "unknown-tool", "large-request", "malformed-request", "killed", "stalled"),
    *("half-closed", "backend-down"),
)
RELAYED = (
    *("stalled", "slow", "half-closed", "large-answer", "malformed-answer", "wrong-id", "backend-down"),
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time for failures to show."""
    for module in ("faults", "backend", "relayed"):
        monkeypatch.setattr(f"mcpaudit.live.probe.{module}.PATIENCE", 2.0)
    monkeypatch.setattr("mcpaudit.live.probe.relay.STANDSTILL", 0.2)


def test_a_sound_server(site: Probing) -> None:
    seen = site.install(one=bad("robust-server")).seen("--faults")["one"]
    verdicts = {check: seen[check]["verdict"] for check in STDIO}
    assert verdicts == {**dict.fromkeys(STDIO, "pass"), "backend-down": "cannot-test"}
    assert "asks no backend" in seen["backend-down"]["says"]
    assert "only a time limit of its client shows it" in seen["stalled"]["says"]


@pytest.mark.parametrize(
    ("kind", "check", "verdict", "says"),
    [
        ("never-answers", "own-answer", "hang", "it gave no answer within 2 s"),
        ("malformed-answers", "own-answer", "hang", "what it wrote is no message"),
        ("wrong-id-answers", "own-answer", "hang", "an id that nobody asked with"),
        ("over-large-answers", "own-answer", "fail", "one message is over 8 MiB"),
        ("ends-at-calls", "own-answer", "crash", "it ended instead of answering"),
        ("any-tool", "unknown-tool", "silent-success", "a tool that it does not have"),
        ("any-tool-empty", "unknown-tool", "silent-empty", "a tool that it does not have"),
        ("ends-at-nonsense", "malformed-request", "crash", "it ends at a line that is no JSON"),
        ("deaf-after-nonsense", "malformed-request", "hang", "it answers nothing any more"),
        ("deaf-after-much", "large-request", "hang", "no answer to a request of 1 MiB"),
        ("outlived", "killed", "hang", "its connection stays open without an answer"),
        ("deaf-after-standstill", "stalled", "hang", "does not answer any more"),
    ],
)
def test_each_failure_is_found(site: Probing, kind: str, check: str, verdict: str, says: str) -> None:
    row = site.install(one=bad(kind)).seen("--faults")["one"][check]
    assert (row["verdict"], says in row["says"]) == (verdict, True), row["says"]


def test_a_slow_answer_is_timed(site: Probing) -> None:
    row = site.install(one=bad("slow-answers")).seen("--faults")["one"]["own-answer"]
    assert row["verdict"] == "pass"
    assert row["milliseconds"] >= 1000


@contextmanager
def service() -> Iterator[str]:
    """What stands behind a server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    listening.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("backend-said", "pass"),
        ("backend-empty", "silent-empty"),
        ("backend-stale", "silent-success"),
        ("backend-hang", "hang"),
    ],
)
def test_a_backend_that_is_gone(site: Probing, kind: str, verdict: str) -> None:
    with service() as url:
        row = site.install(one=bad(kind, env={"BACKEND_URL": url})).seen("--faults")["one"]["backend-down"]
    assert (row["verdict"], row["tool"]) == (verdict, "list_notes"), row["says"]


def test_a_remote_server_through_a_relay(site: Probing) -> None:
    with shared(leaking=False) as url:
        seen = site.install(one={"url": url}).seen("--faults", timeout=4)["one"]
    assert {check: seen[check]["verdict"] for check in RELAYED} == dict.fromkeys(RELAYED, "pass")
    assert seen["backend-down"]["says"].startswith("it shows as an error")
    assert seen["stalled"]["says"].startswith("only a time limit of its client shows it")
    assert seen["slow"]["says"].startswith("it is answered all the same")
    assert "malformed-request" not in seen


def test_a_remote_server_that_does_not_get_over_it(site: Probing) -> None:
    """It counts its requests, and has had enough in the midst of the faults."""
    with web() as state:
        site.install(one={"url": f"{state.url}/tires"})
        seen = site.seen("--faults", timeout=2)["one"]
    assert seen["reachable"]["verdict"] == "pass"
    assert seen["backend-down"]["verdict"] == "fail"
    assert "could not be reached for this" in seen["backend-down"]["says"]
