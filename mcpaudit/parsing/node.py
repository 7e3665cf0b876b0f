"""Typed steps into a parsed document: every wrong type becomes a gap with its place, never an exception."""

from collections.abc import Iterator
from dataclasses import field

from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place, Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.records import dataclass

_NAMES = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document, with the route that leads to it."""

    document: Document
    value: Json
    route: Route = ()
    gaps: list[Gap] = field(default_factory=list)
    """Shared by all nodes of one reading."""
    client: str = ""

    @property
    def place(self) -> Place:
        """Where this value stands."""
        return Place(self.document.file, self.route)

    def complain(self, expected: str) -> None:
        """Record that this value is not what its reader expects."""
        found = "null" if self.value is None else _NAMES.get(type(self.value), "a number")
        reason = f"{'.'.join(map(str, self.route)) or 'the file'} should be {expected}, but is {found}"
        self.gaps.append(Gap("wrong-type", self.place, reason, self.client))

    def child(self, key: str) -> "Node | None":
        """The value under `key`, or `None` where this is no object or has no such key."""
        if not isinstance(self.value, dict) or key not in self.value:
            return None
        return Node(self.document, self.value[key], (*self.route, key), self.gaps, self.client)

    def at(self, *keys: str) -> "Node | None":
        """The value at the end of a chain of keys."""
        node: Node | None = self
        for key in keys:
            node = node.child(key) if node else None
        return node

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """The members of an object, in file order; anything else is a gap and has none."""
        if not isinstance(self.value, dict):
            self.complain("an object")
            return
        for key, value in self.value.items():
            yield key, Node(self.document, value, (*self.route, key), self.gaps, self.client)

    def elements(self) -> Iterator["Node"]:
        """The elements of a list; anything else is a gap and has none."""
        if not isinstance(self.value, list):
            self.complain("a list")
            return
        for index, value in enumerate(self.value):
            yield Node(self.document, value, (*self.route, index), self.gaps, self.client)

    def text(self, key: str) -> str:
        """The string under `key`; empty where there is none, a gap where it is something else."""
        node = self.child(key)
        if node is None or node.value is None:
            return ""
        if isinstance(node.value, str):
            return node.value
        node.complain("a string")
        return ""

    def flag(self, key: str) -> bool | None:
        """The boolean under `key`; `None` where there is none, a gap where it is something else."""
        node = self.child(key)
        if node is None or node.value is None:
            return None
        if isinstance(node.value, bool):
            return node.value
        node.complain("true or false")
        return None

    def texts(self, key: str) -> tuple["Node", ...] | None:
        """The strings of the list under `key`; `None` where there is none; others in it are gaps."""
        node = self.child(key)
        if node is None or node.value is None:
            return None
        found = []
        for element in node.elements():
            if isinstance(element.value, str):
                found.append(element)
            else:
                element.complain("a string")
        return tuple(found)
