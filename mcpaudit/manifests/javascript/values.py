"""What expressions of JavaScript source stand for, as far as that is known without running anything."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import field

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
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

MAX_TEXT, MAX_DIGITS, MAX_NUMBER = 400_000, 300, 1 << 1000
"""Beyond these a value is unknown: a few lines of source can double a text until no memory is left."""
MAX_TRIES = 10_000_000


def together(parts: Sequence[str], between: str = "") -> object:
    """Texts as one, unless that is longer than any that a server needs."""
    size = sum(map(len, parts)) + len(between) * len(parts)
    return between.join(parts) if size <= MAX_TEXT else UNKNOWN


NEVER = "?never"
"""In place of a switch: what is behind it is not reached at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Env:
    """What the parameters of one scope are bound to, and the scopes around it."""

    up: "Env | None" = None
    scope: ScopeKey = (0, 0)
    names: dict[str, object] = field(default_factory=dict)
    around: frozenset[int] = frozenset()
    """The environments around it, by identity, without the empty one that is around all."""

    def find(self, scope: ScopeKey, name: str) -> object | None:
        """The value, which may be lazy; `None` where the scope is not bound here."""
        holder = self.holding(scope, name)
        return None if holder is None else holder.names[name]

    def holding(self, scope: ScopeKey, name: str) -> "Env | None":
        """The environment that binds a name of a scope."""
        env: Env | None = self
        while env is not None:
            if env.scope == scope and name in env.names:
                return env
            env = env.up
        return None

    def holding_scope(self, scope: ScopeKey) -> "Env | None":
        """The environment that binds a scope."""
        env: Env | None = self
        while env is not None and env.scope != scope:
            env = env.up
        return env

    def holds(self, identity: int) -> bool:
        """Whether it is this environment, or one of those around it, that has an identity."""
        return identity in self.around or (identity == id(self) and self.up is not None)

    def bind(self, scope: ScopeKey, names: dict[str, object]) -> "Env":
        around = self.around if self.up is None else self.around | {id(self)}
        return Env(self, scope, names, around)


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
    plain: frozenset[object] | None = None
    """The content of a list of texts and numbers alone, once somebody asked for it."""


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


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of JavaScript."""

    pattern: str
    flags: str = ""

    def replaced(self, text: str, by: object) -> object:
        """A text with what is found replaced; only for patterns that mean the same here and cost little."""
        if not isinstance(by, str) or "$" in by or not _SIMPLE.fullmatch(self.pattern):
            return UNKNOWN
        # Each `+` may try every length at every place.
        if max(len(text), 2) ** (self.pattern.count("+") + 1) > MAX_TRIES or len(text) * len(by) > MAX_TRIES:
            return UNKNOWN
        found = re.compile(self.pattern, re.IGNORECASE if "i" in self.flags else 0)
        return found.sub(lambda _: by, text, 0 if "g" in self.flags else 1)


_SIMPLE = re.compile(
    r"\^?(?:(?:\\[.\-/_ sdwSDW]|\[(?:[\w\s.:/]|\\[.\-/sdw]|(?<=\w)-(?=\w)|\^|-)+\]|[\w \-/:_@])[+]?){1,40}\$?"
)
"""Characters, classes of them and `+`, without groups: what it may cost is known from its length."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A schema made by zod or one of its kind."""

    schema: dict[str, Json]
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a parameter takes of the arguments of a call: the way to it, with the defaults on it."""

    of: Arr
    path: tuple[tuple[str, Node | None], ...]
    source: Source
    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """A value, and another that stands where the first is not known."""

    first: object
    other: object


@dataclass(frozen=True, slots=True, eq=False)
class Default:
    """A value that stands while a switch is off."""

    value: object
    switch: str


GUESS = "?"
"""Notes among the switches of a value that it is the likely one of several, and not certain."""
NEEDS = "?needs "
"""Before the name of a credential or an address, which every installation that uses it gives."""
MAYBE = "?maybe "
"""Before a condition of which it is not known whether it holds by default."""
CAPABILITIES = Ext("client")
"""What the client says that it can do; nothing is taken for granted."""
ARGUMENTS = Ext("process.argv")
"""What is given on the command line: by default nothing."""
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
        items = joined([item for one in lists for item in one.items])
        return Arr(items, bool(rest) or any(one.open for one in lists))
    told = [
        value for value in values if value is not UNKNOWN and value is not UNDEFINED and value is not None
    ]
    told = told or [value for value in values if value is not UNKNOWN]
    # Of two ways through a function the last is the usual one, the earlier are guards and special cases.
    return told[-1] if told else UNKNOWN


def doubted(value: object, condition: str) -> object:
    """A list or object of which it is not known whether it is the one; other values stay as they are."""
    if isinstance(value, Obj):
        switches = {key: value.switches.get(key) or MAYBE + condition for key in value.props}
        return Obj(dict(value.props), value.open, switches, value.source, value.node)
    if not isinstance(value, Arr):
        return value
    return Arr([Item(one.value, one.switch or MAYBE + condition) for one in value.items], value.open)


def stronger(*switches: str) -> str:
    """The first of several switches that says something; what is not known comes last."""
    told = [one for one in switches if one]
    return next((one for one in told if not one.startswith(MAYBE)), told[0] if told else "")


def joined(items: list[Item]) -> list[Item]:
    """The elements of several lists; what is in one of them without a switch is there without one."""
    kept: dict[object, Item] = {}
    for index, item in enumerate(items):
        key = id(item.value) if isinstance(item.value, (Lazy, Obj, Inst, Cls)) else ("", index)
        if not item.switch or key not in kept:
            kept[key] = item
    return list(kept.values())


def texts(value: object) -> Iterator[str]:
    """The strings in a list."""
    if isinstance(value, Arr):
        for item in value.items:
            if isinstance(item.value, str):
                yield item.value
