"""Nothing is started or contacted that the user has not agreed to."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.running import Live, odd

ROOT = Path(__file__).resolve().parents[2]


def at_terminal(live: Live, answers: str, *words: str) -> tuple[int, str, str]:
    """Run the command with these answers typed: exit code, standard output, what the terminal shows."""
    ours, theirs = pty.openpty()
    home = ["--path", str(live.project), "--home", str(live.folder / "home"), "--timeout", "20"]
    started = subprocess.Popen(
        [sys.executable, "-m", "mcpaudit", "live", "list", *home, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            chunk = b""
        if not chunk:
            break
        seen += chunk
    out = started.communicate()[0]
    os.close(ours)
    return started.returncode, out, seen.decode()


def test_without_a_terminal_and_without_yes_it_refuses(live: Live) -> None:
    file = live.folder / "ran"
    live.install(one=odd("marks", str(file)))
    home = ["--path", str(live.project), "--home", str(live.folder / "home")]
    assert live.command("live", "list", *home) == 2
    assert "there is no terminal: give --yes" in live.err
    assert not file.exists()


class Terminal(io.StringIO):
    """Standard input with somebody behind it."""

    def isatty(self) -> bool:
        return True


def test_a_no_starts_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: live.folder / f"ran-{name}" for name in ("a", "b")}
    live.install(**{name: odd("marks", str(file)) for name, file in files.items()})
    monkeypatch.setattr("sys.stdin", Terminal("n\ny\n"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    home = ["--path", str(live.project), "--home", str(live.folder / "home")]
    assert live.command("live", "list", *home) == 1
    assert [name for name, file in files.items() if file.exists()] == ["b"]
    assert "cursor/a not listed: you did not agree to it" in live.out
    assert "mcpaudit: 1 of 1: cursor/b: 2 tools" in live.err


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "listed"), [("n\ny\n", ["b"]), ("a\n", ["a", "b"]), ("\n\n", [])])
def test_each_is_shown_and_started_only_after_a_yes(live: Live, answers: str, listed: list[str]) -> None:
    files = {name: live.folder / f"ran-{name}" for name in ("a", "b")}
    live.install(**{name: odd("marks", str(file), env={"X": "1"}) for name, file in files.items()})
    code, out, seen = at_terminal(live, answers)
    assert code == (0 if len(listed) == 2 else 1)
    assert [name for name, file in files.items() if file.exists()] == listed
    assert out.startswith(f"Listed {'' if len(listed) == 2 else f'{len(listed)} of '}2 servers")
    assert ("not listed: you did not agree to it" in out) == (len(listed) < 2)
    assert "cursor/a: starts" in seen
    assert f"marks {files['a']}" in seen
    assert "with the variables X=1" in seen
    assert all(f"of {len(listed)}: cursor/{name}: 2 tools" in seen for name in listed)


def test_progress_is_for_terminals_alone(live: Live) -> None:
    live.install(one=odd("good"))
    assert live.list() == 0
    assert "1 of 1" not in live.err


def test_a_command_cannot_hide_itself(live: Live) -> None:
    live.install(**{"x\x1b[2J": odd("good", "\x1b[8mhidden\r")})
    assert live.list() == 0
    assert "\x1b" not in live.err
    assert "\\u001b[8mhidden\\u000d" in live.err
