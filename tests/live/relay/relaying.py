"""Runs `mcpaudit live record` as a client does: as a child process, with pipes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SERVER = str(Path(__file__).parent / "plain_server.py")


def mcpaudit(*words: str) -> list[str]:
    return [sys.executable, "-m", "mcpaudit", *words]


def server(*words: str) -> list[str]:
    """The command line of a server that behaves so."""
    return [sys.executable, "-sS", SERVER, *words]


def call(key: int, tool: str = "search", **arguments: Any) -> bytes:
    """A `tools/call` as a line."""
    params = {"name": tool, "arguments": arguments}
    return line({"jsonrpc": "2.0", "id": key, "method": "tools/call", "params": params})


def line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


class Relay:
    """One relay with its server, as a client has it."""

    def __init__(self, log: Path, *command: str, options: tuple[str, ...] = (), **more: Any) -> None:
        self.log = log
        words = mcpaudit("live", "record", "--log", str(log), *options, "--", *command)
        env = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, env=env, **more)
        assert self.process.stdin
        assert self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout

    def say(self, *lines: bytes) -> None:
        self.input.write(b"".join(lines))
        self.input.flush()

    def answer(self) -> Any:
        return json.loads(self.output.readline())

    def through(self, data: bytes) -> bytes:
        """All that comes back for all of this."""
        feeder = threading.Thread(target=self._feed, args=(data,))
        feeder.start()
        back = self.output.read()
        feeder.join()
        return back

    def _feed(self, data: bytes) -> None:
        self.input.write(data)
        self.input.close()

    def end(self, timeout: float = 30) -> int:
        """Close the input as a client does, and wait."""
        self.input.close()
        return self.process.wait(timeout)

    def told(self) -> str:
        """What stands on standard error."""
        assert self.process.stderr
        return self.process.stderr.read().decode()

    def rows(self) -> list[Any]:
        return rows(self.log)

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for one in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert one
            one.close()


def rows(log: Path) -> list[Any]:
    """The lines of a log, each a whole one."""
    content = log.read_bytes()
    assert not content or content.endswith(b"\n")
    return [json.loads(one) for one in content.splitlines()]


def messages(log: Path) -> list[Any]:
    return [row for row in rows(log) if "number" in row]


def until(condition: Any, seconds: float = 20) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def children(pid: int) -> Iterator[int]:
    """All processes below one."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [(int(one), int(parent)) for one, parent in (row.split() for row in found.splitlines())]
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        own = [one for one, above in parents if above == parent]
        yield from own
        waiting += own
