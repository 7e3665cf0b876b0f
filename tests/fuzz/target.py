"""What hostile bytes are thrown at: one public seam each, and what has to hold there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mcpaudit.errors import ConfigurationError, McpauditError
from mcpaudit.model.gap import Gap


@dataclass(frozen=True, slots=True)
class Target:
    """One seam: it gets bytes and an empty folder, and raises where it breaks its promise."""

    name: str
    shape: str
    """What most of its inputs look like; `worst.py` knows the worst of each."""
    run: Callable[[bytes, Path], None]
    times: int = 1
    """How often it reads the bytes, as after each of several edits."""


def told(gap: Gap, file: str) -> None:
    """A gap that a person can act on: it names its file, and a line where one can be known."""
    assert gap.place.file.startswith(file) or not file, gap
    assert gap.reason.strip(), gap
    assert "\n" not in gap.reason, gap
    assert gap.line >= 0 <= gap.column, gap
    assert not (gap.column and not gap.line), gap


def refused(call: Callable[[], object], file: str = "") -> None:
    """Run something that may say no: with a sentence, and the place where it concerns a file."""
    try:
        call()
    except ConfigurationError as error:
        assert error.mistakes
        for one in error.mistakes:
            assert one.message.strip(), one
            assert file in one.file, one
            assert one.line >= 0 <= one.column, one
    except McpauditError as error:
        assert str(error).strip()
