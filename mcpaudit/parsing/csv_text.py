"""CSV with the place of every cell: RFC 4180, and what spreadsheets make of it when they save.

Spreadsheets put a semicolon or a tab between cells where the comma is the decimal sign, drop quotation marks
that are not needed and end lines in any way. The first line says which separator it is.
"""

import re
from collections.abc import Iterator

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.document import Malformed

SEPARATORS = (",", ";", "\t")
_MOST_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its line and column, both from 1."""

    text: str
    line: int
    column: int


def rows(text: str) -> Iterator[tuple[Cell, ...]]:
    """All rows in order, blank lines left out; raises `Malformed` where quotation marks do not close."""
    separator = _separator(text)
    ends = re.compile(f"[{separator}\r\n]")
    at, line, line_start, count = 0, 1, 0, 0
    row: list[Cell] = []
    while at <= len(text):
        start, count = at, count + 1
        if count > _MOST_CELLS:
            raise Malformed(f"more than {_MOST_CELLS} cells", line, at - line_start + 1)
        if text.startswith('"', at):
            held, at = _quoted(text, at)
            if at < 0:
                raise Malformed("this quotation mark is never closed", line, start - line_start + 1)
        else:
            found = ends.search(text, at)
            at = found.start() if found else len(text)
            held = text[start:at]
        row.append(Cell(held, line, start - line_start + 1))
        if within := text.count("\n", start, at):
            line, line_start = line + within, text.rindex("\n", start, at) + 1
        if at < len(text) and text[at] == separator:
            at += 1
            continue
        if at < len(text) and text[at] not in "\r\n":
            raise Malformed(
                "a quotation mark closes the cell, and something follows it", line, at - line_start + 1
            )
        if len(row) > 1 or row[0].text:
            yield tuple(row)
        row = []
        at += 2 if text.startswith("\r\n", at) else 1
        line, line_start = line + 1, at


def _separator(text: str) -> str:
    """The one that stands most often in the first line."""
    first = text.split("\n", 1)[0]
    return max(SEPARATORS, key=first.count)


def _quoted(text: str, at: int) -> tuple[str, int]:
    """What stands between quotation marks, and where it ends; -1 where it never does."""
    parts, start = [], at + 1
    while (end := text.find('"', start)) >= 0:
        parts.append(text[start:end])
        if not text.startswith('"', end + 1):
            return '"'.join(parts), end + 1
        start = end + 2
    return "", -1
