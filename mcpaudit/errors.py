"""Everything that can go wrong and is the user's to mend.

    McpauditError
    ├── UsageError            the command line asks for something that cannot be
    ├── ConfigurationError    mcpaudit.yaml, a policy, a profile, a waiver or a baseline is wrong
    │   └── PolicyError       ... a policy file, with every mistake in it
    ├── ReportError           a report file cannot be read back
    ├── ReviewError           a file of a review is not what mcpaudit writes
    └── RevisionError         a git revision cannot be read from its repository

A finding is never an exception, and neither is a file that could not be read: that is a `Gap`.
"""

from collections.abc import Iterable

from mcpaudit.dataclass import dataclass


class McpauditError(Exception):
    """Indicates a mistake that is shown as a sentence and never as a traceback."""


class UsageError(McpauditError):
    """Indicates that the command line cannot be carried out as given."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a file that people write for mcpaudit."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    excerpt: str = ""
    """The beginning of the offending line; shown with a caret under the column, if that is in it."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{where}: {self.message}"]
        # A line can be a megabyte long: so many spaces for each of its mistakes would fill the memory.
        if self.excerpt and self.column <= len(self.excerpt) + 1:
            lines += [f"    {self.excerpt}", f"    {' ' * (self.column - 1)}^"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class ConfigurationError(McpauditError):
    """Indicates mistakes in files written for mcpaudit; all of them at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))


class PolicyError(ConfigurationError):
    """Indicates mistakes in policy files."""


class ReportError(McpauditError):
    """Indicates that a saved report cannot be used: another schema, or not a report."""


class ReviewError(McpauditError):
    """Indicates a file of a review that is not what it should be."""


class RevisionError(McpauditError):
    """Indicates that a git revision cannot be read: it is not there, or its repository is damaged."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word; empty where none is near."""
    # Imported here: only mistakes need it.
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""
