"""What expressions stand for, as far as it can be told without running them."""

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Final

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.go.package import File

MAX_TEXT = 10_000


class Unknown:
    """A value that only a run would show."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class TypeName:
    """A named type, by the import path of its package."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Something of another module: a name in it, and what it was called with where it is a call's result."""

    path: str
    name: str
    args: tuple[object, ...] | None = field(default=None, compare=False)
    kind: TypeName | None = field(default=None, compare=False)
    """The type that it was made for: `For[Args]()`."""

    @property
    def last(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Env:
    """The variables of a block, with those of the blocks around it."""

    file: "File"
    outer: "Env | None" = None
    names: dict[str, object] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The settings that a variable's value hangs on."""

    def holder(self, name: str) -> "Env | None":
        """The block that has a variable."""
        env: Env | None = self
        while env is not None and name not in env.names:
            env = env.outer
        return env


@dataclass(slots=True, eq=False)
class Struct:
    """A struct; one object however many pointers there are to it."""

    type: TypeName
    fields: dict[str, object]
    file: "File"
    node: Node | None = None
    open: bool = False
    """Whether its fields may have been set by what is not seen."""
    born: tuple[int, int] = (0, 0)
    """Under how many conditions it was made, of those that are off and of those not known."""
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Func:
    """A function or method of the tree, with what it closes over and what it is bound to."""

    file: "File"
    node: Node
    env: Env | None = None
    bound: object = None


class OpenList(list[object]):
    """A list that may hold more, or other things, than is known."""


def zero(value: object) -> bool | None:
    """Whether a value is its type's zero; `None` where that is not known."""
    if value is None or isinstance(value, str | int | float | bool):
        return not value
    if isinstance(value, list | dict | tuple | Func | Struct):
        return False
    return None


def json_of(value: object, spend: Callable[[], bool], depth: int = 24) -> Json:
    """The value as JSON, structs with the names that their fields have in it, without what is not known."""
    if isinstance(value, Struct):
        value = {name[0].lower() + name[1:]: item for name, item in value.fields.items() if name}
    if isinstance(value, dict):
        table: dict[str, Json] = {}
        for key, item in value.items():
            # A list of lists that are all the same one is small in memory and endless when it is written out.
            if depth < 0 or not spend():
                break
            if isinstance(key, str) and _said(item):
                table[key] = json_of(item, spend, depth - 1)
        return table
    if isinstance(value, list | tuple):
        items: list[Json] = []
        for item in value:
            if depth < 0 or not spend():
                break
            if _said(item):
                items.append(json_of(item, spend, depth - 1))
        return items
    if isinstance(value, str):
        return value[:MAX_TEXT]
    return value if isinstance(value, int | float | bool) else None


def _said(value: object) -> bool:
    return value is not None and value is not UNKNOWN and not isinstance(value, Outside | Func)
