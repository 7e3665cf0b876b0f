"""Classes: what their objects have by fields, constructors, getters and inheritance."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.expressions import size
from mcpaudit.manifests.javascript.scope import key_text, parameters
from mcpaudit.manifests.javascript.tree import Source, ancestors, arguments, inside
from mcpaudit.manifests.javascript.values import (
    GUESS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Env,
    Func,
    Inst,
    Item,
    Lazy,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_FIELDS = ("field_definition", "public_field_definition")
_SET = re.compile(rb"\s*=(?![=>])")
_THIS = re.compile(rb"\bthis\s*\.\s*(#?[\w$]+)\s*=(?![=>])")


def members(engine: "Engine", source: Source, node: Node, static: bool) -> dict[str, Node]:
    """The fields and methods that a class writes down itself."""
    key = engine.key(source, node)
    if key not in engine.members:
        found: tuple[dict[str, Node], dict[str, Node]] = ({}, {})
        body = node.child_by_field_name("body")
        for child in body.named_children if body else ():
            named = child.child_by_field_name("property") or child.child_by_field_name("name")
            if named is not None and child.type in (*_FIELDS, "method_definition"):
                own = any(one.type == "static" for one in child.children)
                found[own][key_text(source, named)] = child
        engine.members[key] = found
    return engine.members[key][static]


def parent_of(engine: "Engine", cls: Cls) -> Cls | None:
    """The class that a class extends, where it is to be found."""
    for child in cls.node.named_children:
        if child.type == "class_heritage" and child.named_child_count:
            clause = child.named_children[0]
            base = clause.child_by_field_name("value") if clause.type == "extends_clause" else clause
            value = engine.eval(cls.source, base, cls.env) if base else UNKNOWN
            return value if isinstance(value, Cls) else None
    return None


def lineage(engine: "Engine", cls: Cls) -> list[Cls]:
    found = [cls]
    while len(found) < 12 and (parent := parent_of(engine, found[-1])) is not None:
        found.append(parent)
    return found


def static_member(engine: "Engine", cls: Cls, name: str) -> object:
    for one in lineage(engine, cls):
        node = members(engine, one.source, one.node, static=True).get(name)
        if node is not None:
            return _value(engine, one, node, one.env)
        later = _set_outside(engine, one, name)
        if later is not UNDEFINED:
            return later
    if name == "name":
        named = cls.node.child_by_field_name("name")
        return cls.source.text(named) if named else UNKNOWN
    return UNDEFINED


def _set_outside(engine: "Engine", cls: Cls, name: str) -> object:
    """`X.name = ...` after the class, or `this.name = ...` in its static block: static fields, compiled."""
    source, word = cls.source, name.encode()
    holder = cls.node.child_by_field_name("name")
    if holder is None and cls.node.parent is not None:
        holder = cls.node.parent.child_by_field_name("name") or cls.node.parent.child_by_field_name("left")
    own = source.text(holder).encode() if holder is not None else b""
    for match in source.word(word, _SET):
        target = source.at(match.start).parent
        assigned = target.parent if target is not None else None
        if not match.member or target is None or assigned is None or assigned.type != "assignment_expression":
            continue
        start = source.data[target.start_byte : match.start].rstrip(b". \n\t")
        in_block = start == b"this" and any(
            one.type == "class_static_block" and one.parent is not None and one.parent.parent == cls.node
            for one in ancestors(target)
        )
        right = assigned.child_by_field_name("right")
        if right is not None and (in_block or (own and start == own)):
            return engine.eval(source, right, cls.env)
    return UNDEFINED


def this_env(engine: "Engine", inst: Inst) -> Env:
    """The environment of an object's methods: `this` in its class and in those that it extends."""
    env = inst.made_of.env
    for one in lineage(engine, inst.made_of):
        env = env.bind(engine.key(one.source, one.node), {"this": inst})
    return env


