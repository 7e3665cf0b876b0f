"""How fast logs are read, and in how much memory: a session of 100,000 records, and one hostile line.

python benchmarks/usage.py
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

RECORDS = 100_000
TEXT = "Some words of a conversation, as long as most of them are. " * 16
DAY = "2026-11-20T08:00:00.123Z"


def claude() -> Iterator[Any]:
    """A transcript: every fourth record is a call."""
    head = {"sessionId": "s1", "cwd": "/srv/project", "version": "2.1.330", "timestamp": DAY}
    for number in range(RECORDS):
        text = {"type": "text", "text": TEXT}
        call = {"type": "tool_use", "id": f"t{number}", "name": f"mcp__srv{number % 9}__tool{number % 97}"}
        content = [{**call, "input": {"q": TEXT}} if number % 4 == 0 else text]
        yield {**head, "type": "assistant", "uuid": f"{number}", "message": {"content": content}}


def codex() -> Iterator[Any]:
    """A session: every fourth record is a call."""
    yield {"type": "session_meta", "timestamp": DAY, "payload": {"id": "c1", "cwd": "/srv/project"}}
    for number in range(RECORDS):
        item: dict[str, Any] = {"type": "AgentMessage", "content": [{"type": "Text", "text": TEXT}]}
        if number % 4 == 0:
            item = {"type": "McpToolCall", "id": f"c{number}", "server": "srv", "tool": f"tool{number % 97}"}
            item |= {"status": "completed", "result": {"content": [{"type": "text", "text": TEXT}]}}
        yield {"type": "event_msg", "timestamp": DAY, "payload": {"type": "item_completed", "item": item}}


def written(path: Path, records: Iterator[Any]) -> Path:
    """A log with one record a line."""
    with path.open("w") as stream:
        for record in records:
            stream.write(f"{json.dumps(record)}\n")
    return path


PROGRAM = """\
import re, sys, time
from pathlib import Path
from mcpaudit.usage.collect import collect, named
begun = time.process_time()
collect(named([Path(sys.argv[1])]))
print(time.process_time() - begun)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def measured(path: Path) -> tuple[float, float]:
    """CPU seconds of reading, and the peak of memory in MiB, of a process of its own (on Linux)."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, check=True)
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak / 1024


def main() -> None:
    """Print a line for each log."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cases = {
            "nothing": written(folder / "empty.jsonl", iter([{"sessionId": "s", "type": "user"}])),
            "Claude Code": written(folder / "s1.jsonl", claude()),
            "Codex": written(folder / "rollout-1.jsonl", codex()),
            "a line of 4 MB of lists, one of 200 MB": folder / "rollout-2.jsonl",
        }
        with (folder / "rollout-2.jsonl").open("wb") as stream:
            stream.write(b'{"mcp__":[' + b"[]," * 1_390_000 + b"[]]}\n")
            for _ in range(200):
                stream.write(b"x" * 1_000_000)
        for name, path in cases.items():
            seconds, peak = measured(path)
            size = path.stat().st_size / 1e6
            rate = f"{size:6.1f} MB {seconds:6.2f} s {size / seconds:7.1f} MB/s"
            print(f"{name:40} {rate}  peak {peak:5.0f} MiB")


if __name__ == "__main__":
    main()
