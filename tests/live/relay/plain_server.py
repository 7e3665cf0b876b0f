"""A small program at the other end of a relay that behaves as its first argument says."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def say(text: str) -> None:
    """One line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def echo() -> None:
    """Give every byte back."""
    while chunk := os.read(0, 65536):
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(1, rest) :]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    tool = request.get("params", {}).get("name")
    if tool == "fails":
        return {"result": {"content": [], "isError": True}}
    if tool == "unknown":
        return {"error": {"code": -32602, "message": "no such tool"}}
    return {"result": {"content": [{"type": "text", "text": "done"}]}}


def talk() -> None:
    """Answer every request."""
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except ValueError:
            continue
        if "id" in request and "method" in request:
            say(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer(request)}))


def stay(file: str) -> None:
    """Ignore all that is meant to end it, as does a child of its own; both say who they are."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(120)"
    child = subprocess.Popen([sys.executable, "-ISc", code])
    Path(file).write_text(f"{os.getpid()} {child.pid}")
    talk()
    time.sleep(120)


def leave(file: str) -> None:
    """End, and leave behind a child that holds nothing."""
    nothing = subprocess.DEVNULL
    words = [sys.executable, "-ISc", "import time; time.sleep(120)"]
    child = subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing)
    Path(file).write_text(str(child.pid))


def told(file: str) -> None:
    """Write down each signal, and end at the last one."""

    def came(number: int, frame: object) -> None:
        with Path(file).open("a") as log:
            log.write(f"{signal.Signals(number).name}\n")
        if number == signal.SIGTERM:
            sys.exit(7)

    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, came)
    say("ready")
    while True:
        time.sleep(0.05)


def deaf() -> None:
    """Close the input."""
    os.close(0)
    say("closed")
    time.sleep(120)


def write_for_ever() -> None:
    """Write until nobody reads; the exit code says how that was told."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        while True:
            os.write(1, b"x" * 1000 + b"\n")
    except BrokenPipeError:
        sys.exit(9)


def half() -> None:
    """Answer only once the input has ended."""
    data = sys.stdin.buffer.read()
    time.sleep(0.3)
    sys.stdout.buffer.write(data[::-1])


KINDS: dict[str, Any] = {
    "echo": echo,
    "talk": talk,
    "stay": stay,
    "leave": leave,
    "told": told,
    "deaf": deaf,
    "write-for-ever": write_for_ever,
    "half": half,
    "exit": lambda code: sys.exit(int(code)),
    "die": lambda number: os.kill(os.getpid(), int(number)),
    "complain": lambda: [sys.stderr.write("own words\n"), talk()],
    "env": lambda: say(json.dumps([dict(os.environ), str(Path.cwd()), sys.argv[2:]])),
}

if __name__ == "__main__":
    KINDS[sys.argv[1]](*sys.argv[2:] if sys.argv[1] != "env" else ())
