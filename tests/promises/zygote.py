"""Runs many command lines, each in a fork of its own with something broken; the modules are loaded once.

What is broken: standard streams, limits, signals, variables, the folder, the rights. What the interpreter
does at its end belongs to it: each fork ends as a program does. Cases come as lines of JSON, a list each.
"""

import ctypes
import io
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mcpaudit.__main__
from tests.promises.commands import commands

CHANGES = ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod")
WRITING = os.O_WRONLY | os.O_RDWR


def counted(act: Callable[[int], None], changes_only: bool) -> Callable[[str, Any], None]:
    """An audit hook that calls `act` with the number of each event, or of each that changes files."""
    seen = 0

    def hook(event: str, words: Any) -> None:
        nonlocal seen
        changes = event in CHANGES or (event == "open" and words[2] & WRITING)
        if changes or not changes_only:
            seen += 1
            act(seen)

    return hook


def prepared(case: dict[str, Any], out: int, err: int, count: int) -> None:
    """Break what the case wants broken, in this process."""
    os.environ.update(case["environment"])
    for name in case.get("unset", ()):
        os.environ.pop(name, None)
    os.chdir(Path(case["folder"], case.get("cwd", ".")))
    if case.get("gone"):
        Path.cwd().rmdir()
    if "umask" in case:
        os.umask(case["umask"])
    if case.get("powerless"):
        give_up_capabilities()
    os.dup2(out, 1)
    os.dup2(err, 2)
    for number, target in case.get("streams", {}).items():
        if target == "broken pipe":
            reader, writer = os.pipe()
            os.close(reader)
            os.dup2(writer, int(number))
        elif target == "closed":
            os.close(int(number))
        else:
            os.dup2(os.open(target, os.O_RDWR), int(number))
    for number, name in ((1, "stdout"), (2, "stderr")):
        # What the interpreter makes of them when it starts.
        closed = case.get("streams", {}).get(str(number)) == "closed"
        stream = None if closed else io.TextIOWrapper(io.FileIO(number, "w", closefd=False), "utf-8")
        setattr(sys, name, stream)
    for name, most in case.get("limits", {}).items():
        most += used() if name == "RLIMIT_AS" else 0
        resource.setrlimit(getattr(resource, name), (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if case.get("killed_by_size") else signal.SIG_IGN)
    number, at = case.get("signal", 0), case.get("at", 0)
    if number:
        sys.addaudithook(
            counted(lambda n: os.kill(os.getpid(), number) if n == at else None, case["changes"])
        )
    elif case.get("count"):
        sys.addaudithook(counted(lambda n: os.pwrite(count, str(n).encode(), 0) and None, case["changes"]))


def used() -> int:
    """The address space that is taken already."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def give_up_capabilities() -> None:
    """What makes root read and write everything (capset(2), version 3 of its header)."""
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capset(header, none):
        raise OSError("capset failed")


def ended(case: dict[str, Any]) -> dict[str, Any]:
    """Run one case in a fork, and say how it ended."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as count:
        child = os.fork()
        if not child:
            prepared(case, out.fileno(), err.fileno(), count.fileno())
            sys.argv = ["mcpaudit", *case["words"]]
            mcpaudit.__main__.main()
        status = os.waitpid(child, 0)[1]
        texts = []
        for file in (out, err, count):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "out": texts[0], "err": texts[1], "events": int(texts[2] or 0)}


def main() -> int:
    # Written byte code would be counted among the changes.
    sys.dont_write_bytecode = True
    list(commands())
    for line in sys.stdin:
        print(json.dumps([ended(case) for case in json.loads(line)]), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
