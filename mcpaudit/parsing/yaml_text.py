"""YAML with the scalars of its 1.2 core schema, built from parser events.

Events and not nodes: the depth limit then acts before libyaml reads on, in time quadratic in the depth.
Source: YAML 1.2.2 chapter 10.3, which has no merging: `<<` is a plain key.
"""

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Irregularity, Json, Lines, Malformed, Positions, Spot
from mcpaudit.parsing.limits import MAX_ALIASES, MAX_DEPTH, MAX_DIGITS, MAX_DIRECTIVES, MAX_SLOW_NODES

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def parse(text: str) -> tuple[Json, tuple[Irregularity, ...]]:
    """The data of a YAML text with one document, and its duplicate keys, of which the last wins.

    Keys become strings as they are written. Dates, `.inf` and `.nan`, which JSON does not have, stay text.
    Raises `Malformed` for broken syntax, several documents, tags outside the core schema, and passed limits.
    """
    builder = _Builder(text)
    return builder.build(), builder.irregularities()


def positions(text: str) -> Positions:
    """The offsets of every key and value of a text that parses; what an alias repeats has none."""
    builder = _Builder(text)
    builder.build()
    return builder.positions


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value that aliases repeat, with what each repetition costs."""

    value: Json
    nodes: int
    aliases: int
    height: int


class _Builder:
    """Builds the data from events by recursion, which the depth limit keeps short."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._nodes = 0
        self._aliases = 0
        self._deepest = 0
        self._anchors: dict[str, _Anchored] = {}
        self._duplicates: list[tuple[Route, int]] = []
        self.positions: Positions = {}

    def build(self) -> Json:
        if self._text.count("%TAG") > MAX_DIRECTIVES:
            raise Malformed(f"more than {MAX_DIRECTIVES} tag directives")
        try:
            return self._document(yaml.parse(self._text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            self._fail(_plain(error.problem), error.problem_mark.index if error.problem_mark else 0)
        except yaml.reader.ReaderError as error:
            self._fail("a control character is not allowed", self._offset_of(error.character))

    def irregularities(self) -> tuple[Irregularity, ...]:
        lines = Lines(self._text)
        return tuple(
            Irregularity("duplicate-key", route, *lines.at(offset)) for route, offset in self._duplicates
        )

    def _document(self, events: Iterator[Any]) -> Json:
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        first = next(events)
        self.positions[()] = Spot(_offset(first), _offset(first))
        data = self._node(first, (), events)
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._fail("more than one document", _offset(after))
        return data

    def _node(self, event: Any, route: Route, events: Iterator[Any]) -> Json:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, route)
        nodes, aliases, deepest = self._nodes, self._aliases, self._deepest
        self._spend(event, len(route), nodes=1)
        self._deepest = len(route)
        value = self._new(event, route, events)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(
                value, self._nodes - nodes, self._aliases - aliases, self._deepest - len(route)
            )
        self._deepest = max(deepest, self._deepest)
        return value

    def _new(self, event: Any, route: Route, events: Iterator[Any]) -> Json:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        self._spend(event, len(route) + 1)
        if isinstance(event, yaml.MappingStartEvent):
            self._expect_tag(event, "map")
            return self._mapping(route, events)
        self._expect_tag(event, "seq")
        return self._sequence(route, events)

    def _mapping(self, route: Route, events: Iterator[Any]) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._fail("a key must be a plain scalar", _offset(key))
            self._node(key, route, events)
            value, member = next(events), (*route, str(key.value))
            if key.value in members:
                self._duplicates.append((member, _offset(key)))
            self.positions[member] = Spot(_offset(key), _offset(value))
            members[key.value] = self._node(value, member, events)
        return members

    def _sequence(self, route: Route, events: Iterator[Any]) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            item = (*route, len(items))
            self.positions[item] = Spot(_offset(event), _offset(event))
            items.append(self._node(event, item, events))
        return items

    def _alias(self, event: Any, route: Route) -> Json:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            self._fail("an alias has no anchor before it", _offset(event))
        self._spend(event, len(route) + anchored.height, anchored.nodes, anchored.aliases + 1)
        return anchored.value

    def _scalar(self, event: Any) -> Json:
        text: str = event.value
        kind = event.tag and event.tag.removeprefix(_TAG)
        if kind in ("!", "str") or (kind is None and not event.implicit[0]):
            return text
        if kind not in (None, "null", "bool", "int", "float"):
            self._fail("a tag outside the core schema", _offset(event))
        if len(text) > MAX_DIGITS and _INT.fullmatch(text):
            self._fail("a number is too large", _offset(event))
        return _resolve(text)

    def _expect_tag(self, event: Any, kind: str) -> None:
        if event.tag not in (None, "!", _TAG + kind):
            self._fail("a tag outside the core schema", _offset(event))

    def _spend(self, event: Any, depth: int, nodes: int = 0, aliases: int = 0) -> None:
        self._nodes += nodes
        self._aliases += aliases
        self._deepest = max(self._deepest, depth)
        if depth > MAX_DEPTH:
            self._fail(f"nested deeper than {MAX_DEPTH} levels", _offset(event))
        if self._aliases > MAX_ALIASES:
            self._fail(f"more than {MAX_ALIASES:,} aliases when expanded", _offset(event))
        if self._nodes > MAX_SLOW_NODES:
            self._fail(f"more than {MAX_SLOW_NODES:,} values", _offset(event))

    def _offset_of(self, character: int | str) -> int:
        return max(0, self._text.find(chr(character) if isinstance(character, int) else character))

    def _fail(self, message: str, offset: int) -> NoReturn:
        raise Malformed(message, *Lines(self._text).at(offset))


def _offset(event: Any) -> int:
    offset: int = event.start_mark.index
    return offset


def _resolve(text: str) -> Json:
    """The value of a plain scalar by the core schema."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def _plain(problem: str | None) -> str:
    """PyYAML's words up to the first quotation, unless that is punctuation that was expected."""
    if problem and (expected := re.match(r"(?:.* )?expected '[^\w\s']'(?: or '[^\w\s']')?", problem)):
        return expected[0]
    return re.split(r"(?:, but (?:found|got))? *['\"]", problem or "")[0] or "not valid here"
