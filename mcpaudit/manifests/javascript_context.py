"""In which ways a piece of code can be reached: the calls of its function, the turns of its loop, the objects
of its class; and under which conditions."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript_calls import as_object
from mcpaudit.manifests.javascript_classes import lineage, members
from mcpaudit.manifests.javascript_scope import key_text, parameters
from mcpaudit.manifests.javascript_tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    ancestors,
    arguments,
    inside,
    unwrap,
)
from mcpaudit.manifests.javascript_values import (
    EMPTY,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Cls,
    Env,
    Func,
    Inst,
    Item,
    Lazy,
    Ns,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript_eval import Engine

MAX_FORKS, MAX_LEVELS, MAX_SITES, MAX_CALLERS = 3000, 9, 1500, 4
Site = tuple[Source, Node, list[Node]]
Chain = frozenset[tuple[int, int]]
_CALLED = re.compile(rb"\)?\s*(?:\?\.)?\s*\(")
_NOTHING, _THIS = re.compile(rb""), re.compile(rb"this\s*\.\s*$")
_EXTENDS, _NEW = re.compile(rb"\bextends\s+[\w$.]*$"), re.compile(rb"\bnew\s+[\w$.]*$")
_CHANGED = re.compile(rb"\s*(?:\.\s*([\w$]+)\s*(\(|=(?![=>]))|\[)")
_EACH = frozenset({"forEach", "map", "flatMap", "filter"})
_JUMPS = frozenset({"return_statement", "continue_statement", "throw_statement", "break_statement"})
_GROWING = frozenset({"push", "unshift", "set", "add"})


def guards(node: Node, top: Node | None) -> Iterator[tuple[Node, bool]]:
    """The conditions under which a piece of code is reached, with the outcome that each must have."""
    child = node
    for around in ancestors(node):
        kind = around.type
        if kind in ("if_statement", "ternary_expression"):
            condition = around.child_by_field_name("condition")
            if condition is not None and child == around.child_by_field_name("consequence"):
                yield condition, True
            elif condition is not None and child == around.child_by_field_name("alternative"):
                yield condition, False
        elif kind == "binary_expression":
            operator, left = around.child_by_field_name("operator"), around.child_by_field_name("left")
            if operator is not None and left is not None and operator.type == "&&" and child != left:
                yield left, True
        elif kind in ("statement_block", "program"):
            yield from _left_early(around, child)
        if top is not None and around == top:
            return
        child = around


def _left_early(block: Node, before: Node) -> Iterator[tuple[Node, bool]]:
    """`if (!enabled) return;` above a piece of code is a condition on it."""
    previous, count = before.prev_named_sibling, 0
    while previous is not None and count < 40:
        if previous.type == "if_statement" and previous.child_by_field_name("alternative") is None:
            body = previous.child_by_field_name("consequence")
            last = body
            if body is not None and body.type == "statement_block" and body.named_child_count:
                last = body.named_children[-1]
            condition = previous.child_by_field_name("condition")
            if last is not None and condition is not None and last.type in _JUMPS:
                yield condition, False
        previous, count = previous.prev_named_sibling, count + 1


def switch_of(engine: "Engine", source: Source, node: Node, env: Env, top: Node | None = None) -> str:
    """What has to be set for a piece of code to be reached; empty where it is reached by default."""
    for condition, wanted in guards(node, top):
        holds, switch = _condition(engine, source, condition, env)
        if holds is None and top is None:
            # It depends on what the function around it is given: it is off if every call leaves it off.
            told = [
                _condition(engine, source, condition, env, given)
                for given in _given(engine, source, condition, env)
            ]
            if told and all(one is not None and one != wanted for one, _ in told):
                holds, switch = told[0]
        if holds is not None and holds != wanted and switch:
            return switch
    return ""


def _condition(
    engine: "Engine", source: Source, node: Node, env: Env, given: Env = EMPTY
) -> tuple[bool | None, str]:
    dynamic = engine.dynamic
    engine.dynamic = given if given is not EMPTY else env if env is not EMPTY else dynamic
    try:
        return engine.condition(source, node, env)
    finally:
        engine.dynamic = dynamic


def _given(engine: "Engine", source: Source, condition: Node, env: Env) -> list[Env]:
    """What the first parameter in a condition that is not known yet can be given; worked out once each."""
    for name in inside(condition, frozenset({"identifier"})):
        binding = engine.binding(source, name, source.text(name))
        if binding is None or binding.kind != "param" or binding.scope is None:
            continue
        scope = engine.key(source, binding.scope)
        if env.find(scope, source.text(name)) is not None:
            continue
        key = (*scope, source.text(name))
        if key not in engine.given:
            engine.given[key] = []
            gaps, cap = dict(engine.gaps), engine.capped()
            engine.given[key] = list(islice(forks(engine, source, [name], EMPTY), MAX_CALLERS))
            engine.restore(cap)
            engine.gaps = gaps
        return engine.given[key]
    return []


def forks(
    engine: "Engine", source: Source, nodes: list[Node], env: Env, chain: Chain = frozenset()
) -> Iterator[Env]:
    """The environments in which expressions are reached, each with all bound that they need.

    `chain` holds the scopes that are being bound, so that a function that calls itself comes to an end.
    """
    scope = _needs(engine, source, nodes, env)
    if scope is None or len(chain) >= MAX_LEVELS or engine.spent():
        yield env
        return
    count = 0
    key = engine.key(*scope)
    longer = chain | {key}
    for inner in expand(engine, *scope, env, longer) if key not in chain else ():
        for found in forks(engine, source, nodes, inner, longer):
            count += 1
            if count > MAX_FORKS or engine.spent():
                return
            yield found
    if not count:
        where, node = scope
        unknown: dict[str, object] = dict.fromkeys(engine.table(where, node), UNKNOWN)
        unknown["this"] = UNKNOWN
        yield from forks(engine, source, nodes, env.bind(key, unknown), longer)


def _needs(engine: "Engine", source: Source, nodes: list[Node], env: Env) -> tuple[Source, Node] | None:
    """The first scope that has to be bound before the expressions are known."""
    before, dynamic = engine.missing, engine.dynamic
    engine.missing, engine.dynamic = [], env
    try:
        for node in nodes:
            engine.missing = []
            value = engine.eval(source, node, env)
            if value is UNKNOWN and engine.missing:
                return engine.missing[0]
            for part in _parts(value):
                engine.missing = []
                if engine.force(part) is UNKNOWN and engine.missing:
                    return engine.missing[0]
    finally:
        engine.missing, engine.dynamic = before, dynamic
    return None


def _parts(value: object) -> list[object]:
    if isinstance(value, Obj):
        return [value.props[name] for name in ("name", "id") if name in value.props]
    return []


def expand(engine: "Engine", source: Source, scope: Node, env: Env, chain: Chain) -> Iterator[Env]:
    """The ways to bind a scope."""
    if scope.type == "for_in_statement":
        yield from _turns(engine, source, scope, env, chain)
    elif scope.type in CLASSES:
        yield from _objects(engine, source, scope, env)
    elif scope.type in FUNCTIONS:
        yield from _calls(engine, source, scope, env, chain)


def _turns(engine: "Engine", source: Source, loop: Node, env: Env, chain: Chain) -> Iterator[Env]:
    right = loop.child_by_field_name("right")
    operator = loop.child_by_field_name("operator")
    if right is None:
        return
    for outer in forks(engine, source, [right], env, chain):
        value = _under(engine, outer, source, right)
        if isinstance(value, Obj):
            keys = operator is not None and operator.type == "in"
            pairs = [
                (key if keys else Arr([Item(key), Item(one)]), value.switches.get(key, ""))
                for key, one in value.props.items()
            ]
            value = Arr([Item(one, switch) for one, switch in pairs], value.open)
        if not isinstance(value, Arr):
            continue
        if value.open:
            engine.incomplete(source, loop)
        table = engine.table(source, loop)
        for item in value.items:
            names = {name: engine.walk(item.value, one.path, source, outer) for name, one in table.items()}
            names["?"] = item.switch
            yield outer.bind(engine.key(source, loop), names)


def _under(engine: "Engine", env: Env, source: Source, node: Node) -> object:
    dynamic, engine.dynamic = engine.dynamic, env
    try:
        return as_object(engine, engine.eval(source, node, env))
    finally:
        engine.dynamic = dynamic


def _calls(engine: "Engine", source: Source, function: Node, env: Env, chain: Chain) -> Iterator[Env]:
    """The calls of a function, and the elements of the list that it is called for."""
    holder = function.parent
    if holder is not None and holder.type == "arguments" and holder.parent is not None:
        target = holder.parent.child_by_field_name("function")
        if target is not None and target.type == "member_expression":
            prop, receiver = target.child_by_field_name("property"), target.child_by_field_name("object")
            if prop is not None and receiver is not None and source.text(prop) in _EACH:
                yield from _elements(engine, source, function, receiver, env, chain)
                return
    for where, call, values in call_sites(engine, source, function):
        position = [one for one in values if one.type != "spread_element"]
        for outer in forks(engine, where, position[:2], env, chain):
            given: list[object] = []
            for one in values:
                if one.type == "spread_element" and one.named_child_count:
                    spread = _under(engine, outer, where, one.named_children[0])
                    given += [item.value for item in spread.items] if isinstance(spread, Arr) else []
                else:
                    given.append(Lazy(where, one, outer))
            switch = switch_of(engine, where, call, outer)
            yield bind_call(engine, source, function, given, outer, switch)


def _elements(
    engine: "Engine", source: Source, function: Node, receiver: Node, env: Env, chain: Chain
) -> Iterator[Env]:
    for outer in forks(engine, source, [receiver], env, chain):
        value = _under(engine, outer, source, receiver)
        if isinstance(value, Obj):
            value = Arr(
                [Item(one, value.switches.get(key, "")) for key, one in value.props.items()], value.open
            )
        if not isinstance(value, Arr):
            continue
        if value.open:
            engine.incomplete(source, receiver)
        for index, item in enumerate(value.items):
            yield bind_call(engine, source, function, [item.value, index], outer, item.switch)


def bind_call(
    engine: "Engine", source: Source, function: Node, given: list[object], env: Env, switch: str
) -> Env:
    whole = Arr([Item(value) for value in given])
    names: dict[str, object] = {}
    inner = env.bind(engine.key(source, function), names)
    dynamic, engine.dynamic = engine.dynamic, env
    try:
        for name, binding in engine.table(source, function).items():
            if binding.kind == "param":
                names[name] = engine.taken(whole, binding.path, source, inner)
    finally:
        engine.dynamic = dynamic
    names["?"] = switch
    return inner


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
            if name.encode() not in where.data:
                continue
            names = {name} if is_method or where is source else _aliases(engine, where, name)
            for one in sorted(names):
                for match in where.word(one.encode(), _CALLED, scope if where is source else None):
                    call = _call_at(where, match.start)
                    engine.steps += 10
                    if engine.spent():
                        return
                    if call is None or not _is_call_of(engine, where, call, source, function, is_method):
                        continue
                    count += 1
                    if count > MAX_SITES:
                        return
                    yield where, call, arguments(call)


def names_of(engine: "Engine", source: Source, function: Node) -> list[tuple[str, bool, Node | None]]:
    """The names by which a function can be called: the name, whether as a method, and where alone it is known."""
    found: list[tuple[str, bool, Node | None]] = []
    name = function.child_by_field_name("name")
    if name is not None and function.type != "method_definition":
        found.append((source.text(name), False, None))
    if function.type == "method_definition" and name is not None:
        text = key_text(source, name)
        return [(text, text != "constructor", None)]
    holder, child = function.parent, function
    while holder is not None and holder.type in (
        "parenthesized_expression",
        "as_expression",
        "await_expression",
    ):
        holder, child = holder.parent, holder
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


def _aliases(engine: "Engine", source: Source, name: str) -> set[str]:
    table = engine.table(source, source.root)
    found = {alias for alias, one in table.items() if one.kind == "import" and one.imported == name}
    return found | {name}


def _call_at(source: Source, start: int) -> Node | None:
    node = source.at(start)
    for _ in range(4):
        parent = node.parent
        if parent is None:
            return None
        if parent.type in ("call_expression", "new_expression"):
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


def _objects(engine: "Engine", source: Source, node: Node, env: Env) -> Iterator[Env]:
    """The objects that `this` can be in a class: those made of it and of the classes that extend it."""
    count = 0
    for cls in _heirs(engine, source, node):
        made = list(_made(engine, cls))
        for inst in made or [Inst(cls)]:
            inner = env
            for one in lineage(engine, cls):
                inner = inner.bind(engine.key(one.source, one.node), {"this": inst})
            count += 1
            if count > MAX_SITES:
                return
            yield inner


def _heirs(engine: "Engine", source: Source, node: Node) -> Iterator[Cls]:
    """A class, if it is made itself, and those below it."""
    queue, seen, heirs = [(source, node)], {node.id}, 0
    while queue and heirs < 1000:
        where, current = queue.pop(0)
        below: list[tuple[Source, Node]] = []
        name = class_name(where, current)
        for other in engine.order if name else ():
            if name.encode() not in other.data:
                continue
            for alias in sorted({name} if other is where else _aliases(engine, other, name)):
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
        if not abstract and (not below or any(True for _ in _made(engine, Cls(where, current, EMPTY)))):
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


def _made(engine: "Engine", cls: Cls) -> Iterator[Inst]:
    name = class_name(cls.source, cls.node)
    if not name:
        return
    for where in engine.order:
        if name.encode() not in where.data:
            continue
        for alias in sorted({name} if where is cls.source else _aliases(engine, where, name)):
            for match in where.word(alias.encode(), _NOTHING):
                if not _NEW.search(where.data, max(0, match.start - 60), match.start):
                    continue
                node = where.at(match.start)
                made = node.parent
                if made is not None and made.type == "member_expression":
                    made = made.parent
                if made is None or made.type != "new_expression":
                    continue
                target = made.child_by_field_name("constructor")
                value = engine.eval(where, target, EMPTY) if target is not None else None
                if isinstance(value, Cls) and value.node == cls.node:
                    yield Inst(cls, tuple(Lazy(where, one, EMPTY) for one in arguments(made)))


def grow(engine: "Engine", source: Source, scope: Node, name: str, value: object, env: Env) -> object:
    """A list or object with what is put into it by `push`, `set`, `add`, or by assigning a property."""
    is_this = name.startswith("this.")
    word = name.removeprefix("this.").encode()
    changed: Arr | Obj | None = None
    for count, match in enumerate(source.word(word, _CHANGED, scope)):
        if count > 2000 or engine.spent():
            break
        prop = (match.tail[1] or b"").decode("utf-8", "replace")
        if match.member != is_this or (match.tail[2] == b"(" and prop not in _GROWING):
            continue
        target = source.at(match.start)
        if is_this:
            if not _THIS.search(source.data, max(0, match.start - 12), match.start):
                continue
            if engine.class_of(target) != scope:
                continue
        elif target.type != "identifier" or not _same_variable(engine, source, target, scope):
            continue
        node: Node | None = target
        for _ in range(4):
            node = node.parent if node is not None else None
            if node is None or node.type in ("call_expression", "assignment_expression"):
                break
        if node is None:
            continue
        if changed is None:
            changed = (
                Arr(list(value.items), value.open)
                if isinstance(value, Arr)
                else Obj(dict(value.props), value.open, dict(value.switches), value.source, value.node)
                if isinstance(value, Obj)
                else None
            )
            if changed is None:
                return value
        if node.type == "call_expression":
            _pushed(engine, source, node, prop, changed, env, scope)
        elif node.type == "assignment_expression":
            _placed(engine, source, node, changed, env, scope)
    return value if changed is None else changed


def _same_variable(engine: "Engine", source: Source, target: Node, scope: Node) -> bool:
    found = engine.binding(source, target, source.text(target))
    return found is not None and (
        found.scope == scope
        # The inner name of a namespace or an enum: (function (X) { X.a = 1 })(X || (X = {}))
        or (
            found.kind == "param"
            and found.scope is not None
            and _self_call(source, found.scope, target, scope)
        )
    )


def _self_call(source: Source, function: Node, target: Node, scope: Node) -> bool:
    holder = function.parent
    call = holder.parent if holder is not None and holder.type == "parenthesized_expression" else holder
    if call is None or call.type != "call_expression":
        return False
    return any(source.text(target) in source.text(one)[:200] for one in arguments(call))


def _pushed(
    engine: "Engine", source: Source, node: Node, method: str, into: Arr | Obj, env: Env, scope: Node
) -> None:
    given = arguments(node)
    heads = [
        one.named_children[0] if one.type == "spread_element" and one.named_child_count else one
        for one in given
    ]
    for inner in forks(engine, source, heads[:2], env):
        dynamic, engine.dynamic = engine.dynamic, inner
        try:
            switch = switch_of(engine, source, node, inner, scope) or _turn_switch(inner, env)
            if method == "set" and len(given) > 1 and isinstance(into, Obj):
                key = engine.eval(source, given[0], inner)
                if isinstance(key, str):
                    into.props[key] = Lazy(source, given[1], inner)
                    if switch:
                        into.switches[key] = switch
                else:
                    into.open = True
            elif isinstance(into, Arr) and method != "set":
                for one in given:
                    if one.type == "spread_element" and one.named_child_count:
                        value, own = engine.optional(source, one.named_children[0], inner)
                        if isinstance(value, Arr):
                            into.items += [
                                Item(item.value, item.switch or own or switch) for item in value.items
                            ]
                            into.open |= value.open
                        else:
                            into.open = True
                    else:
                        value = engine.eval(source, one, inner)
                        into.items.append(
                            Item(Lazy(source, one, inner) if value is UNKNOWN else value, switch)
                        )
        finally:
            engine.dynamic = dynamic


def _turn_switch(inner: Env, outer: Env) -> str:
    env: Env | None = inner
    while env is not None and env is not outer:
        switch = env.names.get("?")
        if isinstance(switch, str) and switch:
            return switch
        env = env.up
    return ""


turn_switch = _turn_switch


def _placed(engine: "Engine", source: Source, node: Node, into: Arr | Obj, env: Env, scope: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if not isinstance(into, Obj) or left is None or right is None:
        return
    prop, index = left.child_by_field_name("property"), left.child_by_field_name("index")
    if prop is not None:
        into.props[source.text(prop)] = Lazy(source, right, env)
        return
    if index is None:
        return
    for inner in forks(engine, source, [index], env):
        dynamic, engine.dynamic = engine.dynamic, inner
        try:
            key = engine.eval(source, index, inner)
        finally:
            engine.dynamic = dynamic
        if isinstance(key, str):
            into.props[key] = Lazy(source, right, inner)
        elif not isinstance(key, int):
            into.open = True


__all__ = ["EMPTY", "UNDEFINED", "Ns", "expand", "forks", "guards", "members", "parameters", "switch_of"]
