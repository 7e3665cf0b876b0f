"""The frame of following code: limits, conditions on the way, and what its parts ask of one another.

The program is gone through as if it ran without settings: no variable set, every flag at its default. What
is only reached under a condition that does not hold is gone through too, and marked.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tree_sitter import Node

from mcpaudit.manifests.go.package import File, Package
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.tree import MAX_FILE
from mcpaudit.manifests.go.values import Env, Outside, Struct, TypeName

MAX_STEPS, MAX_DEPTH, MAX_CALLS, MAX_TURNS, MAX_VISITS = 400_000, 250, 24, 500, 5_000
MAX_TEXT, MAX_LIST = MAX_FILE, 20_000


class Core(ABC):
    """Follows code through a project; every answer may be `UNKNOWN`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.asked: list[str] = []
        """The settings that what is worked out now hangs on."""
        self.off: list[str] = []
        """The conditions that do not hold, on the way to what is gone through now."""
        self.unsure = 0
        """How many conditions on the way are not known."""
        self.flags: list[str] = []
        """The flags that the program has."""
        self.defaults: dict[str, object] = {}
        """What the settings are without being set, by the names that they are asked for by."""
        self.prefix = ""
        """What the variables begin with that flags can be set by."""
        self.via: list[tuple[File, Node]] = []
        """The calls that led to what is gone through now."""
        self.entered: set[int] = set()
        """The functions that were gone through."""
        self.steps = 0
        self.cut = False
        """Whether something lay too deep to be gone into."""
        self._limit = MAX_STEPS
        self.depth = 0
        self._calls = 0
        self._visits: dict[int, int] = {}
        self._busy: set[int] = set()
        self.globals: dict[tuple[str, str], object] = {}

    # Limits.

    def spent(self, copied: int = 0) -> bool:
        """Count one step, and more where much is copied; whether all are used up."""
        self.steps += 1 + copied // 64
        return self.steps > self._limit

    def allow(self, steps: int) -> None:
        """Steps for what is asked once the program was gone through."""
        self._limit = self.steps + steps

    def descend(self) -> bool:
        """One level further in; whether that is not too far. To be followed by `depth -= 1` in any case."""
        self.depth += 1
        self.cut |= self.depth > MAX_DEPTH
        return self.depth <= MAX_DEPTH and not self.spent()

    @contextmanager
    def inside(self, node: Node) -> Iterator[bool]:
        """Within a function's body; whether it is gone into."""
        seen = self._visits[node.id] = self._visits.get(node.id, 0) + 1
        self.cut |= self._calls >= MAX_CALLS and node.id not in self._busy
        enter = node.id not in self._busy and self._calls < MAX_CALLS and seen <= MAX_VISITS
        if not enter:
            yield False
            return
        self._busy.add(node.id)
        self.entered.add(node.id)
        self._calls += 1
        try:
            yield True
        finally:
            self._calls -= 1
            self._busy.discard(node.id)

    # Conditions.

    @contextmanager
    def under(self, *off: str, unsure: bool = False) -> Iterator[None]:
        """Code below a condition that does not hold, or of which it is not known."""
        self.off.extend(off)
        self.unsure += unsure
        try:
            yield
        finally:
            del self.off[len(self.off) - len(off) :]
            self.unsure -= unsure

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Code that runs whatever the conditions here are: the values of a package's variables."""
        kept = self.off, self.unsure, self.asked
        self.off, self.unsure, self.asked = [], 0, []
        try:
            yield
        finally:
            self.off, self.unsure, self.asked = kept

    def noted(self, node: Node, env: Env, kind: TypeName | None = None) -> tuple[object, tuple[str, ...]]:
        """The value of an expression, and the settings that it hangs on."""
        kept, self.asked = self.asked, []
        value = self.value(node, env, kind)
        notes = tuple(dict.fromkeys(self.asked))[:3]
        self.asked = kept + [note for note in notes if note not in kept]
        return value, notes

    def born(self) -> tuple[int, int]:
        """Under how many conditions what is made now stands."""
        return len(self.off), self.unsure

    # What the parts ask of one another.

    @abstractmethod
    def value(self, node: Node | None, env: Env, kind: TypeName | None = None) -> object:
        """What an expression stands for; `kind` is the type of a literal that does not name one."""

    @abstractmethod
    def attribute(self, base: object, name: str) -> object:
        """A field or method of a value."""

    @abstractmethod
    def member(self, package: Package, name: str) -> object:
        """What a name at the top of a package is."""

    @abstractmethod
    def empty(self, kind: Node | None, file: File) -> object:
        """The zero value of a type."""

    @abstractmethod
    def supposed(self, kind: Node | None, file: File) -> object:
        """A value of a type of which nothing else is known."""

    @abstractmethod
    def truth(self, node: Node | None, env: Env) -> bool | None:
        """Whether a condition holds; `None` where that is not known."""

    @abstractmethod
    def body(self, node: Node, env: Env) -> object:
        """Go through a function's body; what it returns."""

    @abstractmethod
    def invoke(self, callee: object, args: Sequence[object], node: Node, env: Env) -> object:
        """What a call gives back."""

    @abstractmethod
    def call(self, node: Node, env: Env) -> object:
        """What a call expression gives back."""

    @abstractmethod
    def outside(self, callee: Outside, args: Sequence[object], node: Node, env: Env) -> object:
        """What a call of another module's function gives back."""

    @abstractmethod
    def made(self, value: Struct, env: Env) -> None:
        """A struct was written: it may be a tool."""

    @abstractmethod
    def kept(self, value: object) -> None:
        """Another module keeps something: if it is a function, it is run later."""

    @abstractmethod
    def run_functions(self, args: Sequence[object], node: Node) -> None:
        """Functions that are handed to another module are run by it."""
