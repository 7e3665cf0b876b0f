"""Whether something is there, as far as one may know: a folder that may not be searched is no crash.

Before Python 3.14 `pathlib` raises PermissionError where it answers no since.
"""

from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether it is a folder; a folder that may not be listed is one."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether it is a file, or leads to one."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Whether there is anything."""
    try:
        return path.exists()
    except OSError:
        return False
