"""A parsed file: its data, its oddities, and where each part of it stands."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place, Route
from mcpaudit.parsing.limits import MAX_DEPTH, MAX_NODES
from mcpaudit.parsing.veiled import unveiled

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Syntax = Literal["json", "yaml", "toml", "shell"]
Oddity = Literal["comment", "trailing-comma", "bom", "duplicate-key"]


class Malformed(Exception):  # noqa: N818 - named for the gap that it becomes
    """Indicates text that breaks its format's grammar or a limit.

    The message never quotes the file, which may hold secrets; it names punctuation at most.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Irregularity:
    """Something that one client accepts and another rejects or reads otherwise."""

    kind: Oddity
    route: Route
    """The container that holds the comment or comma; for a duplicate, the key itself."""
    line: int
    column: int


class Spot(NamedTuple):
    """Offsets of a key and its value; equal where there is no key."""

    key: int
    value: int


Positions = dict[Route, Spot]


class Lines:
    """Translates offsets of a text to lines and columns, both from 1; only `\\n` ends a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def text(self, line: int) -> str:
        """One line without its end; empty if there is no such line."""
        if not 1 <= line <= len(self._starts):
            return ""
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return self._text[self._starts[line - 1] : end].rstrip("\r\n")


class Layout:
    """Where everything stands in a text, worked out at the first question."""

    def __init__(self, text: str, find: Callable[[str], Positions]) -> None:
        self._text = text
        self._find = find

    @cached_property
    def lines(self) -> Lines:
        """The line index."""
        return Lines(self._text)

    @cached_property
    def positions(self) -> Positions:
        """The offsets of every route; few files have a finding, and only those pay for this."""
        return self._find(self._text)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that parsed. Its representation leaves out the content, which may hold secrets."""

    file: str
    """The file as people name it."""
    syntax: Syntax
    data: Json = field(repr=False)
    """Not to be changed: YAML aliases share their values."""
    irregularities: tuple[Irregularity, ...]
    sha256: str
    """Of the bytes as they are on disk, unless `masked`."""
    text: str = field(repr=False)
    """Without the byte order mark."""
    layout: Layout = field(repr=False, compare=False)
    anyone_writes: bool = False
    """Whether every user of the machine may write the file."""
    masked: bool | None = None
    """Whether the digest is of the data with its secrets masked; `None` before anybody has looked for any."""

    def locate(self, route: Route, on_key: bool = False) -> tuple[int, int]:
        """The line and column of the value or its key, or of the deepest ancestor that is there."""
        kept = written(existing(self.data, route))
        positions = self.layout.positions
        while kept and kept not in positions:
            kept = kept[:-1]
        spot = positions.get(kept, Spot(0, 0))
        return self.layout.lines.at(spot.key if on_key else spot.value)

    def place(self, *route: str | int) -> Place:
        """The symbolic place of a route in this file."""
        return Place(self.file, route)

    def line_text(self, line: int) -> str:
        """One line of the file, for an excerpt; empty if there is no such line."""
        return self.layout.lines.text(line)


def written(route: Route) -> Route:
    """A route by the names that the file has, where those that reports show are masked."""
    return tuple(unveiled(step) if isinstance(step, str) else step for step in route)


def existing(data: Json, route: Route) -> Route:
    """The longest beginning of a route that leads to a value."""
    for depth, step in enumerate(route):
        match data, step:
            case dict(), str() if (name := unveiled(step)) in data:
                data = data[name]
            case list(), int() if 0 <= step < len(data):
                data = data[step]
            case _:
                return route[:depth]
    return route


def value_at(data: Json, route: Route) -> Json:
    """What stands at the end of a route; `None` where nothing does."""
    if existing(data, route) != route:
        return None
    for step in written(route):
        if isinstance(data, dict):
            data = data[str(step)]
        elif isinstance(data, list):
            data = data[int(step)]
    return data


def within_limits(data: Json) -> bool:
    """Whether data keeps to the limits of depth and size; goes by levels, so depth costs no stack."""
    level, nodes = [data], 0
    for _ in range(MAX_DEPTH + 1):
        nodes += len(level)
        containers = [value for value in level if isinstance(value, (dict, list))]
        if not containers:
            return nodes <= MAX_NODES
        level = [
            child for value in containers for child in (value.values() if isinstance(value, dict) else value)
        ]
    return False
