"""Lists and objects with what the code puts into them after they were made."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.context import forks, reached, switch_of, undecided
from mcpaudit.manifests.javascript.expressions import optional
from mcpaudit.manifests.javascript.reach import turn_switch, unsure_call
from mcpaudit.manifests.javascript.tree import (
    FUNCTIONS,
    Match,
    Source,
    ancestors,
    arguments,
    callee_name,
    unwrap,
)
from mcpaudit.manifests.javascript.values import (
    UNKNOWN,
    Arr,
    Bound,
    Default,
    Either,
    Env,
    Func,
    Item,
    Lazy,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_THIS = re.compile(rb"this\s*\.\s*$")
_CHANGED = re.compile(rb"\s*!?\s*(?:\??\.\s*([\w$]+)\s*!?\s*)*(\(|=(?![=>])|\[)")
_EXPORTS = re.compile(rb"\s*,\s*\{")
_PASSED = re.compile(rb"\s*\|\|\s*\(")
MAX_CHANGES = 2000
_GROWING = frozenset({"push", "unshift", "set", "add"})


def grow(engine: "Engine", source: Source, scope: Node, name: str, value: object, env: Env) -> object:
    """A list or object with what is put into it by `push`, `set`, `add`, or by assigning a property."""
    is_this = name.startswith("this.")
    word = name.removeprefix("this.").encode()
    changed: Arr | Obj | None = None
    if isinstance(value, Obj) and not value.props and not is_this:
        changed = _getters(engine, source, scope, name, env)
    key = (*engine.key(source, scope), name)
    if key not in engine.places:
        engine.places[key] = _places(engine, source, scope, word, is_this)
    for match, holder in engine.places[key]:
        if engine.spent():
            break
        method, kind = (match.tail[1] or b"").decode("utf-8", "replace"), match.tail[2]
        if match.member != is_this or (kind == b"(" and method not in _GROWING):
            continue
        if kind == b"=" and not method:
            continue
        target = source.at(match.start)
        if is_this:
            if not _THIS.search(source.data, max(0, match.start - 12), match.start):
                continue
            if engine.class_of(target) != scope:
                continue
            target = target.parent or target
        elif target.type != "identifier" or not _same_variable(engine, source, target, holder):
            continue
        change = None if _on_request(source, target, scope) else _change(source, target)
        if change is None:
            continue
        if changed is None:
            changed = _copy(value)
        _apply(engine, source, change, changed, env, scope)
    return value if changed is None else changed


def _places(
    engine: "Engine", source: Source, scope: Node, word: bytes, is_this: bool
) -> list[tuple[Match, Node]]:
    """Where the text may change a variable, each with the scope of its name there."""
    places = [(match, scope) for match in islice(source.word(word, _CHANGED, scope), MAX_CHANGES)]
    for function, inner in _fillers(engine, source, word, scope) if not is_this else ():
        places += [(match, function) for match in source.word(inner, _CHANGED, function)]
    return places


def _getters(engine: "Engine", source: Source, scope: Node, name: str, env: Env) -> Obj | None:
    """`__export(a, {x: () => x})`: what bundlers write for a module whose exports are used as an object."""
    made: Obj | None = None
    for match in source.word(name.encode(), _EXPORTS, scope):
        call = source.at(match.start).parent
        call = call.parent if call is not None and call.type == "arguments" else None
        given = arguments(call) if call is not None else []
        if len(given) != 2 or given[1].type != "object" or source.text(given[0]) != name:
            continue
        table = engine.eval(source, given[1], env)
        if not isinstance(table, Obj):
            continue
        read = {key: one for key, lazy in table.props.items() if isinstance(one := engine.force(lazy), Func)}
        if len(read) == len(table.props):
            made = made or Obj()
            made.props.update({key: Bound(one, "get") for key, one in read.items()})
    return made


def _fillers(engine: "Engine", source: Source, word: bytes, scope: Node) -> Iterator[tuple[Node, bytes]]:
    """`(function (b) { b.x = 1 })(a || (a = {}))`: what fills a variable, and its name there."""
    for match in islice(source.word(word, _PASSED, scope), MAX_CHANGES):
        node: Node | None = source.at(match.start)
        for _ in range(5):
            node = node.parent if node is not None else None
            if node is None or node.type == "arguments":
                break
        call = node.parent if node is not None and node.type == "arguments" else None
        target = call.child_by_field_name("function") if call is not None else None
        function = unwrap(target) if target is not None else None
        if function is None or function.type not in FUNCTIONS:
            continue
        first = next((name for name, one in engine.table(source, function).items()), "")
        if first and first.encode() != word:
            yield function, first.encode()


def _copy(value: object) -> Arr | Obj:
    if isinstance(value, Arr):
        return Arr(list(value.items), value.open)
    if isinstance(value, Obj):
        return Obj(dict(value.props), value.open, dict(value.switches), value.source, value.node)
    return Obj()


def _change(source: Source, target: Node) -> tuple[Node, list[Node]] | None:
    """The call or assignment that changes what `target` holds, and the keys on the way: `x.a[b].push()`."""
    keys: list[Node] = []
    node = target
    for _ in range(8):
        parent = node.parent
        if parent is None:
            return None
        if parent.type in ("member_expression", "subscript_expression"):
            key = parent.child_by_field_name("property") or parent.child_by_field_name("index")
            if key is None or parent.child_by_field_name("object") != node:
                return None
            keys.append(key)
        elif parent.type == "assignment_expression":
            return (parent, keys) if keys and parent.child_by_field_name("left") == node else None
        elif parent.type == "call_expression":
            grows = bool(keys) and source.text(keys[-1]) in _GROWING
            return (parent, keys) if grows and parent.child_by_field_name("function") == node else None
        elif parent.type != "non_null_expression":
            return None
        node = parent
    return None


def _apply(
    engine: "Engine", source: Source, change: tuple[Node, list[Node]], into: Arr | Obj, env: Env, scope: Node
) -> None:
    node, keys = change
    for key in keys[:-1]:  # the list or object inside, made anew so that the old one stays as it was
        name = source.text(key) if key.type == "property_identifier" else engine.eval(source, key, env)
        inner = (
            engine.force(into.props.get(name)) if isinstance(into, Obj) and isinstance(name, str) else None
        )
        if not isinstance(inner, (Arr, Obj)) or not isinstance(into, Obj) or not isinstance(name, str):
            return
        copied = _copy(inner)
        into.props[name] = copied
        into = copied
    if node.type == "call_expression":
        _pushed(engine, source, node, source.text(keys[-1]), into, env, scope)
    else:
        _placed(engine, source, node, into, env, scope)


def _on_request(source: Source, node: Node, scope: Node) -> bool:
    """Whether code runs only when a client asks for something: it changes nothing of what is listed."""
    child = node
    for around in ancestors(node):
        if around == scope:
            return False
        if around.type == "call_expression" and child.type == "arguments":
            name = callee_name(source, around)
            if name in ("tool", "registerTool", "addTool") or (
                name == "setRequestHandler" and b"ListTools" not in source.data[slice(*_head(around))]
            ):
                return True
        child = around
    return False


def _head(call: Node) -> tuple[int, int]:
    return call.start_byte, min(call.end_byte, call.start_byte + 200)


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
            switch = switch_of(engine, source, node, inner, scope) or turn_switch(inner, env)
            switch = switch or undecided(engine, source, node, inner, scope)
            switch = switch or unsure_call(engine, inner, env)
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
                        value, own = optional(engine, source, one.named_children[0], inner)
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


def _placed(engine: "Engine", source: Source, node: Node, into: Arr | Obj, env: Env, scope: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if not isinstance(into, Obj) or left is None or right is None:
        return
    prop, index = left.child_by_field_name("property"), left.child_by_field_name("index")
    if prop is not None:
        told, switch = reached(engine, source, node, env, scope)
        _put(into, source.text(prop), Lazy(source, right, env), switch if told is False else "")
        return
    if index is None:
        return
    for inner in forks(engine, source, [index], env):
        dynamic, engine.dynamic = engine.dynamic, inner
        try:
            key = engine.eval(source, index, inner)
            told, switch = reached(engine, source, node, inner, scope)
        finally:
            engine.dynamic = dynamic
        if isinstance(key, str):
            _put(into, key, Lazy(source, right, inner), switch if told is False else "")
        elif not isinstance(key, int):
            into.open = True


def _put(into: Obj, name: str, value: Lazy, switch: str = "") -> None:
    if switch and name in into.props:
        into.props[name] = Default(into.props[name], switch)
        return
    # A property may be made anew from its own value: that is what it was before.
    into.props[name] = Either(value, into.props[name]) if name in into.props else value
