"""Python's own functions and methods on values that are known."""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Member,
    ModuleValue,
    Outside,
    Scope,
    plain,
    text_of,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.python.core import Core

MAX_TEXT, MAX_RANGE, MAX_LIST = 200_000, 500, 20_000
_TEXT_METHODS = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "title",
        "capitalize",
        "replace",
        "removeprefix",
        "removesuffix",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "format",
        "join",
        "casefold",
        "isdigit",
        "swapcase",
        "partition",
        "rpartition",
        "count",
        "find",
    ]
)


def named(name: str) -> object:
    """A name that only the language itself binds."""
    return Outside(f"builtins.{name}") if hasattr(builtins, name) else UNKNOWN


def truth(value: object) -> bool | None:
    """Whether a value counts as true; `None` where that is not known."""
    value = plain(value)
    if isinstance(value, FunctionValue | ClassValue | ModuleValue | Member):
        return True
    if value is UNKNOWN or isinstance(value, Outside | Instance):
        return None
    return bool(value)


def table(pairs: Sequence[object]) -> dict[object, object]:
    """A table of pairs, without the keys that are not known."""
    found: dict[object, object] = {}
    for pair in pairs:
        if isinstance(pair, tuple | list) and len(pair) == 2 and keyed(pair[0]):
            found[pair[0]] = pair[1]
    return found


def keyed(value: object) -> bool:
    """Whether a value can be a key."""
    if isinstance(value, tuple):
        return all(keyed(item) for item in value)
    hashable = str | int | float | bool | Member | FunctionValue | ClassValue | Outside
    return value is None or isinstance(value, hashable)


def method(ev: "Core", base: object, name: str, node: ast.Call, scope: Scope) -> object:
    """A method of a text, a list, a table or a class; `UNKNOWN` where it is no such method."""
    value = plain(base)
    if isinstance(value, str) and name in _TEXT_METHODS:
        args, kwargs = ev.given(node, scope)
        return _on_text(value, name, [plain(arg) for arg in args], {k: plain(v) for k, v in kwargs.items()})
    if isinstance(value, dict):
        if name in ("items", "values", "keys", "copy"):
            pairs: list[object] = [(key, item) for key, item in value.items()]
            shapes: dict[str, object] = {"items": pairs, "values": list(value.values()), "keys": list(value)}
            return shapes.get(name, dict(value))
        if name in ("get", "pop", "setdefault") and node.args:
            args, _ = ev.given(node, scope)
            if not keyed(args[0]):
                return UNKNOWN
            return value.get(args[0], args[1] if len(args) > 1 else None)
    if isinstance(value, list | tuple) and name == "copy":
        return list(value)
    if (
        isinstance(base, ClassValue)
        and name in ("model_json_schema", "schema")
        and ev.attribute(base, name) is UNKNOWN
    ):
        return ev.schema(base)
    return UNKNOWN


def _on_text(text: str, name: str, args: list[object], kwargs: dict[str, object]) -> object:
    items = args[0] if name == "join" and args and isinstance(args[0], list | tuple) else ()
    if name == "join":
        parts = [text_of(item) for item in items]
        whole = all(part is not None for part in parts) and bool(args)
        whole &= length(parts) + len(text) * len(parts) < MAX_TEXT
        return text.join(part for part in parts if part is not None) if whole else UNKNOWN
    if not all(arg is None or isinstance(arg, str | int | bool | tuple) for arg in [*args, *kwargs.values()]):
        return UNKNOWN
    if name == "format" and (len(text) > 20_000 or any(sign in text for sign in (":", "!", ".", "["))):
        return UNKNOWN  # widths would let a short text grow without bounds
    # What is put in may be put in once for each character.
    times = text.count("{") if name == "format" else len(text) if name == "replace" else 1
    if times * length([*args, *kwargs.values()]) > 10 * MAX_TEXT:
        return UNKNOWN
    try:
        found = getattr(text, name)(*args, **kwargs)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, MemoryError, OverflowError):
        return UNKNOWN
    return UNKNOWN if isinstance(found, str) and len(found) > MAX_TEXT else found


