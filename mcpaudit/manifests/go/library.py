"""The standard library's functions on texts, lists, tables and JSON, as far as what they get is known."""

import json
import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from mcpaudit.manifests.go import settings, syntax
from mcpaudit.manifests.go.core import MAX_LIST, MAX_TEXT, Core
from mcpaudit.manifests.go.values import UNKNOWN, Env, Outside, Struct

_JSON = (
    "encoding/json",
    "github.com/goccy/go-json",
    "github.com/bytedance/sonic",
    "github.com/json-iterator/go",
)
_VERB = re.compile(r"%[-+# 0]*\d*(?:\.\d+)?[vsdqt%]")
_SAME = frozenset(
    ["To", "Ptr", "Pointer", "ToBoolPtr", "ToPtr", "Bool", "String", "Of", "BoolPtr", "RawMessage"]
)


def call(ev: Core, callee: Outside, args: Sequence[object], node: Node, env: Env) -> object:
    """What a call of a function that is known gives back."""
    if callee.path in ("os", "syscall") and callee.name in ("Getenv", "LookupEnv"):
        return settings.variable(ev, args, callee.name == "LookupEnv")
    if callee.path in _PACKAGES and (done := _text(callee, args)) is not UNKNOWN:
        return done
    if (found := settings.FLAGS.fullmatch(callee.name)) and len(args) >= 3:
        return settings.flag(ev, found, args, node, env)
    if "viper" in callee.path:
        given = settings.configured(ev, callee, args)
        if callee.last == "UnmarshalKey" and isinstance(given, list):
            _fill(node, env, given)
            return None
        if callee.last != "UnmarshalKey" and given is not UNKNOWN:
            return given
    if callee.path in _JSON and args and callee.name in ("Marshal", "MarshalIndent"):
        return args[0], None  # what is written and read again is the same
    if callee.path in _JSON and callee.name == "Unmarshal" and len(args) == 2:
        _fill(node, env, _parsed(args[0]))
        if isinstance(args[1], Struct):
            args[1].open = True
        return None if isinstance(args[1], list | dict | str) else UNKNOWN
    if callee.last == "SetEnvPrefix" and args and isinstance(args[0], str):
        ev.prefix = args[0].upper()
    if callee.name in _SAME and len(args) == 1:
        return args[0]
    if callee.name == "New" and callee.path == "errors":
        return Outside("errors", "New()")
    return UNKNOWN


def fill(node: Node, env: Env) -> None:
    """Variables that another module is given the address of may hold anything from then on."""
    _fill(node, env, UNKNOWN)


def _fill(node: Node, env: Env, value: object) -> None:
    for one in syntax.called(node)[1]:
        place = syntax.field(one, "operand") if one.type == "unary_expression" else None
        if place is None or place.type != "identifier" or syntax.text(one)[:1] != "&":
            continue
        name = syntax.text(place)
        if (holder := env.holder(name)) is not None and not isinstance(holder.names[name], Struct | Outside):
            holder.names[name] = value


def _parsed(value: object) -> object:
    if isinstance(value, str) and len(value) < MAX_TEXT:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return UNKNOWN
    return value if isinstance(value, list | dict) else UNKNOWN


def _text(callee: Outside, args: Sequence[object]) -> object:
    if callee.path == "fmt":
        return _format(args) if callee.name == "Sprintf" else UNKNOWN
    function = _PACKAGES[callee.path].get(callee.name)
    if function is None:
        return UNKNOWN
    if any(one is UNKNOWN or isinstance(one, Outside | Struct) for one in args):
        return UNKNOWN
    try:
        done = function(*args)
    except (TypeError, ValueError, AttributeError, IndexError, RecursionError):
        return UNKNOWN
    return UNKNOWN if isinstance(done, str) and len(done) > MAX_TEXT else done


def _format(args: Sequence[object]) -> object:
    """`Sprintf` with texts and numbers that are known."""
    if not args or not isinstance(args[0], str):
        return UNKNOWN
    rest = list(args[1:])
    parts: list[str] = []
    end = size = 0
    for found in _VERB.finditer(args[0]):
        parts.append(args[0][end : found.start()])
        end = found.end()
        if found[0] == "%%":
            parts.append("%")
            continue
        value = rest.pop(0) if rest else UNKNOWN
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return UNKNOWN
        parts.append(json.dumps(value) if found[0].endswith("q") else str(value))
        size += len(parts[-1])
        if size > MAX_TEXT:
            return UNKNOWN
    return "".join([*parts, args[0][end:]])


def _join(items: object, between: object) -> object:
    known = (
        isinstance(items, list) and all(isinstance(one, str) for one in items) and isinstance(between, str)
    )
    if not known or not isinstance(items, list) or not isinstance(between, str):
        return UNKNOWN
    size = sum(len(str(one)) for one in items) + len(between) * len(items)
    return between.join(str(one) for one in items) if size < MAX_TEXT else UNKNOWN


def _contains(items: object, one: object) -> object:
    if isinstance(items, str) and isinstance(one, str):
        return one in items
    if not isinstance(items, list) or UNKNOWN in items:
        return UNKNOWN
    return one in items


def _concat(*lists: object) -> object:
    found: list[object] = []
    for one in lists:
        found.extend(one if isinstance(one, list) else [])
    return found[:MAX_LIST]


def _replace(text: str, old: str, new: str, count: int = -1) -> object:
    grows = text.count(old) * len(new) > MAX_TEXT
    return UNKNOWN if grows else text.replace(old, new, count)


def _same(one: object, *rest: object) -> object:
    return one


def _trim(text: str, *cut: str) -> object:
    return text.strip(*cut)


def _split(text: str, by: str) -> object:
    return list(text.split(by)) if by and text.count(by) < MAX_LIST else UNKNOWN


_LISTS: dict[str, Callable[..., object]] = {
    "Contains": _contains,
    "Concat": _concat,
    "Clone": _same,
    "Collect": _same,
    "Sorted": sorted,
}
_MAPS: dict[str, Callable[..., object]] = {
    "Copy": lambda into, given: into.update(given),
    "Clone": dict,
    "Keys": list,
    "Values": lambda table: list(table.values()),
}
_PACKAGES: dict[str, dict[str, Callable[..., object]]] = {
    "fmt": {},
    "slices": _LISTS,
    "golang.org/x/exp/slices": _LISTS,
    "maps": _MAPS,
    "golang.org/x/exp/maps": _MAPS,
    "strings": {
        "ToLower": lambda text: text.lower(),
        "ToUpper": lambda text: text.upper(),
        "TrimSpace": _trim,
        "Trim": _trim,
        "TrimPrefix": lambda text, cut: text.removeprefix(cut),
        "TrimSuffix": lambda text, cut: text.removesuffix(cut),
        "HasPrefix": lambda text, start: text.startswith(start),
        "HasSuffix": lambda text, ends: text.endswith(ends),
        "EqualFold": lambda one, other: one.lower() == other.lower(),
        "Contains": _contains,
        "ReplaceAll": _replace,
        "Replace": _replace,
        "Split": _split,
        "Join": _join,
    },
    "strconv": {
        "Itoa": str,
        "ParseBool": lambda text: (text.lower() in ("1", "t", "true"), None) if text else (False, UNKNOWN),
    },
}
