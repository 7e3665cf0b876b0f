"""The frame of following expressions: limits, and what its parts ask of one another.

Settings that come from outside (environment, command line) are taken as unset, so that what is found is what
the server does by default; each one that is asked for is noted, so that a condition can say what it hangs on.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

from mcpaudit.manifests.python.classes import Classes
from mcpaudit.manifests.python.module import Module
from mcpaudit.manifests.python.project import Project
from mcpaudit.manifests.python.values import UNKNOWN, ClassValue, FunctionValue, Instance, Scope

MAX_DEPTH, MAX_ITEMS = 70, 2_000
MAX_QUERY, MAX_NESTED = 40_000, 5
"""Steps for one question, and calls of functions within calls that are seen through."""


class Core(ABC):
    """Follows expressions through a project; every answer may be `UNKNOWN`."""

    handlers: dict[type[ast.AST], Callable[..., object]]
    """What works out each kind of expression."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.classes = Classes(self)
        self.switches: list[str] = []
        """The settings that were asked for since it was last cleared."""
        self.exhausted = False
        self.grows = True
        """Whether lists are followed beyond where they begin."""
        self.patience, self.nested = MAX_QUERY, MAX_NESTED
        """How many steps one question may take; fewer where very many are asked and none is vital."""
        self.schema: Callable[[ClassValue], object] = lambda _: UNKNOWN
        self.contexts: Callable[[ast.AST, Module], list[Scope]] = lambda node, module: []
        """The circumstances that a node runs in."""
        self._depth = 0
        self._steps = 0
        self._cuts = 0
        self._limit = 0
        self._nested = 0
        self._busy: set[tuple[int, int]] = set()
        self._scopes: dict[str, Scope] = {}

    def top(self, module: Module) -> Scope:
        """The scope of a module's own statements."""
        return self._scopes.setdefault(module.name, Scope(module))

    def value(self, node: ast.AST | None, scope: Scope) -> object:
        """What an expression stands for."""
        if node is None:
            return UNKNOWN
        self.begin()
        if self.spent() or self._depth > MAX_DEPTH:
            self._cuts += 1
            return UNKNOWN
        handler = self.handlers.get(type(node))
        if handler is None:
            return UNKNOWN
        self._depth += 1
        try:
            return handler(self, node, scope)
        finally:
            self._depth -= 1

    def begin(self) -> None:
        """Allow the steps for one question, unless this one belongs to another."""
        if self._depth == 0:
            self._limit = self._steps + self.patience

    def spent(self) -> bool:
        """Count one step; whether those for this question are used up."""
        self._steps += 1
        self.project.tree.work.spend(1)
        return self._steps > self._limit

    # What the parts ask of one another.

    @abstractmethod
    def grown_attribute(
        self, made: Instance, name: str, start: list[object] | dict[object, object]
    ) -> object:
        """An object's list or table with what the methods of its classes put in."""

    @abstractmethod
    def lookup(self, name: str, scope: Scope, line: int = 10**9) -> object:
        """What a name is bound to, from the inside out."""

    @abstractmethod
    def member(self, module: Module, name: str) -> object:
        """What a name at the top of a module is."""

    @abstractmethod
    def bind(self, target: ast.expr, value: object, env: dict[str, object]) -> None:
        """Bind the names of a target, taken apart as Python would."""

    @abstractmethod
    def reached(self, node: ast.AST, scope: Scope) -> bool | None:
        """Whether the conditions on the way to a node hold by default."""

    @abstractmethod
    def now(self, value: object) -> object:
        """The value of an argument that was left for later."""

    @abstractmethod
    def attribute(self, base: object, name: str) -> object:
        """What an attribute of a value is."""

    @abstractmethod
    def inline(self, function: FunctionValue, args: Sequence[object], kwargs: dict[str, object]) -> object:
        """What a function of the project returns, given its arguments."""

    @abstractmethod
    def given(self, node: ast.Call, scope: Scope) -> tuple[tuple[object, ...], dict[str, object]]:
        """The arguments of a call."""

    @abstractmethod
    def environment(
        self, function: FunctionValue, args: Sequence[object], kwargs: dict[str, object]
    ) -> dict[str, object]:
        """The parameters of a call, bound."""

    @abstractmethod
    def truth(self, test: ast.expr, scope: Scope) -> bool | None:
        """Whether a condition holds; `None` where that is not known."""

    @abstractmethod
    def loops(self, node: ast.AST, scope: Scope) -> Iterator[Scope]:
        """The scope once for every turn of the loops around a node."""

    @abstractmethod
    def items(self, value: object) -> list[object] | None:
        """The items of what can be gone through."""
