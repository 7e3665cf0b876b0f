"""Where keys and values stand in a TOML text that `tomllib` accepts."""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Positions, Spot

# Every string matches even if it does not end: an alternative that fails late makes the scan quadratic.
_TOKEN = re.compile(
    r'''
      (?P<blank>[ \t]++|\#[^\n]*+)
    | (?P<newline>\r?\n)
    | (?P<string>"""(?:[^"\\]|\\.|"(?!""))*+"{0,5}+ | \'\'\'(?:[^']|'(?!\'\'))*+'{0,5}+
               | "(?:[^"\\\n]|\\[^\n])*+"?+ | '[^'\n]*+'?+)
    | (?P<word>[^\s"'\#\[\]{},=.]++)
    | (?P<mark>.)
    ''',
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of TOML text: a `string`, a `word`, a `newline` or a `mark` of punctuation."""

    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of any text, valid or not, without blanks and comments, in linear time."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "blank":
            yield Token(match.lastgroup or "", match[0], match.start())


class Statement(NamedTuple):
    """A header, or a key with its value, outside of any brackets."""

    table: Route
    """The table that its header opened; for a header, the one that it opens."""
    route: Route
    start: int
    end: int
    header: bool


def positions(text: str) -> Positions:
    """The offsets of every key and value; a table's value is its header, or the key that implied it."""
    walk = _Walk(text)
    walk.document()
    return walk.positions


def statements(text: str) -> list[Statement]:
    """The headers and pairs of a text, in file order."""
    walk = _Walk(text)
    walk.document()
    return walk.statements


class _Walk:
    """Follows the tokens; trusts the syntax, since `tomllib` has checked it."""

    def __init__(self, text: str) -> None:
        self._end = Token("end", "", len(text))
        self._rest = tokens(text)
        self._token = next(self._rest, self._end)
        self._last: dict[Route, int] = {}
        self._done = 0
        self.positions: Positions = {(): Spot(0, 0)}
        self.statements: list[Statement] = []

    def document(self) -> None:
        table: Route = ()
        while self._token.kind != "end":
            start = self._token.offset
            if self._token.kind == "newline":
                self._advance()
            elif self._token.text == "[":
                table = self._header()
                self.statements.append(Statement(table, table, start, self._done, True))
            else:
                route = self._pair(table)
                self.statements.append(Statement(table, route, start, self._done, False))

    def _advance(self) -> Token:
        token, self._token = self._token, next(self._rest, self._end)
        self._done = token.offset + len(token.text)
        return token

    def _take(self, mark: str) -> bool:
        found = self._token.text == mark
        if found:
            self._advance()
        return found

    def _header(self) -> Route:
        start = self._advance().offset
        array = self._take("[")
        route: Route = ()
        for part, offset in (keys := self._key()):
            # A header that goes through an array of tables means its last table.
            route = self._latest((*route, part))
            self.positions.setdefault(route, Spot(offset, start))
        part, offset = keys[-1]
        if array:
            base = route[:-1] if isinstance(route[-1], int) else route
            self._last[base] = self._last.get(base, -1) + 1
            route = self._latest(base)
        self.positions[route] = Spot(offset, start)
        self._take("]")
        if array:
            self._take("]")
        return route

    def _latest(self, route: Route) -> Route:
        return (*route, self._last[route]) if route in self._last else route

    def _key(self) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        while True:
            token = self._advance()
            parts.append((_unquoted(token), token.offset))
            if not self._take("."):
                return parts

    def _pair(self, table: Route) -> Route:
        route = table
        for part, offset in self._key():
            route = (*route, part)
            self.positions.setdefault(route, Spot(offset, offset))
        self._take("=")
        self.positions[route] = Spot(self.positions[route].key, self._token.offset)
        self._value(route)
        return route

    def _value(self, route: Route) -> None:
        if self._take("["):
            self._array(route)
        elif self._take("{"):
            self._inline(route)
        else:
            while self._token.kind not in ("newline", "end") and self._token.text not in (",", "]", "}"):
                self._advance()

    def _array(self, route: Route) -> None:
        index = 0
        while not self._closed("]"):
            self.positions[(*route, index)] = Spot(self._token.offset, self._token.offset)
            self._value((*route, index))
            index += 1

    def _inline(self, route: Route) -> None:
        while not self._closed("}"):
            self._pair(route)

    def _closed(self, mark: str) -> bool:
        """Whether the container ends here, after separators and line ends."""
        while self._token.kind == "newline" or self._token.text == ",":
            self._advance()
        return self._take(mark) or self._token.kind == "end"


def _unquoted(token: Token) -> str:
    if token.kind != "string":
        return token.text
    if token.text.startswith("'"):
        return token.text[1:-1]
    key: str = tomllib.loads(f"key = {token.text}")["key"]
    return key