def outside(ev: "Core", dotted: str, args: Sequence[object], kwargs: dict[str, object]) -> object:
    """A call of something outside the project that can be told; `UNKNOWN` otherwise."""
    first = args[0] if args else UNKNOWN
    name = dotted.removeprefix("builtins.")
    if dotted in ("os.getenv", "os.environ.get", "decouple.config", "environ.get"):
        ev.switches.extend([first] if isinstance(first, str) else [])
        return args[1] if len(args) > 1 else kwargs.get("default")
    if name in ("list", "tuple", "sorted", "set", "frozenset", "reversed", "iter"):
        items = ev.items(first) if args else []
        if items is None or name in ("list", "tuple", "iter"):
            return UNKNOWN if items is None else items
        if name == "sorted" and all(isinstance(item, str) for item in items) and not kwargs:
            return sorted(items, key=str)
        return list(reversed(items)) if name == "reversed" else items
    if name == "dict":
        base = first if isinstance(first, dict) else table(ev.items(first) or ()) if args else {}
        return {**base, **kwargs}
    if name == "enumerate":
        items = ev.items(first)
        return UNKNOWN if items is None else [(index, item) for index, item in enumerate(items)]
    if name == "zip":
        each = [ev.items(arg) for arg in args]
        return UNKNOWN if None in each else list(zip(*[part or () for part in each], strict=False))
    if name in ("itertools.chain", "itertools.chain.from_iterable"):
        parts = args if name == "itertools.chain" else ev.items(first) or ()
        lists = [ev.items(part) or [] for part in parts]
        return [item for part in lists for item in part] if sum(map(len, lists)) < MAX_LIST else UNKNOWN
    if name == "range":
        return _range(args)
    if name == "str":
        value = plain(first)
        return str(value) if isinstance(value, str | int | float) else UNKNOWN
    if name == "bool":
        holds = truth(first) if args else False
        return UNKNOWN if holds is None else holds
    if name == "len":
        counted = ev.items(first)
        return UNKNOWN if counted is None else len(counted)
    if name in ("int", "float"):
        value = plain(first)
        try:
            return int(value) if isinstance(value, str | int) and len(str(value)) < 20 else UNKNOWN
        except ValueError:
            return UNKNOWN
    if name == "getattr" and len(args) > 1 and isinstance(args[1], str):
        found = ev.attribute(first, args[1])
        return args[2] if found is UNKNOWN and len(args) > 2 and first is not UNKNOWN else found
    if name in ("any", "all"):
        held = [truth(item) for item in ev.items(first) or [UNKNOWN]]
        decides = name == "any"
        return decides if decides in held else UNKNOWN if None in held else not decides
    if dotted == "inspect.getdoc":
        return ev.attribute(first, "__doc__")
    text = text_of(first)
    if text is not None and dotted in ("textwrap.dedent", "inspect.cleandoc"):
        return (textwrap.dedent if dotted.endswith("dedent") else inspect.cleandoc)(text)
    if name in ("typing.cast",) and len(args) > 1:
        return args[1]
    if dotted in (
        "functools.partial",
        "functools.lru_cache",
        "functools.cache",
        "copy.deepcopy",
        "copy.copy",
    ):
        return first
    return UNKNOWN


def length(value: object) -> int:
    """How much text there is in a value."""
    if isinstance(value, str):
        return len(value)
    return sum(length(item) for item in value) if isinstance(value, list | tuple) else 20


def _range(args: Sequence[object]) -> object:
    numbers = [arg for arg in args if isinstance(arg, int)]
    if not 0 < len(numbers) == len(args) <= 3 or 0 in numbers[2:]:
        return UNKNOWN
    turns = range(*numbers)
    return list(turns) if len(turns) <= MAX_RANGE else UNKNOWN
