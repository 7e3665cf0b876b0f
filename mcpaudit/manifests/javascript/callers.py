"""Who calls a function, by what names it goes, and what objects are made of a class."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.classes import lineage
from mcpaudit.manifests.javascript.modules import exported_as
from mcpaudit.manifests.javascript.scope import key_text
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    ancestors,
    arguments,
    holder_of,
    is_await,
    unwrap,
)
from mcpaudit.manifests.javascript.values import EMPTY, UNKNOWN, Cls, Func, Inst, Lazy

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MAX_SITES = 1500
Site = tuple[Source, Node, list[Node]]
_CALLED = re.compile(rb"\)?\s*(?:\?\.)?\s*\(")
_HANDS_ON = frozenset(
    ["pair", "arguments", "array", "object", "assignment_expression", "variable_declarator"]
)
_NOTHING = re.compile(rb"")
_EXTENDS, _NEW = re.compile(rb"\bextends\s+[\w$.]*$"), re.compile(rb"\bnew\s+[\w$.]*$")


def call_sites(engine: "Engine", source: Source, function: Node) -> list[Site]:
    """The calls that reach a function, with their arguments."""
    key = engine.key(source, function)
    if key not in engine.sites:
        engine.sites[key] = []  # so that looking for the calls of one function cannot need itself
        engine.sites[key] = list(_sites(engine, source, function))
    return engine.sites[key]


def _sites(engine: "Engine", source: Source, function: Node) -> Iterator[Site]:
    count = 0
    for name, is_method, scope in names_of(engine, source, function):
        for where in engine.order if scope is None else [source]:
            names = {name} if is_method or where is source else aliases(engine, where, source, name)
            for one in sorted(names):
                for match in where.word(one.encode(), _CALLED, scope if where is source else None):
                    call = _call_at(where, match.start)
                    engine.meter.steps += 2
                    if engine.spent():
                        return
                    if call is None or not _is_call_of(engine, where, call, source, function, is_method):
                        continue
                    count += 1
                    if count > MAX_SITES:
                        return
                    yield where, call, arguments(call)


def names_of(engine: "Engine", source: Source, function: Node) -> list[tuple[str, bool, Node | None]]:
    """The names by which a function can be called: the name, whether as a method, and its only scope."""
    found: list[tuple[str, bool, Node | None]] = []
    name = function.child_by_field_name("name")
    if name is not None and function.type != "method_definition":
        found.append((source.text(name), False, None))
    if function.type == "method_definition" and name is not None:
        text, owner = key_text(source, name), function.parent.parent if function.parent else None
        if text == "constructor" and owner is not None:
            return [(called, False, None)] if (called := class_name(source, owner)) else []
        return [(text, True, None)]
    holder = holder_of(function)
    if holder is None:
        return found
    if holder.type in ("variable_declarator", *("field_definition", "public_field_definition")):
        named = holder.child_by_field_name("name") or holder.child_by_field_name("property")
        if named is not None:
            found.append((source.text(named), holder.type != "variable_declarator", None))
    elif holder.type == "pair":
        key = holder.child_by_field_name("key")
        if key is not None:
            found.append((key_text(source, key), True, None))
    elif holder.type == "assignment_expression":
        left = holder.child_by_field_name("left")
        prop = left.child_by_field_name("property") if left is not None else None
        if prop is not None:
            found.append((source.text(prop), True, None))
        elif left is not None:
            found.append((source.text(left), False, None))
    elif holder.type == "return_statement" or holder.type == "arrow_function":
        # A function that makes a function: what its result is called is how this one is called.
        maker = next((one for one in ancestors(function) if one.type in FUNCTIONS), None)
        for where, call, _ in call_sites(engine, source, maker) if maker is not None else ():
            parent = call.parent
            if where is source and parent is not None and parent.type == "variable_declarator":
                named = parent.child_by_field_name("name")
                if named is not None and named.type == "identifier":
                    found.append((source.text(named), False, None))
    return list(dict.fromkeys(found))


def handed_on(engine: "Engine", source: Source, function: Node) -> bool:
    """Whether a function is used otherwise than by calling it by its name: in a table, as an argument."""
    for name, is_method, scope in names_of(engine, source, function):
        for where in engine.order if scope is None and not is_method else [source]:
            names = {name} if is_method or where is source else aliases(engine, where, source, name)
            for one in sorted(names):
                for match in where.word(one.encode(), _NOTHING, scope if where is source else None):
                    engine.meter.steps += 1
                    if engine.spent() or _is_value(engine, where, match.start, source, function, is_method):
                        return True
    return False


def _is_value(
    engine: "Engine", where: Source, start: int, source: Source, function: Node, is_method: bool
) -> bool:
    node = where.at(start)
    parent = node.parent
    if parent is None or _call_at(where, start) is not None:
        return False
    if is_method:
        holder = parent.parent
        return (
            parent.type == "member_expression"
            and holder is not None
            and holder.type in ("pair", "arguments", "array", "member_expression")
        )
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return False
    if parent.type not in _HANDS_ON:
        return False
    if parent.type == "variable_declarator" and parent.child_by_field_name("name") == node:
        return False
    missing = len(engine.missing)
    value = engine.eval(where, node, EMPTY)
    del engine.missing[missing:]
    return isinstance(value, Func) and value.node == function and value.source is source


def aliases(engine: "Engine", where: Source, source: Source, name: str) -> set[str]:
    """What a name of one file can be called in another: it may be exported, and imported, under others."""
    key = (id(where), id(source), name)
    if key not in engine.aliases:
        present = {one for one in exported_as(engine, source, name) if one.encode() in where.data}
        table = engine.table(where, where.root) if present else {}
        imported = {alias for alias, one in table.items() if one.kind == "import" and one.imported in present}
        engine.aliases[key] = present | imported
    return engine.aliases[key]


def _call_at(source: Source, start: int) -> Node | None:
    node = source.at(start)
    for _ in range(6):
        parent = node.parent
        if parent is None:
            return None
        if parent.type in ("call_expression", "new_expression") and not is_await(parent):
            target = parent.child_by_field_name("function") or parent.child_by_field_name("constructor")
            return (
                parent
                if target is not None and target.start_byte <= node.start_byte < target.end_byte
                else None
            )
        node = parent
    return None


def _is_call_of(
    engine: "Engine", where: Source, call: Node, source: Source, function: Node, is_method: bool
) -> bool:
    target = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    if target is None:
        return False
    target = unwrap(target)
    if is_method and target.type != "member_expression":
        return False
    missing = len(engine.missing)
    value = engine.eval(where, target, EMPTY)
    del engine.missing[missing:]
    if isinstance(value, Func):
        return value.node == function and value.source is source
    if is_method:
        receiver = target.child_by_field_name("object")
        return receiver is None or receiver.type != "super"
    if isinstance(value, Cls):
        return function.parent is not None and function.parent.parent == value.node
    return value is UNKNOWN and where is source


def heirs(engine: "Engine", source: Source, node: Node) -> list[Cls]:
    """A class, if it is made itself, and those below it."""
    key = engine.key(source, node)
    if key not in engine.heirs:
        engine.heirs[key] = list(_heirs(engine, source, node))
    return engine.heirs[key]


def _heirs(engine: "Engine", source: Source, node: Node) -> Iterator[Cls]:
    queue, seen, heirs = [(source, node)], {node.id}, 0
    while queue and heirs < 1000:
        where, current = queue.pop(0)
        below: list[tuple[Source, Node]] = []
        name = class_name(where, current)
        for other in engine.order if name else ():
            for alias in sorted({name} if other is where else aliases(engine, other, where, name)):
                for match in other.word(alias.encode(), _NOTHING):
                    if not _EXTENDS.search(other.data, max(0, match.start - 60), match.start):
                        continue
                    found = next(
                        (one for one in ancestors(other.at(match.start)) if one.type in CLASSES), None
                    )
                    if found is None or found.id in seen:
                        continue
                    chain = lineage(engine, Cls(other, found, EMPTY))
                    if len(chain) > 1 and chain[1].node == current:
                        seen.add(found.id)
                        below.append((other, found))
        heirs += len(below)
        queue += below
        abstract = current.type == "abstract_class_declaration"
        if not abstract and (not below or made(engine, Cls(where, current, EMPTY))):
            yield Cls(where, current, EMPTY)


def class_name(source: Source, node: Node) -> str:
    holder = node.parent
    named = node.child_by_field_name("name")
    if holder is not None and holder.type == "variable_declarator":
        named = holder.child_by_field_name("name") or named
    elif holder is not None and holder.type == "assignment_expression":
        left = holder.child_by_field_name("left")
        named = left if left is not None and left.type == "identifier" else named
    return source.text(named) if named is not None else ""


def made(engine: "Engine", cls: Cls) -> list[Inst]:
    """The objects that `new` makes of a class."""
    key = engine.key(cls.source, cls.node)
    if key not in engine.made:
        engine.made[key] = []  # so that an argument that leads back here comes to an end
        engine.made[key] = list(_made(engine, cls))
    return engine.made[key]


def _made(engine: "Engine", cls: Cls) -> Iterator[Inst]:
    name = class_name(cls.source, cls.node)
    if not name:
        return
    for where in engine.order:
        for alias in sorted({name} if where is cls.source else aliases(engine, where, cls.source, name)):
            for match in where.word(alias.encode(), _NOTHING):
                if not _NEW.search(where.data, max(0, match.start - 60), match.start):
                    continue
                node = where.at(match.start)
                parent = node.parent
                if parent is not None and parent.type == "member_expression":
                    parent = parent.parent
                if parent is None or parent.type != "new_expression":
                    continue
                target = parent.child_by_field_name("constructor")
                value = engine.eval(where, target, EMPTY) if target is not None else None
                if isinstance(value, Cls) and value.node == cls.node:
                    yield Inst(cls, tuple(Lazy(where, one, EMPTY) for one in arguments(parent)))
