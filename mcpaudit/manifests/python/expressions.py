"""Python's own expressions on values that are known."""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from mcpaudit.manifests.python.builtins import MAX_LIST, MAX_TEXT, keyed, length, truth
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Outside,
    Scope,
    plain,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.python.core import Core


def _constant(ev: "Core", node: ast.Constant, scope: Scope) -> object:
    return node.value if isinstance(node.value, str | int | float | bool | None) else UNKNOWN


def _joined(ev: "Core", node: ast.JoinedStr, scope: Scope) -> object:
    parts, length = [], 0
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        value = plain(ev.value(inner, scope))
        if not isinstance(value, str | int | float):
            return UNKNOWN
        parts.append(str(value))
        length += len(parts[-1])
        if length > MAX_TEXT:
            return UNKNOWN
    return "".join(parts)


def _binary(ev: "Core", node: ast.BinOp, scope: Scope) -> object:
    left, right = plain(ev.value(node.left, scope)), plain(ev.value(node.right, scope))
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    try:
        if isinstance(node.op, ast.Add):
            if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) < MAX_TEXT:
                return left + right
            if isinstance(left, list | tuple) and isinstance(right, list | tuple):
                return [*left, *right] if len(left) + len(right) < MAX_LIST else UNKNOWN
            if isinstance(left, int | float) and isinstance(right, int | float):
                return left + right
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
            return left | right
        if isinstance(node.op, ast.BitOr) and isinstance(left, list) and isinstance(right, list):
            return [*left, *right] if len(left) + len(right) < MAX_LIST else UNKNOWN
        if isinstance(node.op, ast.Mod) and isinstance(left, str) and "*" not in left and len(left) < 2_000:
            wide = any(char.isdigit() for char in left)
            wide |= left.count("%") * length(right) > MAX_TEXT
            return UNKNOWN if wide else left % (tuple(right) if isinstance(right, tuple) else right)
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN
    return UNKNOWN


def _either(ev: "Core", node: ast.BoolOp, scope: Scope) -> object:
    if isinstance(node.op, ast.And):
        holds = ev.truth(node, scope)
        return UNKNOWN if holds is None else ev.value(node.values[-1], scope) if holds else False
    value: object = UNKNOWN
    for part in node.values:
        value = ev.value(part, scope)
        if truth(value) is not False and value is not UNKNOWN:
            return value
    return value


def _choice(ev: "Core", node: ast.IfExp, scope: Scope) -> object:
    holds = ev.truth(node.test, scope)
    if holds is not None:
        return ev.value(node.body if holds else node.orelse, scope)
    value = ev.value(node.body, scope)
    other = ev.value(node.orelse, scope)
    # Which of the two cannot be told; a list of more tools is the more careful answer.
    if isinstance(value, list) and isinstance(other, list):
        return value if len(value) >= len(other) else other
    return other if value is UNKNOWN else value


def _compare(ev: "Core", node: ast.Compare, scope: Scope) -> object:
    if len(node.ops) != 1:
        return UNKNOWN
    left, right = ev.value(node.left, scope), ev.value(node.comparators[0], scope)
    operator = node.ops[0]
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    left, right = plain(left), plain(right)
    if isinstance(operator, ast.Is | ast.IsNot) and (left is None or right is None):
        if isinstance(left, Outside | Instance) or isinstance(right, Outside | Instance):
            return UNKNOWN if isinstance(left, Outside) else isinstance(operator, ast.IsNot)
        return (left is right) is isinstance(operator, ast.Is)
    if isinstance(left, Outside | Instance) or isinstance(right, Outside | Instance):
        return UNKNOWN
    if isinstance(operator, ast.Eq | ast.NotEq):
        return (left == right) is isinstance(operator, ast.Eq)
    if isinstance(operator, ast.In | ast.NotIn):
        if isinstance(right, list | tuple | dict) and UNKNOWN not in right and keyed(left):
            return (left in right) is isinstance(operator, ast.In)
        if isinstance(right, str) and isinstance(left, str):
            return (left in right) is isinstance(operator, ast.In)
    return UNKNOWN


def _unary(ev: "Core", node: ast.UnaryOp, scope: Scope) -> object:
    if isinstance(node.op, ast.Not):
        holds = ev.truth(node, scope)
        return UNKNOWN if holds is None else holds
    value = ev.value(node.operand, scope)
    return -value if isinstance(node.op, ast.USub) and isinstance(value, int | float) else UNKNOWN


def _subscript(ev: "Core", node: ast.Subscript, scope: Scope) -> object:
    base = ev.value(node.value, scope)
    if isinstance(base, ClassValue):
        if not ev.classes.is_enum(base):
            return base  # a generic class with its parameter
        key = ev.value(node.slice, scope)
        return ev.classes.attribute(base, key) if isinstance(key, str) else UNKNOWN
    if isinstance(base, Outside):
        if base.dotted == "os.environ":
            key = ev.value(node.slice, scope)
            ev.switches.extend([key] if isinstance(key, str) else [])
            return UNKNOWN
        return base
    if isinstance(base, Instance) and base.dotted.endswith("parse_known_args"):
        return base
    if isinstance(base, dict):
        key = ev.value(node.slice, scope)
        return base.get(key, UNKNOWN) if keyed(key) else UNKNOWN
    if isinstance(base, list | tuple):
        if isinstance(node.slice, ast.Slice):
            low, high = (
                ev.value(part, scope) if part else None for part in (node.slice.lower, node.slice.upper)
            )
            if (low is None or isinstance(low, int)) and (high is None or isinstance(high, int)):
                return list(base[low:high]) if not node.slice.step else UNKNOWN
            return UNKNOWN
        index = ev.value(node.slice, scope)
        if isinstance(index, int) and -len(base) <= index < len(base):
            return base[index]
    return UNKNOWN


def _sequence(ev: "Core", node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> object:
    found: list[object] = []
    for item in node.elts:
        if len(found) > MAX_LIST:
            return UNKNOWN
        if isinstance(item, ast.Starred):
            items = ev.items(ev.value(item.value, scope))
            # What is not known stays as one item that is not known, so that the list does not pass for whole.
            found.extend([UNKNOWN] if items is None else items)
        else:
            found.append(ev.value(item, scope))
    return tuple(found) if isinstance(node, ast.Tuple) else found


def _dict(ev: "Core", node: ast.Dict, scope: Scope) -> object:
    found: dict[object, object] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            spread = ev.value(value, scope)
            found |= spread if isinstance(spread, dict) else {}
            continue
        name = ev.value(key, scope)
        if keyed(name):
            found[name] = ev.value(value, scope)
    return found


def _lambda(ev: "Core", node: ast.Lambda, scope: Scope) -> object:
    return FunctionValue(scope.module, node, scope)


def _inner(ev: "Core", node: ast.Await | ast.NamedExpr, scope: Scope) -> object:
    return ev.value(node.value, scope)


HANDLERS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Constant: _constant,
    ast.JoinedStr: _joined,
    ast.BinOp: _binary,
    ast.BoolOp: _either,
    ast.IfExp: _choice,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.Subscript: _subscript,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.Lambda: _lambda,
    ast.Await: _inner,
    ast.NamedExpr: _inner,
}
