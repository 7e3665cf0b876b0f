"""Parsed JavaScript and TypeScript files; everything that walks a tree does so without recursion."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.effort import Effort

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
CLASSES = frozenset({"class_declaration", "class", "abstract_class_declaration"})
SCOPES = (
    FUNCTIONS
    | CLASSES
    | {
        "program",
        "statement_block",
        "for_statement",
        "for_in_statement",
        "catch_clause",
        "switch_body",
        "class_static_block",
    }
)
_WRAPPED = frozenset(
    {
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    }
)
_PART = re.compile(rb"[\w$]")
_SHORT_NAME = re.compile(rb"(?<![\w$])[\w$]{1,2}(?![\w$])")
_ESCAPES = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
SHORT = 2
PARSED_A_STEP, SCANNED_A_STEP, TRIED_A_STEP = 500, 20_000, 40
"""How many bytes are parsed or searched, and how many places tried, in about the time of one step."""
_PARSERS: dict[str, Parser] = {}


def _parser(suffix: str) -> Parser:
    kind = {".tsx": "tsx", ".ts": "ts", ".mts": "ts", ".cts": "ts"}.get(suffix, "js")
    if kind not in _PARSERS:
        make = {
            "js": tree_sitter_javascript.language,
            "ts": tree_sitter_typescript.language_typescript,
            "tsx": tree_sitter_typescript.language_tsx,
        }[kind]
        _PARSERS[kind] = Parser(Language(make()))
    return _PARSERS[kind]


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a name stands."""

    start: int
    member: bool
    """Whether a dot is before it."""
    tail: re.Match[bytes]


class Meter:
    """Counts the work that was done, that which is done once for a file by itself."""

    __slots__ = ("effort", "once", "steps", "unread")

    def __init__(self) -> None:
        self.steps = self.once = 0
        self.effort = Effort()
        self.unread: list[str] = []
        """Files that took too much to parse."""


class Source:
    """One file: its bytes, and its tree once somebody asks for it."""

    def __init__(self, path: Path, shown: str, data: bytes, meter: Meter) -> None:
        self.path, self.shown, self.data, self.meter = path, shown, data, meter
        self._root: Node | None = None
        self._short: dict[bytes, list[int]] | None = None
        self._words: dict[bytes, tuple[list[int], set[int]]] = {}

    @property
    def root(self) -> Node:
        if self._root is None:
            self.meter.once += len(self.data) // PARSED_A_STEP
            parser = _parser(self.path.suffix)
            tree = self.meter.effort.parsed(parser, self.data)
            if tree is None:
                self.meter.unread.append(self.shown)
                tree, self.data = parser.parse(b""), b""
            self._root = tree.root_node
        return self._root

    @property
    def parsed(self) -> bool:
        return self._root is not None

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def at(self, start: int, end: int | None = None) -> Node:
        """The smallest node around the bytes."""
        found = self.root.descendant_for_byte_range(start, end or start + 1)
        return found if found is not None else self.root

    def word(self, name: bytes, tail: re.Pattern[bytes], within: Node | None = None) -> Iterator["Match"]:
        """Where a whole name stands with `tail` after it; faster in large files than one pattern."""
        if name not in self._words:
            self._words[name] = self._places(name)
        places, members = self._words[name]
        first, last = (within.start_byte, within.end_byte) if within else (0, len(self.data))
        low, high = bisect_left(places, first), bisect_left(places, last)
        self.meter.steps += (high - low) // TRIED_A_STEP
        for start in places[low:high]:
            if found := tail.match(self.data, start + len(name)):
                yield Match(start, start in members, found)

    def _places(self, name: bytes) -> tuple[list[int], set[int]]:
        """Where a whole name stands, and at which of these places it is a member's."""
        if len(name) <= SHORT:
            places = self._short_names().get(name, [])
        else:
            places = []
            for match in re.finditer(re.escape(name) + rb"(?![\w$])", self.data):
                start = match.start()
                if not _PART.match(self.data, start - 1) or not start:
                    places.append(start)
        self.meter.once += len(self.data) // SCANNED_A_STEP + len(places) // TRIED_A_STEP
        return places, {start for start in places if self.data[start - 1 : start] == b"."}

    def _short_names(self) -> dict[bytes, list[int]]:
        """Where all the short names stand: minified code has many, each at many places."""
        if self._short is None:
            self._short = {}
            for match in _SHORT_NAME.finditer(self.data):
                self._short.setdefault(match[0], []).append(match.start())
            self.meter.once += len(self.data) // PARSED_A_STEP
        return self._short

    def find(self, pattern: re.Pattern[bytes], within: Node | None = None) -> Iterator[re.Match[bytes]]:
        start, end = (within.start_byte, within.end_byte) if within else (0, len(self.data))
        self.meter.steps += (end - start) // SCANNED_A_STEP
        yield from pattern.finditer(self.data, start, end)


