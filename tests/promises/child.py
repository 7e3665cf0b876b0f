"""Runs many command lines in one process under a guard; given on standard input, told on standard output.

An audit hook (PEP 578) sees what Python code opens, starts, connects to and changes, and cannot be taken
out again; what it forbids it notes first, so that no `except` of the program can hide it.
"""

import hashlib
import io
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

STARTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile",
          "pty.spawn", "os.kill", "webbrowser.")  # fmt: skip
CONTACTS = ("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.", "poplib.", "imaplib.", "sqlite3.")
# Told for a socket that is only made, as asking for an unused class of `http.server` does.
QUIET = ("socket.__new__",)
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink",
           "os.truncate", "os.utime", "os.setxattr", "os.removexattr")  # fmt: skip
MAKES_SECOND = ("os.link", "os.symlink")
LISTS = ("os.listdir", "os.scandir")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """What is forbidden, and what was done nevertheless."""

    def __init__(self, reads: list[str], here: str) -> None:
        self.reads = (here, *reads)
        self.trap = (f"{here}/trap",)
        self.scratch = f"{here}/tmp"
        self.writes: tuple[str, ...] = ()
        self.deeds: list[str] = []
        self.watched = 0
        self.on = False

    def __call__(self, event: str, words: Any) -> None:
        if not self.on:
            return
        self.watched += 1
        if event.startswith(STARTS):
            self._forbid(f"started a process: {event} {words[:1]}")
        elif event.startswith(CONTACTS) and event not in QUIET:
            self._forbid(f"used the network: {event}")
        elif event == "open":
            self._open(*words)
        elif event in LISTS:
            self._read(words[0])
        elif event in CHANGES:
            self._change(event, words)

    def _open(self, path: Any, mode: Any, flags: int) -> None:
        if isinstance(path, int):
            return
        if set(mode or "") & set("wax+") or flags & WRITING:
            self._write("wrote", path)
        else:
            self._read(path)

    def _change(self, event: str, words: Any) -> None:
        # What is named from an open folder, as `shutil.rmtree` does.
        folder = words[1] if event in ("os.remove", "os.rmdir") else -1
        above = Path(f"/proc/self/fd/{folder}").readlink() if folder != -1 and Path("/proc").exists() else ""
        changed = words[:2] if event == "os.rename" else words[1:2] if event in MAKES_SECOND else words[:1]
        for path in changed:
            # A folder above an output may be made, or be there.
            whole = f"{above}/{os.fsdecode(path)}" if above else path
            if not isinstance(path, int) and not (event == "os.mkdir" and self._above_output(whole)):
                self._write(event, whole, itself=True)

    def _above_output(self, path: Any) -> bool:
        whole = os.path.realpath(os.fsdecode(path))
        return any(one.startswith(f"{whole}/") for one in self.writes)

    def _write(self, how: str, path: Any, itself: bool = False) -> None:
        """A link that is removed is gone itself; one that is written to leads elsewhere."""
        given = Path(os.fsdecode(path)).absolute()
        whole = str(Path(os.path.realpath(given.parent)) / given.name if itself else os.path.realpath(given))
        if not _below(whole, self.writes) and not _below(whole, (self.scratch,)) and whole != os.devnull:
            self._forbid(f"{how} {whole}")

    def _read(self, path: Any) -> None:
        if isinstance(path, int):
            return
        whole = os.path.realpath(os.fsdecode(path if path is not None else "."))
        if _below(whole, self.trap) or not (_below(whole, self.reads) or whole in sys.path):
            self.deeds.append(f"read {whole}")

    def _forbid(self, deed: str) -> None:
        self.deeds.append(deed)
        raise PermissionError(f"the guard forbids it: {deed}")


def _below(path: str, allowed: tuple[str, ...]) -> bool:
    """Whether it is one of these, lies in one, leads to one, or is the temporary file beside one."""
    above, _, name = path.rpartition("/")
    return any(
        path == one
        or path.startswith(f"{one}/")
        or (above == one.rpartition("/")[0] and name.startswith(f".{one.rpartition('/')[2]}."))
        for one in allowed
    )


def main() -> None:
    asked = json.load(sys.stdin)
    here = str(Path.cwd().resolve())
    guard = Guard(asked["reads"], here)
    sys.dont_write_bytecode = True
    sys.addaudithook(guard)
    out, err = sys.stdout, sys.stderr
    told = []
    for run in asked["runs"]:
        guard.writes = tuple(f"{here}/{name.rstrip('/')}" for name in run["writes"])
        guard.deeds, guard.watched = [], 0
        sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in "12")
        start = time.process_time()
        guard.on = True
        try:
            from mcpaudit.cli.main import run as carried_out

            code = carried_out(run["words"])
        except Exception:
            code = -1
            sys.stderr.write(traceback.format_exc())
        guard.on = False
        texts = []
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            texts.append(stream.buffer.getvalue())
        sys.stdout, sys.stderr = out, err
        told.append(
            {
                "code": code,
                "deeds": guard.deeds,
                "watched": guard.watched,
                "out": hashlib.sha256(texts[0]).hexdigest(),
                "size": len(texts[0]),
                "err": texts[1].decode("utf-8", "replace")[-2000:],
                "seconds": round(time.process_time() - start, 2),
            }
        )
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
