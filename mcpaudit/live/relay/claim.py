"""Marks a log as being written, so that two relays of one server never write the same file."""

import os
import sys


def claimed(file: int) -> bool:
    """Whether this process may write the open file until it closes it: no other relay does."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # Windows locks bytes against reading, too; so it is one that no log reaches.
            os.lseek(file, 2**62, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: better a log that two may write than none.
        return sys.platform != "win32"
    return True
