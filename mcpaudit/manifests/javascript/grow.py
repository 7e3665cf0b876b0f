"""Lists and objects with what the code puts into them after they were made."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.context import forks, switch_of, turn_switch
from mcpaudit.manifests.javascript.expressions import optional
from mcpaudit.manifests.javascript.scope import Binding
from mcpaudit.manifests.javascript.tree import Source, arguments
from mcpaudit.manifests.javascript.values import UNDEFINED, UNKNOWN, Arr, Env, Item, Lazy, Obj, merged

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_THIS = re.compile(rb"this\s*\.\s*$")
_CHANGED = re.compile(rb"\s*(?:\.\s*([\w$]+)\s*(\(|=(?![=>]))|\[)")
_ASSIGNS = re.compile(rb"\s*(?:\|\||\?\?)?=(?![=>])")
_GROWING = frozenset({"push", "unshift", "set", "add"})


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
            switch = switch_of(engine, source, node, inner, scope) or turn_switch(inner, env)
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


def assigned(engine: "Engine", source: Source, name: str, found: Binding, env: Env) -> object:
    """The value that a variable gets after its declaration."""
    values: list[object] = []
    for count, match in enumerate(source.word(name.encode(), _ASSIGNS, found.scope)):
        if match.member:
            continue
        if count > 60 or len(values) > 6:
            break
        target = source.at(match.start)
        parent = target.parent
        if parent is None or target.type != "identifier":
            continue
        right = parent.child_by_field_name("right")
        if right is None or not parent.type.endswith("assignment_expression"):
            continue
        if engine.binding(source, target, name) != found:
            continue
        value = engine.eval(source, right, env)
        if value is not UNDEFINED and value is not None:
            values.append(value)
    if not values:
        # TypeScript's enums and namespaces fill an object that an outer variable is then set to.
        filled = engine.grown(source, found.scope, name, Obj(), env) if found.scope else Obj()
        return filled if isinstance(filled, Obj) and filled.props else UNKNOWN
    return merged(values)
