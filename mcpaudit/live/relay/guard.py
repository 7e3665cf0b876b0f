"""Sees to it that no process of a server outlives its relay, even one that is killed at once.

A small process of its own waits for the relay's end: the kernel closes the pipe between them however the
relay ends. Then it ends what is left of the server's process group.
"""

import os
import signal
import sys
import time
from contextlib import suppress

GRACE = 2.0
"""Seconds between a request to end and the end by force, as the SDKs of MCP give."""
_POLL = 0.02
_MOST_FILES = 65_536
_DIGITS = 20


class Guard:
    """The relay's end of the pipe; nothing where processes are not groups (Windows)."""

    __slots__ = ("_pipe",)

    def __init__(self) -> None:
        """Start the guard; before any thread, and before the server."""
        self._pipe = -1
        if sys.platform == "win32":
            return
        ours, self._pipe = os.pipe()
        if os.fork() == 0:
            try:
                _wait(ours)
            finally:
                os._exit(0)
        os.close(ours)

    def watch(self, group: int) -> None:
        """Name the process group to be ended with the relay."""
        if self._pipe >= 0:
            with suppress(OSError):
                os.write(self._pipe, str(group).encode())


def _wait(pipe: int) -> None:
    """The guard itself: it holds none of the relay's files open, and no signal for the relay is its own."""
    if sys.platform == "win32":
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    os.dup2(pipe, 3)
    os.closerange(4, min(_MOST_FILES, max(4, os.sysconf("SC_OPEN_MAX"))))
    os.chdir("/")
    told = b""
    while len(told) < _DIGITS and (more := os.read(3, _DIGITS)):
        told += more
    if told:
        _sweep(int(told))


def _sweep(group: int) -> None:
    """End a process group: first ask, then insist."""
    if sys.platform == "win32":
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, how)
        for _ in range(int(GRACE / _POLL)):
            if not lives(group):
                return
            time.sleep(_POLL)


def lives(group: int) -> bool:
    """Whether a process group has a process left."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
