"""Servers that hang, lie, flood or stay: each costs its own place in the list, and no other."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.hostile import HOSTILE
from tests.live.running import Live, gone, odd

NOT_UNDERSTOOD = "(one line on its standard output that no client understands)"


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        ("junk", "junk", f"it writes what is no MCP message, and gave no answer {NOT_UNDERSTOOD}"),
        ("deep", "junk", f"it writes what is no MCP message, and gave no answer {NOT_UNDERSTOOD}"),
        ("silent", "no-answer", "it gave no answer within 1 s"),
        ("wrong-ids", "no-answer", "it gave no answer within 1 s"),
    ],
)
def test_no_answer_within_the_time(live: Live, kind: str, outcome: str, reason: str) -> None:
    row = live.install(one=odd(kind)).rows(timeout=1)["one"]
    assert (row["outcome"], row["reason"]) == (outcome, reason)


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        ("junk-for-ever", "junk", "over 1000 lines on its standard output are no MCP messages"),
        ("exits", "exited", "it exited with code 3 and no answer"),
        ("one-endless-message", "over-limit", "one message is over 8 MiB"),
        ("endless-complaints", "over-limit", "it wrote over 16 MiB to its standard error"),
        ("many-tools 5001", "over-limit", "its list has over 5000 tools"),
        ("long", "over-limit", "its list is over 4 MiB"),
        ("same-cursor", "repeated-cursor", "its pages lead in a circle: it gave the same cursor twice"),
        ("changing", "list-changed", "its list changes while it is read, so that no page fits another"),
        ("no-list", "refused", "its answer is not what MCP says, at tools: Input should be a valid list"),
        ("nameless", "refused", "its answer is not what MCP says, at tools.0.name: Field required"),
    ],
)
def test_a_clear_reason(live: Live, kind: str, outcome: str, reason: str) -> None:
    row = live.row(*kind.split())
    assert (row["outcome"], row["reason"], row["tools"]) == (outcome, reason, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("pages-for-ever", "its list has over 1000 pages"),
        ("endless-messages", "it sent over 5000 messages"),
        ("many-tools", "its list has over 5000 tools"),
    ],
)
def test_a_clear_reason_that_takes_a_while(live: Live, kind: str, reason: str) -> None:
    row = live.row(
        kind,
    )
    assert (row["outcome"], row["reason"]) == ("over-limit", reason)


def test_a_hanging_server_keeps_no_other_from_being_listed(live: Live) -> None:
    live.install(a=odd("silent"), b=odd("junk"), c=odd("good"), d=odd("exits"), e=odd("modern"))
    rows = live.rows("--jobs", "2", timeout=1)
    assert [name for name, row in rows.items() if row["outcome"] == "listed"] == ["c", "e"]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
@pytest.mark.parametrize("kind", ["stays", "leaves"])
def test_all_that_it_started_is_ended(live: Live, kind: str) -> None:
    file = live.folder / "pids"
    assert live.row(kind, str(file))["outcome"] == "listed"
    pids = [int(pid) for pid in file.read_text().split()]
    assert pids
    assert all(gone(pid) for pid in pids)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_all_is_ended_when_mcpaudit_is_told_to_end(live: Live, how: int) -> None:
    file = live.folder / "pids"

    def stop() -> None:
        while not (file.exists() and file.read_text()):
            time.sleep(0.02)
        os.kill(os.getpid(), how)

    live.install(one=odd("stays", str(file)), two=odd("silent"))
    threading.Thread(target=stop, daemon=True).start()
    assert live.list("--jobs", "1") == 130
    assert all(gone(int(pid)) for pid in file.read_text().split())


def test_hostile_names_are_kept_as_they_are_and_do_no_harm(live: Live) -> None:
    # Half of a surrogate pair is no JSON text to the SDK, which then understands nothing.
    names = [name for name in HOSTILE.values() if name != HOSTILE["surrogate"]] + ["x" * 100_000]
    file = live.folder / "names.json"
    file.write_text(json.dumps(names))
    live.install(one=odd("named-in", str(file)), **{name: odd("exits") for name in HOSTILE.values()})
    assert live.list("--save", str(live.folder / "saved"), "--update-lock") == 1
    assert all(line.isprintable() for line in (live.out + live.err).split("\n"))
    saved = json.loads((live.folder / "saved/one.json").read_text())
    assert [one["name"] for one in saved["tools"]] == names
    words = ["--home", str(live.folder / "home"), "--manifests", str(live.folder / "saved")]
    assert live.command("lock", str(live.project), "--home", str(live.folder / "home"), "--check") == 0
    assert live.command("check", str(live.project), *words) in (0, 1)


@pytest.mark.slow
def test_gigabytes_from_many_servers_take_little_memory(tmp_path: Path) -> None:
    kinds = ("one-endless-message", "endless-complaints", "junk-for-ever", "endless-messages", "many-tools")
    live = Live(tmp_path, None).install(**{kind: odd(kind) for kind in kinds})
    words = ["live", "list", "--yes", "--jobs", "5", "--timeout", "60"]
    site = ["--path", str(live.project), "--home", str(tmp_path / "home")]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    done = subprocess.run(
        [sys.executable, "-m", "mcpaudit", *words, *site],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 1, done.stderr
    assert "Listed 0 of 5 servers" in done.stdout
