"""Literals and operators of JavaScript as values."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.modules import exported_names
from mcpaudit.manifests.javascript.scope import key_text
from mcpaudit.manifests.javascript.tree import Source, unescape, unwrap
from mcpaudit.manifests.javascript.values import (
    CAPABILITIES,
    EMPTY,
    FLAGS,
    GUESS,
    MAX_DIGITS,
    MAX_NUMBER,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Env,
    Ext,
    Func,
    Inst,
    Item,
    Lazy,
    Ns,
    Obj,
    Shape,
    doubted,
    joined,
    merged,
    together,
    truth,
)
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine


_CHAINED = re.compile(rb"===? null \|\| [\w$.]+ ===? void 0$")
"""What compilers make of `a?.b`: `a === null || a === void 0 ? void 0 : a.b`."""


def template(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    parts: list[str] = []
    for child in node.children[1:-1]:
        if child.type == "template_substitution":
            inner = next((one for one in child.named_children if one.type != "comment"), None)
            value = engine.eval(source, inner, env) if inner else UNKNOWN
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                return UNKNOWN
            parts.append(as_text(value))
        else:
            parts.append(unescape(source.text(child)))
    return together(parts)


def object_literal(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    made = Obj(source=source, node=node)
    for child in node.named_children:
        kind = child.type
        if kind == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is None or value is None:
                continue
            name = property_name(engine, source, key, env)
            if name is None:
                made.open = True
            else:
                made.props[name] = Lazy(source, value, env)
        elif kind == "shorthand_property_identifier":
            made.props[source.text(child)] = Lazy(source, child, env)
        elif kind == "method_definition":
            named = child.child_by_field_name("name")
            if named is not None:
                getter = any(one.type == "get" for one in child.children)
                name = property_name(engine, source, named, env) or ""
                made.props[name] = (
                    Bound(Func(source, child, env), "get") if getter else Func(source, child, env)
                )
        elif kind == "spread_element" and child.named_child_count:
            spread(engine, source, child.named_children[0], env, made)
    return made


def spread(engine: "Engine", source: Source, node: Node, env: Env, made: Obj) -> None:
    value, switch = optional(engine, source, node, env)
    if isinstance(value, Ns):
        value = Obj({name: engine.member(value, name) for name in exported_names(engine, value.source)})
    if isinstance(value, Shape):
        value = from_json(value.schema, 0)
    if isinstance(value, Obj):
        made.props.update(value.props)
        made.open |= value.open
        if switch:
            made.switches.update(dict.fromkeys(value.props, switch))
        else:
            for name in value.props:
                made.switches.pop(name, None)
            made.switches.update(value.switches)
    elif isinstance(value, Inst):
        made.props.update(
            {name: engine.member(value, name) for name in ("name", "description", "inputSchema")}
        )
    elif value is UNKNOWN or isinstance(value, Ext):
        made.open = True


def property_name(engine: "Engine", source: Source, key: Node, env: Env) -> str | None:
    if key.type == "computed_property_name" and key.named_child_count:
        value = engine.eval(source, key.named_children[0], env)
        return as_text(value) if isinstance(value, (str, int)) else None
    return key_text(source, key)


def array(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    made = Arr()
    for child in node.named_children:
        if child.type == "spread_element" and child.named_child_count:
            value, switch = optional(engine, source, child.named_children[0], env)
            if isinstance(value, Arr):
                made.items += [Item(one.value, one.switch or switch) for one in value.items]
                made.open |= value.open
            elif isinstance(value, Obj):  # a Map, spread into pairs
                made.items += [Item(Arr([Item(key), Item(one)])) for key, one in value.props.items()]
            elif value is UNKNOWN or isinstance(value, Ext):
                made.open = True
        elif child.type != "comment":
            made.items.append(Item(Lazy(source, child, env)))
    made.items = joined(made.items)
    return made


def unary(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    operand = node.child_by_field_name("argument")
    sign = source.text(node.children[0])
    if operand is None:
        return UNKNOWN
    value = engine.eval(source, operand, env) if sign != "void" else UNDEFINED
    if sign == "void":
        return UNDEFINED
    if sign == "!":
        told = truth(value)
        return UNKNOWN if told is None else not told
    if sign == "-" and isinstance(value, (int, float)):
        return -value
    if sign == "+" and isinstance(value, (int, float)):
        return value
    if sign == "typeof":
        return _type_of(value)
    return UNKNOWN


def _type_of(value: object) -> object:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, (Arr, Obj, Inst, Shape)):
        return "object"
    return "string" if isinstance(value, str) else "function" if isinstance(value, (Func, Cls)) else UNKNOWN


def binary(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return UNKNOWN
    sign = source.text(operator)
    one = engine.eval(source, left, env)
    if sign in ("||", "&&", "??"):
        if sign != "&&" and one in (FLAGS, CAPABILITIES):
            return one
        told = truth(one)
        if sign == "??":
            told = None if one is UNKNOWN or isinstance(one, Ext) else not (one is None or one is UNDEFINED)
            told = None if told is None else told
        if told is None:
            other = engine.eval(source, right, env)
            if sign != "&&":
                engine.trace.append(GUESS)
            if sign == "&&":
                return False if truth(other) is False else UNKNOWN
            if one is UNKNOWN and engine.missing and isinstance(other, (Arr, Obj)) and not size(other):
                return Arr(open=True)  # `given || []`: what is given may still become known
            if one is UNKNOWN and engine.missing and (other is None or other is UNDEFINED):
                return UNKNOWN  # `table[given] || null`
            # `given || "default"`: what is given is not known, so the default is.
            return other
        return one if told == (sign != "&&") else engine.eval(source, right, env)
    other = engine.eval(source, right, env)
    if sign == "+" and isinstance(one, (str, int, float)) and isinstance(other, (str, int, float)):
        if isinstance(one, str) or isinstance(other, str):
            return together([as_text(one), as_text(other)])
        return one + other if max(abs(one), abs(other)) < MAX_NUMBER else UNKNOWN
    if sign in ("===", "==", "!==", "!="):
        for value in (one, other):
            if value is UNKNOWN or isinstance(value, (Ext, Arr, Obj, Func, Inst, Shape, Bound)):
                return UNKNOWN
        same = (one == other and isinstance(one, bool) == isinstance(other, bool)) or one is other
        if sign in ("==", "!="):
            same = same or ({one is None or one is UNDEFINED, other is None or other is UNDEFINED} == {True})
        return same == (sign in ("===", "=="))
    if sign == "in" and isinstance(one, str) and isinstance(other, (Obj, Shape)):
        there = other.schema if isinstance(other, Shape) else other.props
        return UNKNOWN if isinstance(other, Obj) and other.open and one not in there else one in there
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    if numbers and sign in (">", "<", ">=", "<="):
        first, second = float(str(one)), float(str(other))
        return {">": first > second, "<": first < second, ">=": first >= second}.get(sign, first <= second)
    return UNKNOWN


_DEFINES = frozenset({"name", "description", "inputSchema", "type"})


def ternary(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    condition = node.child_by_field_name("condition")
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if condition is None or yes is None or no is None:
        return UNKNOWN
    told, _ = engine.condition(source, condition, env)
    if told is not None:
        return engine.eval(source, yes if told else no, env)
    chained = _CHAINED.search(source.data, condition.start_byte, condition.end_byte)
    if chained and source.text(yes) == "void 0":
        return engine.eval(source, no, env)
    ways = [engine.eval(source, no, env), engine.eval(source, yes, env)]
    tables = all(map(_is_table, ways))
    if tables and engine.probing and (scope := engine.lacking(source, condition, env)) is not None:
        engine.missing.append(scope)  # which table it is may be known once that is bound
        return UNKNOWN
    engine.trace.append(GUESS)
    text = engine.written(source, condition)
    if not tables or isinstance(ways[0], Arr):
        return merged([doubted(one, text) if isinstance(one, Arr) else one for one in ways])
    joined = Obj()
    for one in ways:
        if isinstance(table := doubted(one, text), Obj):
            joined.props.update(table.props)
            joined.switches.update(table.switches)
            joined.open |= table.open
    return joined


def _is_table(value: object) -> bool:
    """Whether it is a list, or an object that holds others by their names and is none of them itself."""
    return isinstance(value, Arr) or (
        isinstance(value, Obj) and bool(value.props) and _DEFINES.isdisjoint(value.props)
    )


def from_json(value: Json, depth: int) -> object:
    if depth > 12 or value is None:
        return UNKNOWN
    if isinstance(value, list):
        return Arr([Item(from_json(one, depth + 1)) for one in value])
    if isinstance(value, dict):
        return Obj({name: from_json(one, depth + 1) for name, one in value.items()})
    return value


def size(value: object) -> int:
    if isinstance(value, Arr):
        return len(value.items)
    return len(value.props) if isinstance(value, Obj) else 0


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number(text: str) -> object:
    if len(text) > MAX_DIGITS:
        return UNKNOWN
    try:
        return int(text, 0) if not re.search(r"[.eE]", text) or text.startswith("0x") else float(text)
    except (ValueError, OverflowError):
        return UNKNOWN


def dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "-" + match[1].lower(), name)


def enum(source: Source, node: Node) -> Obj:
    """A TypeScript enum."""
    made = Obj()
    body = node.child_by_field_name("body")
    for index, child in enumerate(body.named_children if body else ()):
        name = child.child_by_field_name("name") or child
        value = child.child_by_field_name("value")
        text = key_text(source, name)
        made.props[text] = Lazy(source, value, EMPTY) if value else index
    return made


def optional(engine: "Engine", source: Source, node: Node, env: Env) -> tuple[object, str]:
    """What a spread adds, with the switch where it adds nothing by default."""
    node = unwrap(node)
    if node.type == "ternary_expression":
        condition = node.child_by_field_name("condition")
        yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        if condition and yes and no:
            told, switch = engine.condition(source, condition, env)
            first, second = engine.eval(source, yes, env), engine.eval(source, no, env)
            if told is False and size(first) and not size(second):
                return first, switch
            if told is None:
                engine.trace.append(GUESS)
                return (first, "") if size(first) >= size(second) else (second, "")
            return (first if told else second), ""
    if node.type == "binary_expression" and source.text(node.children[1]) == "&&":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left and right:
            told, switch = engine.condition(source, left, env)
            return engine.eval(source, right, env), switch if told is False else ""
    return engine.eval(source, node, env), ""
