"""What an expression stands for, as far as it can be told without running it."""

import ast
from dataclasses import field
from typing import Final

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.python.module import FunctionNode, Module

MAX_JSON = 20_000


class Unknown:
    """A value that only a run would show."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on the way to a piece of code, with what it is judged in."""

    test: ast.expr
    wanted: bool
    scope: "Scope"


@dataclass(slots=True, eq=False)
class Scope:
    """Where an expression stands: its module, its function with what its parameters are bound to."""

    module: Module
    function: FunctionNode | ast.Lambda | None = None
    env: dict[str, object] = field(default_factory=dict)
    outer: "Scope | None" = None
    body: "ClassValue | None" = None
    """The class whose body it is."""
    gates: tuple[Gate, ...] = ()
    memo: dict[tuple[int, str], tuple[object, tuple[str, ...]]] = field(default_factory=dict)
    """What bindings of its own gave already, with the settings that were asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """An argument of which the value is worked out when it is asked for; most never are."""

    node: ast.expr
    scope: Scope


@dataclass(frozen=True, slots=True)
class Outside:
    """Something of another package, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValue:
    """A module of the tree, or a package of which only the name is known."""

    module: Module


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the tree."""

    module: Module
    node: ast.ClassDef
    scope: Scope | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the tree, with what its closure holds and the object that it is bound to."""

    module: Module
    node: FunctionNode | ast.Lambda
    scope: Scope | None = field(default=None, compare=False)
    bound: "Instance | ClassValue | None" = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enum."""

    owner: ClassValue
    name: str
    value: object = field(compare=False)


@dataclass(frozen=True, slots=True)
class Instance:
    """What a call of a class, or of something of another package, makes."""

    made_of: ClassValue | Outside
    args: tuple[object, ...] = field(default=(), compare=False)
    kwargs: dict[str, object] = field(default_factory=dict, compare=False)
    node: ast.AST | None = None
    """The call: two objects made in two places are two."""
    scope: Scope | None = field(default=None, compare=False)

    @property
    def dotted(self) -> str:
        """The dotted name where it is of another package."""
        return self.made_of.dotted if isinstance(self.made_of, Outside) else ""


def plain(value: object) -> object:
    """Members stand for their values wherever text is wanted."""
    return plain(value.value) if isinstance(value, Member) else value


def text_of(value: object) -> str | None:
    """The text that a value is; `None` where it is none."""
    value = plain(value)
    return value if isinstance(value, str) else None


def json_of(value: object) -> object:
    """The value as JSON; what is not known becomes nothing, and so does what is too much."""
    return _json(value, 20, [MAX_JSON])


def _json(value: object, depth: int, left: list[int]) -> object:
    value = plain(value)
    left[0] -= 1
    # A list of lists that are all the same one is small in memory and endless when it is written out.
    if depth < 0 or left[0] < 0:
        return None
    if isinstance(value, dict):
        return {
            key: _json(item, depth - 1, left)
            for name, item in value.items()
            if (key := text_of(name)) is not None and item is not UNKNOWN
        }
    if isinstance(value, list | tuple):
        return [_json(item, depth - 1, left) for item in value[:MAX_JSON] if item is not UNKNOWN]
    return value if isinstance(value, str | int | float | bool) else None
