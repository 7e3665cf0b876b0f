"""Lines for a terminal: wrapped, indented, perhaps coloured, and always escaped."""

import textwrap
from typing import Literal

from mcpaudit.report.escape import clip, line_of_log, terminal, terminal_prose

Style = Literal["bold", "dim", "red", "amber", "blue", "green"]

_CODES: dict[str, str] = {"bold": "1", "dim": "2", "red": "1;31", "amber": "33", "blue": "34", "green": "32"}
_NARROWEST = 40
_LONGEST = 4_000


class Page:
    """A growing text. What is written to it needs no escaping: nothing gets in unescaped."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width = max(width, _NARROWEST)
        self.colour = colour
        self.lines: list[str] = []

    def write(
        self, text: str, indent: int = 0, *, label: str = "", style: Style | None = None, hang: int = 0
    ) -> None:
        """A paragraph, perhaps behind a label; only the label is coloured if there is one."""
        self.lines += self.wrapped(text, indent, label=label, style=style, hang=hang)

    def wrapped(
        self, text: str, indent: int = 0, *, label: str = "", style: Style | None = None, hang: int = 0
    ) -> list[str]:
        """The lines of a paragraph, without writing it."""
        if len(label) > self.width // 2:
            label, text = "", f"{label.rstrip()} {text}"
        # A label may end with a blank that parts it further from the text.
        shown = terminal_prose(label.rstrip(" ")) + " " * (len(label) - len(label.rstrip(" ")))
        first = " " * indent + (f"{shown} " if label else "")
        lines = textwrap.wrap(
            terminal_prose(clip(text, _LONGEST)),
            self.width,
            initial_indent=first,
            subsequent_indent=" " * (hang or indent),
            break_on_hyphens=False,
        ) or [first.rstrip()]
        lines = [line_of_log(line) for line in lines]
        if style and label:
            lines[0] = lines[0].replace(shown, self.paint(shown, style), 1)
        elif style:
            lines = [self.paint(line, style) for line in lines]
        return lines

    def verbatim(self, text: str) -> None:
        """Lines that are to be copied: neither wrapped nor joined."""
        self.lines += [terminal(line) for line in text.splitlines()]

    def heading(self, text: str) -> None:
        """A heading with a blank line above it."""
        self.gap()
        self.lines.append(self.paint(text.upper(), "bold"))

    def gap(self) -> None:
        """One blank line, however often it is asked for."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def paint(self, text: str, style: Style) -> str:
        """The text in a style, where colours are wanted."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour else text

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines) + "\n"
