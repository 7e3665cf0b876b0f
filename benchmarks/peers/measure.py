"""One run of a whole command: wall and CPU seconds, peak memory, what it left.

A process of its own starts the command and watches it: a child's peak memory counts what its parent held when
it was started, so that parent has to be a small one.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT = 150.0
"""Seconds of wall time that a run may take."""
MEMORY = 3 << 30
"""Bytes that it may hold, so that a runaway does not take the machine along."""
_PAUSE = 0.005


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `stopped` says why it was not let finish."""

    wall: float
    cpu: float
    mib: float
    code: int
    stopped: str
    texts: dict[str, str]


def offline() -> list[str]:
    """What puts a command into a network without any connection; nothing where that is not allowed."""
    for words in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*words, "true"], capture_output=True).returncode == 0:
            return words
    return []


def cores() -> int:
    return len(os.sched_getaffinity(0))


def run(command: list[str], *, project: Path, home: Path, path: str, scratch: Path) -> Run:
    """Run it in an environment that holds HOME and PATH alone."""
    report, usage = scratch / "report.json", scratch / "usage"
    report.unlink(missing_ok=True)
    words = [word.format(out=report) for word in command]
    env = {"HOME": str(home), "PATH": f"{path}:{os.environ['PATH']}", "LANG": "C.UTF-8", "NO_COLOR": "1"}
    with (scratch / "stdout").open("w") as out, (scratch / "stderr").open("w") as err:
        watcher = [sys.executable, "-I", "-S", __file__, str(usage), *words]
        subprocess.run(
            watcher, cwd=project, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True
        )
    texts = {"file": _text(report), "stdout": _text(scratch / "stdout"), "stderr": _text(scratch / "stderr")}
    return Run(**json.loads(_text(usage)), texts=texts)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def watch(words: list[str]) -> dict[str, float | int | str]:
    """Start the command, wait for it, and stop it at the limits."""
    start = time.perf_counter()
    child = subprocess.Popen(words, start_new_session=True)
    stopped = ""
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        wall = time.perf_counter() - start
        if pid:
            break
        if not stopped and (stopped := _why_stop(child.pid, wall)):
            os.killpg(child.pid, 9)
        time.sleep(_PAUSE)
    cpu, mib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return {
        "wall": wall,
        "cpu": cpu,
        "mib": mib,
        "code": os.waitstatus_to_exitcode(status),
        "stopped": stopped,
    }


def _why_stop(pid: int, wall: float) -> str:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        pages = 0
    if pages * os.sysconf("SC_PAGE_SIZE") > MEMORY:
        return f"over {MEMORY >> 30} GiB"
    return f"over {LIMIT:.0f} s" if wall > LIMIT else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(watch(sys.argv[2:])))
