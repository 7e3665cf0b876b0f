"""What expressions of JavaScript source stand for, as far as that is known without running anything."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from mcpaudit.manifests.javascript.tree import Source
from mcpaudit.parsing.document import Json

ScopeKey = tuple[int, int]
"""A scope of a file: the file's identity and the node's."""


class Mark:
    """A value with no content of its own."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


UNKNOWN, UNDEFINED = Mark("unknown"), Mark("undefined")


NEVER = "?never"
"""In place of a switch: what is behind it is not reached at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Env:
    """What the parameters of one scope are bound to, and the scopes around it."""

    up: "Env | None" = None
    scope: ScopeKey = (0, 0)
    names: dict[str, object] = field(default_factory=dict)

    def find(self, scope: ScopeKey, name: str) -> object | None:
        """The value, which may be lazy; `None` where the scope is not bound here."""
        env: Env | None = self
        while env is not None:
            if env.scope == scope and name in env.names:
                return env.names[name]
            env = env.up
        return None

    def bind(self, scope: ScopeKey, names: dict[str, object]) -> "Env":
        return Env(self, scope, names)


EMPTY = Env()


@dataclass(frozen=True, slots=True, eq=False)
class Lazy:
    """An expression that is worked out when somebody needs it."""

    source: Source
    node: Node
    env: Env


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a list with the switch that puts it there; empty where it is always there."""

    value: object
    switch: str = ""


@dataclass(slots=True, eq=False)
class Arr:
    """A list. `open` says that it may hold more than is known."""

    items: list[Item] = field(default_factory=list)
    open: bool = False


@dataclass(slots=True, eq=False)
class Obj:
    """An object literal, a `Map`, a module's namespace object."""

    props: dict[str, object] = field(default_factory=dict)
    open: bool = False
    switches: dict[str, str] = field(default_factory=dict)
    source: Source | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Func:
    """A function with what its free names meant where it was made."""

    source: Source
    node: Node
    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Cls:
    """A class."""

    source: Source
    node: Node
    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Inst:
    """An object made by `new`."""

    made_of: Cls
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ns:
    """All that a file exports."""

    source: Source


@dataclass(frozen=True, slots=True)
class Ext:
    """Something of another package or of the platform, by its path: `fs.readFile`, `process.env`."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A method of a list, a string or an object, not yet called."""

    of: object
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A schema made by zod or one of its kind."""

    schema: dict[str, Json]
    optional: bool = False


FLAGS = Ext("flags")
"""The options of a command line; nothing is set where the entry does not set it."""


def truth(value: object) -> bool | None:
    """Whether a value counts as true; `None` where that is not known."""
    if value is UNKNOWN or isinstance(value, Ext):
        return None
    if value is UNDEFINED or value is None:
        return False
    if isinstance(value, (bool, int, float, str)):
        return bool(value)
    return True


def known(value: object) -> bool:
    return value is not UNKNOWN


def merged(values: list[object]) -> object:
    """One value for several possible ones: lists are joined, of others the first that says something."""
    lists = [value for value in values if isinstance(value, Arr)]
    if lists:
        if len(lists) == 1 and len(values) == 1:
            return lists[0]
        rest = [value for value in values if value is UNKNOWN]
        return Arr(
            [item for one in lists for item in one.items], bool(rest) or any(one.open for one in lists)
        )
    told = [
        value for value in values if value is not UNKNOWN and value is not UNDEFINED and value is not None
    ]
    told = told or [value for value in values if value is not UNKNOWN]
    # Of two ways through a function the last is the usual one, the earlier are guards and special cases.
    return told[-1] if told else UNKNOWN


def texts(value: object) -> Iterator[str]:
    """The strings in a list."""
    if isinstance(value, Arr):
        for item in value.items:
            if isinstance(item.value, str):
                yield item.value