def unwrap(node: Node) -> Node:
    """An expression without its parentheses, types, `await`, and all but the last part of a comma list."""
    while True:
        if node.type in _WRAPPED and node.named_child_count:
            inner = next((child for child in node.named_children if child.type != "comment"), None)
            if inner is None:
                return node
            node = inner
        elif node.type == "sequence_expression" and node.named_child_count:
            node = node.named_children[-1]
        elif (
            is_await(node) and (listed := node.child_by_field_name("arguments")) and listed.named_child_count
        ):
            node = listed.named_children[-1]
        else:
            return node


def is_await(node: Node) -> bool:
    """Whether it is `await (0, f)` as the grammar takes it: a call of something that is named `await`."""
    target = node.child_by_field_name("function") if node.type == "call_expression" else None
    return target is not None and target.type == "identifier" and target.text == b"await"


def string(source: Source, node: Node) -> str:
    """The value of a string literal."""
    return unescape(source.text(node)[1:-1])


def unescape(text: str) -> str:
    return _ESCAPES.sub(_escape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    body = match[1]
    if body[0] in "ux" and len(body) > 2:
        code = int(body.strip("ux{}"), 16)
        return chr(code) if code <= 0x10FFFF else "�"
    return _SHORT.get(body, body)


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, the nearest first; bounded, as trees of hostile files can be very deep."""
    current, count = node.parent, 0
    while current is not None and count < 400:
        yield current
        current, count = current.parent, count + 1


def inside(node: Node, kinds: frozenset[str], stop: frozenset[str] = frozenset()) -> Iterator[Node]:
    """The nodes of some kinds in a node, in the order of the text; not below `stop`, nor below a find."""
    cursor = node.walk()
    depth, going = 0, True
    while going:
        here = cursor.node
        found = here is not None and depth > 0 and here.type in kinds
        if found and here is not None:
            yield here
        blocked = found or (here is not None and depth > 0 and here.type in stop)
        if not blocked and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if depth == 0 or not cursor.goto_parent():
                going = False
                break
            depth -= 1
            if depth == 0:
                going = False
                break


def arguments(call: Node) -> list[Node]:
    """The arguments of a call or `new` expression."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "arguments":
        return []
    return [unwrap(child) for child in listed.named_children if child.type != "comment"]


def holder_of(node: Node) -> Node | None:
    """What holds an expression, past parentheses and types."""
    holder = node.parent
    while holder is not None and holder.type in _WRAPPED:
        holder = holder.parent
    return holder


def callee_name(source: Source, call: Node) -> str:
    """The last name in what is called: `tool` for `this.server.tool(...)`; empty where there is none."""
    target = call.child_by_field_name("function")
    target = unwrap(target) if target else None
    if target is None:
        return ""
    if target.type == "member_expression":
        name = target.child_by_field_name("property")
        return source.text(name) if name else ""
    return source.text(target) if target.type == "identifier" else ""
