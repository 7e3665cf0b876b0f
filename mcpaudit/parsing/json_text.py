"""JSON as clients accept it: with comments and trailing commas, which are recorded.

Source: RFC 8259; the tolerated extras are those of VS Code's JSONC.
"""

import json
import math
import re
from typing import NoReturn

from mcpaudit.model.place import Route
from mcpaudit.parsing.document import (
    Irregularity,
    Json,
    Lines,
    Malformed,
    Oddity,
    Positions,
    Spot,
    within_limits,
)
from mcpaudit.parsing.limits import MAX_DEPTH, MAX_NODES

_MARKS = frozenset('{}[],:"')
_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][-+]?[0-9]++)?")
_WORD = re.compile(r"true|false|null")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(text: str) -> tuple[Json, tuple[Irregularity, ...]]:
    """The data of a JSON text, and what strict readers would object to.

    Of duplicate keys the last wins. Half a surrogate pair becomes U+FFFD: it cannot be written as UTF-8.
    Raises `Malformed` where the tolerant grammar is broken or a limit is passed.
    """
    try:
        data = _strict(text)
    except (ValueError, RecursionError):
        reader = _Reader(text)
        return reader.read(), reader.irregularities()
    return data, ()


def positions(text: str) -> Positions:
    """The offsets of every key and value of a text that parses."""
    reader = _Reader(text)
    reader.read()
    return reader.positions


def _strict(text: str) -> Json:
    """The fast path: raises `ValueError` for all that needs the own reader's care."""
    if _SURROGATE_ESCAPE.search(text):
        raise ValueError
    data: Json = json.loads(
        text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_reject_constant
    )
    if not within_limits(data):
        raise ValueError
    return data


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError
    return members


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError
    return number


def _reject_constant(name: str) -> NoReturn:
    raise ValueError


class _Reader:
    """Reads a text by recursive descent; the depth limit keeps the recursion short."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._nodes = 0
        self._oddities: list[tuple[Oddity, Route, int]] = []
        self.positions: Positions = {}

    def read(self) -> Json:
        self._skip(())
        self.positions[()] = Spot(self._at, self._at)
        data = self._value(())
        self._skip(())
        if self._at < len(self._text):
            self._fail("expected nothing more after the first value")
        return data

    def irregularities(self) -> tuple[Irregularity, ...]:
        lines = Lines(self._text)
        return tuple(Irregularity(kind, route, *lines.at(offset)) for kind, route, offset in self._oddities)

    def _value(self, route: Route) -> Json:
        self._count()
        if self._take("{"):
            return self._object(route)
        if self._take("["):
            return self._array(route)
        if self._text.startswith('"', self._at):
            return self._string()
        if word := _WORD.match(self._text, self._at):
            self._at = word.end()
            return _WORDS[word[0]]
        return self._number()

    def _object(self, route: Route) -> dict[str, Json]:
        members: dict[str, Json] = {}
        more = self._first(route, "}")
        while more:
            key_at, key = self._at, self._string()
            self._skip(route)
            if not self._take(":"):
                self._fail("expected ':' after a key")
            self._skip(route)
            member = (*route, key)
            if key in members:
                self._oddities.append(("duplicate-key", member, key_at))
            self.positions[member] = Spot(key_at, self._at)
            members[key] = self._value(member)
            more = self._next(route, "}")
        return members

    def _array(self, route: Route) -> list[Json]:
        items: list[Json] = []
        more = self._first(route, "]")
        while more:
            item = (*route, len(items))
            self.positions[item] = Spot(self._at, self._at)
            items.append(self._value(item))
            more = self._next(route, "]")
        return items

    def _first(self, route: Route, close: str) -> bool:
        """Whether the container just opened has an item."""
        if len(route) >= MAX_DEPTH:
            self._at -= 1
            self._fail(f"nested deeper than {MAX_DEPTH} levels")
        self._skip(route)
        return not self._take(close)

    def _next(self, route: Route, close: str) -> bool:
        """Whether another item follows."""
        self._skip(route)
        if self._take(close):
            return False
        comma = self._at
        if not self._take(","):
            self._fail(f"expected ',' or '{close}'")
        self._skip(route)
        if self._take(close):
            self._oddities.append(("trailing-comma", route, comma))
            return False
        return True

    def _string(self) -> str:
        match = _STRING.match(self._text, self._at)
        if not match:
            opened = self._text.startswith('"', self._at)
            self._fail(
                "a string does not end on its line, or has a bad escape" if opened else "expected '\"'"
            )
        self._at = match.end()
        token = match[0]
        if "\\" not in token:
            return token[1:-1]
        decoded: str = json.loads(token)
        return _LONE_SURROGATE.sub("\ufffd", decoded)

    def _number(self) -> int | float:
        match = _NUMBER.match(self._text, self._at)
        if not match:
            self._fail("expected a value")
        try:
            number = _finite(match[0]) if match[1] or match[2] else int(match[0])
        except ValueError:
            self._fail("a number is too large")
        self._at = match.end()
        return number

    def _take(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def _skip(self, route: Route) -> None:
        """Passes over white space, and comments, which are recorded."""
        text = self._text
        # Most often there is nothing to pass over, and a file can hold a million of such places.
        if text[self._at : self._at + 1] in _MARKS:
            return
        while True:
            self._at = at = _SPACE.match(text, self._at).end()  # type: ignore[union-attr]  # it matches nothing too
            if text.startswith("//", at):
                end = text.find("\n", at)
                self._at = len(text) if end < 0 else end
            elif text.startswith("/*", at):
                end = text.find("*/", at + 2)
                if end < 0:
                    self._fail("a comment does not end")
                self._at = end + 2
            else:
                return
            self._count()
            self._oddities.append(("comment", route, at))

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._fail(f"more than {MAX_NODES:,} values")

    def _fail(self, message: str) -> NoReturn:
        raise Malformed(message, *Lines(self._text).at(self._at))
