"""Reads logs line by line in bounded memory."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from mcpaudit.usage.limits import MAX_LINE
from mcpaudit.usage.tally import FileTally

Record = dict[str, object]

LONG = f"a record over {MAX_LINE // 2**20} MiB that may hold a call"
BROKEN = "a line that is no record"
CUT = "the file ends within a record"


def lines(stream: BinaryIO, tally: FileTally, marks: tuple[bytes, ...]) -> Iterator[bytes]:
    """The lines of a log. One that is too long is passed over, and told where it holds one of the `marks`,
    without which no line of that format speaks of a call.
    """
    longest = max(map(len, marks))
    while line := stream.readline(MAX_LINE):
        if line.endswith(b"\n") or len(line) < MAX_LINE:
            yield line
            continue
        found, tail = False, b""
        while line:
            found = found or any(mark in tail + line for mark in marks)
            if line.endswith(b"\n"):
                break
            tail = line[-longest:]
            line = stream.readline(MAX_LINE)
        if found:
            tally.unread(LONG)


def records(stream: BinaryIO, tally: FileTally, *marks: bytes) -> Iterator[Record]:
    """The JSON objects of a log with one a line."""
    for line in lines(stream, tally, marks):
        text = line.strip()
        if not text:
            continue
        try:
            value = json.loads(text.decode())
        except (ValueError, RecursionError):
            tally.unread(BROKEN if line.endswith(b"\n") else CUT)
            continue
        if isinstance(value, dict):
            yield value
        else:
            tally.unread(BROKEN)


def part(value: object, *keys: str) -> object:
    """What stands under a chain of keys; `None` where something is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: object, *keys: str) -> str:
    """The text under a chain of keys; empty where there is none."""
    found = part(value, *keys)
    return found if isinstance(found, str) else ""


def elements(value: object, *keys: str) -> list[object]:
    """The list under a chain of keys; empty where there is none."""
    found = part(value, *keys)
    return found if isinstance(found, list) else []
