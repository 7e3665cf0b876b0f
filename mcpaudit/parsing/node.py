"""Typed steps into a parsed document: every wrong type becomes a gap with its place, never an exception."""

from collections.abc import Callable, Iterator
from dataclasses import field
from itertools import islice

from mcpaudit.dataclass import dataclass
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place, Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.limits import MAX_MEMBERS
from mcpaudit.parsing.veiled import unveiled

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
    veil: Callable[[str], str] = str
    """Masks a text with a secret in it: texts and names that steps lead to have passed it."""

    @property
    def place(self) -> Place:
        """Where this value stands."""
        return Place(self.document.file, self.route)

    @property
    def word(self) -> str:
        """The value as a text that still knows its secret, for what masks or compares it."""
        return self.value if isinstance(self.value, str) else str(self.value)

    def complain(self, expected: str) -> None:
        """Record that this value is not what its reader expects."""
        found = "null" if self.value is None else _NAMES.get(type(self.value), "a number")
        reason = f"{'.'.join(map(str, self.route)) or 'the file'} should be {expected}, but is {found}"
        self.gaps.append(Gap("wrong-type", self.place, reason, self.client))

    def child(self, key: str) -> "Node | None":
        """The value under `key`, or `None` where this is no object or has no such key."""
        if not isinstance(self.value, dict) or (written := unveiled(key)) not in self.value:
            return None
        return self.under(key, self.value[written])

    def under(self, step: str | int, value: Json) -> "Node":
        """A value that stands below this one."""
        shown = self.veil(value) if isinstance(value, str) else value
        at = step if isinstance(step, int) else self.veil(step)
        return Node(self.document, shown, (*self.route, at), self.gaps, self.client, self.veil)

    def at(self, *keys: str) -> "Node | None":
        """The value at the end of a chain of keys."""
        node: Node | None = self
        for key in keys:
            node = node.child(key) if node else None
        return node

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """The members of an object, in file order; anything else is a gap and has none.

        What is over the limit is a gap, too.
        """
        if not isinstance(self.value, dict):
            self.complain("an object")
            return
        for key, value in islice(self.value.items(), MAX_MEMBERS):
            yield self.veil(key), self.under(key, value)
        if (number := len(self.value)) > MAX_MEMBERS:
            reason = f"{number:,} members in one object; those after the first {MAX_MEMBERS:,} were not read"
            self.gaps.append(Gap("unreadable", self.place, reason, self.client))

    def elements(self) -> Iterator["Node"]:
        """The elements of a list; anything else is a gap and has none."""
        if not isinstance(self.value, list):
            self.complain("a list")
            return
        for index, value in enumerate(self.value):
            yield self.under(index, value)

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
