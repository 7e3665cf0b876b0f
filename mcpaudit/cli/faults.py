"""What the machine does to a run: a full disk, no memory, a closed output. Each is told as one sentence."""

import contextlib
import errno
import io
import os
import sys

import click

_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
_ELSEWHERE = (*_OUTPUT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES)
# What the loader of shared libraries says when there is no memory left for one.
_NO_ROOM = "failed to map segment"


def machine_fault(error: Exception) -> str:
    """What has failed, where that was the machine; empty where it was mcpaudit."""
    if isinstance(error, MemoryError) or (isinstance(error, ImportError) and _NO_ROOM in str(error)):
        return "there is not enough memory"
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        # A module that cannot be opened for want of files is first of all no module.
        cause = cause.__cause__ or cause.__context__
    if cause is None or cause.errno not in _ELSEWHERE:
        return ""
    if cause.filename is None and cause.errno in _OUTPUT:
        return f"cannot write to standard output: {cause.strerror}"
    return f"{cause.strerror}: {os.fsdecode(cause.filename)}" if cause.filename else f"{cause.strerror}"


def hold_standard_streams() -> None:
    """Take the places of closed standard streams, so that no file of ours gets their numbers.

    Each is opened the wrong way round: what is written there fails, and is not lost without a word. What goes
    to a file or a pipe is UTF-8 in every locale; a terminal gets what it can show.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", line_buffering=True)
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def tell(text: str) -> None:
    """Say something on standard error, as far as there is one."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def let_go() -> None:
    """Keep the interpreter from complaining, at its end, of what can no longer be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
