"""How much a target may take: a watchdog on processor time, and the folder that a run gets."""

import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.fuzz.target import Target

SECONDS = 2
"""What the promise allows for an input of 1 MB, in seconds of the processor: other work does not count."""
MEMORY = 500 << 20
"""And in bytes."""
_WALL = 30
"""After so many seconds of the clock something waits for what never comes."""


class Hang(AssertionError):  # noqa: N818 - it is what happened, not an error of the tests
    """Indicates that a target took longer than it may."""


@contextmanager
def memory(size: int) -> Iterator[None]:
    """Raises `MemoryError` where the block makes this process so much larger than it is."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def within(seconds: float, wall: float = _WALL) -> Iterator[None]:
    """Raises `Hang` where the block takes more processor time than this, or waits without an end."""

    def late(number: int, frame: FrameType | None) -> None:
        raise Hang(
            f"over {seconds} s of processor time" if number == signal.SIGPROF else f"waits over {wall} s"
        )

    before = [signal.signal(one, late) for one in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, wall)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGALRM, before[1])


def _scratch() -> Path:
    """Where scratch folders go: in memory where that is possible, for each run writes files."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="mcpaudit-fuzz-", dir=memory if memory.is_dir() else None))


def tried(target: Target, raw: bytes, seconds: float = SECONDS, wall: float = _WALL) -> float:
    """Run a target on bytes in a folder of its own; the seconds of processor time that it took."""
    folder = _scratch()
    try:
        began = time.process_time()
        with within(seconds, wall):
            target.run(raw, folder)
        return time.process_time() - began
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def alone(target: Target, raw: bytes, seconds: float) -> str:
    """Run a target in a process of its own with no more memory than is promised; what broke, or nothing.

    What it needs should be imported before: that counts, too.
    """
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            with memory(MEMORY):
                tried(target, raw, seconds, 10 * seconds)
        except BaseException:
            os.write(writes, traceback.format_exc().encode("utf-8", "replace")[-4000:])
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as stream:
        said = stream.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return said or (f"ended with {status}" if status else "")