def instance_member(engine: "Engine", inst: Inst, name: str) -> object:
    if name == "constructor":
        return inst.made_of
    classes = lineage(engine, inst.made_of)
    env = this_env(engine, inst)
    value: object = UNDEFINED
    for index, one in enumerate(classes):
        node = members(engine, one.source, one.node, static=False).get(name)
        if node is not None:
            value = _value(engine, one, node, env)
            if value is not UNDEFINED:
                if _set_on_this(engine, one).get(name):
                    engine.trace.append(GUESS)
                break
        value = _set_in_constructor(engine, inst, classes, index, name, env)
        if value is not UNDEFINED:
            break
    if value is UNDEFINED:
        # An unknown parent, or one of the platform's, may have it.
        last = classes[-1].node
        return UNKNOWN if any(child.type == "class_heritage" for child in last.children) else UNDEFINED
    if isinstance(value, (Arr, Obj)):
        for one in classes:
            value = engine.grown(one.source, one.node, f"this.{name}", value, env)
    return value


def _value(engine: "Engine", cls: Cls, node: Node, env: Env) -> object:
    if node.type == "method_definition":
        made = Func(cls.source, node, env)
        if any(child.type == "get" for child in node.children):
            return engine.got(Bound(made, "get"))
        return made
    value = node.child_by_field_name("value")
    return engine.eval(cls.source, value, env) if value else UNDEFINED


def _set_in_constructor(
    engine: "Engine", inst: Inst, classes: list[Cls], index: int, name: str, env: Env
) -> object:
    """`this.name = ...` anywhere in a class, with what the constructor was given."""
    one = classes[index]
    if f"{name}".encode() not in one.source.data:
        return UNDEFINED
    constructor = members(engine, one.source, one.node, static=False).get("constructor")
    if constructor is not None:
        given = _given(engine, inst, classes, index, env)
        env = bind_parameters(engine, one.source, constructor, given, env)
        for parameter in parameters(constructor):  # TypeScript: constructor(private name: string)
            if parameter.type == "required_parameter" and any(
                child.type in ("accessibility_modifier", "readonly") for child in parameter.children
            ):
                inner = parameter.child_by_field_name("pattern")
                if inner is not None and one.source.text(inner) == name:
                    return engine.name(one.source, inner, name, env)
    found: object = UNDEFINED
    ways = _set_on_this(engine, one).get(name, ())
    if len(ways) > 1:
        engine.trace.append(GUESS)
    for right in ways:
        value = engine.eval(one.source, right, env)
        if value is not UNDEFINED and value is not None and (found is UNDEFINED or value is not UNKNOWN):
            found = value
            # What is empty at first is filled later.
            if value is not UNKNOWN and not (isinstance(value, (Arr, Obj)) and not size(value)):
                break
    return found


def _set_on_this(engine: "Engine", cls: Cls) -> dict[str, list[Node]]:
    """All `this.name = ...` of a class, by name."""
    key = engine.key(cls.source, cls.node)
    if key not in engine.set_on_this:
        found: dict[str, list[Node]] = {}
        for match in cls.source.find(_THIS, cls.node):
            node = cls.source.at(match.start())
            while node.parent is not None and node.type != "assignment_expression" and node != cls.node:
                node = node.parent
            right = node.child_by_field_name("right") if node.type == "assignment_expression" else None
            if right is not None and engine.class_of(node) == cls.node:
                found.setdefault(match[1].decode("utf-8", "replace"), []).append(right)
        engine.set_on_this[key] = found
    return engine.set_on_this[key]


def _given(engine: "Engine", inst: Inst, classes: list[Cls], index: int, env: Env) -> list[object]:
    """The arguments that reach a class's constructor, handed on by `super(...)` of those below it."""
    given = list(inst.args)
    for one in classes[:index]:
        constructor = members(engine, one.source, one.node, static=False).get("constructor")
        if constructor is None:
            continue
        inner = bind_parameters(engine, one.source, constructor, given, env)
        body = constructor.child_by_field_name("body")
        for call in inside(body, frozenset({"call_expression"})) if body else ():
            target = call.child_by_field_name("function")
            if target is not None and target.type == "super":
                passed = arguments(call)
                if passed and passed[0].type == "spread_element":
                    break
                given = [Lazy(one.source, argument, inner) for argument in passed]
                break
    return given


def bind_parameters(engine: "Engine", source: Source, function: Node, given: list[object], env: Env) -> Env:
    """The environment of a function's body when it is called with the given values."""
    whole = Arr([Item(value) for value in given])
    names: dict[str, object] = {}
    scope = engine.key(source, function)
    table = engine.table(source, function)
    env = env.bind(scope, names)
    for name, binding in table.items():
        if binding.kind == "param":
            names[name] = engine.taken(whole, binding.path, source, env)
    return env
