"""Functions that are called through a table or a list of functions, and the switches of those calls."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.tree import FUNCTIONS, Source, ancestors, unwrap
from mcpaudit.manifests.javascript.values import EMPTY, Bound, Func

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine
    from mcpaudit.manifests.javascript.values import ScopeKey

TABLE_STEPS = 30_000
_CALL = re.compile(rb"(?<![.\w$])([A-Za-z_$][\w$]*)\s*(?:\?\.)?\(|\]\s*(?:\?\.)?\(")
_LOOKED_UP = frozenset(
    [
        "call_expression",
        "subscript_expression",
        "binary_expression",
        "ternary_expression",
        "member_expression",
    ]
)
_EACH = re.compile(rb"\bfor\s*\(|\.(?:forEach|map)\s*\(")


def called(engine: "Engine", first: Source) -> dict["ScopeKey", str]:
    """The functions that loops call, each with the switch that makes them, empty where one does so anyway."""
    if engine.called is None:
        engine.called = {}
        with engine.apart(TABLE_STEPS):
            for source in dict.fromkeys([first, *engine.order]):
                for match in source.find(_CALL) if _EACH.search(source.data) else ():
                    if engine.spent():
                        break
                    call = _looped(source, source.at(match.end() - 1))
                    target = call.child_by_field_name("function") if call is not None else None
                    if call is not None and target is not None and _varies(engine, source, unwrap(target)):
                        _note(engine, source, call, target, engine.called)
    return engine.called


def _note(engine: "Engine", source: Source, call: Node, target: Node, found: dict["ScopeKey", str]) -> None:
    from mcpaudit.manifests.javascript.context import forks, switch_of
    from mcpaudit.manifests.javascript.reach import turn_switch

    for env in forks(engine, source, [target], EMPTY):
        dynamic, engine.dynamic = engine.dynamic, env
        try:
            value = engine.eval(source, target, env)
            value = value.of if isinstance(value, Bound) else value
            if isinstance(value, Func):
                key = engine.key(value.source, value.node)
                switch = switch_of(engine, source, call, env) or turn_switch(env, EMPTY)
                found[key] = switch and found.get(key, switch)
        finally:
            engine.dynamic = dynamic


def _looped(source: Source, node: Node) -> Node | None:
    """The call around a bracket, where a loop or `forEach` repeats it."""
    call = node.parent if node.type == "arguments" else node.parent and node.parent.parent
    if call is None or call.type != "call_expression":
        return None
    child: Node = call
    for around in ancestors(call):
        if around.type == "for_in_statement":
            return call
        if child.type in FUNCTIONS and around.type != "arguments":
            return None
        if child.type in FUNCTIONS and around.parent is not None:
            target = around.parent.child_by_field_name("function")
            if target is None or not source.text(target)[-12:].endswith((".forEach", ".map")):
                return None
            return call
        child = around
    return None


def _varies(engine: "Engine", source: Source, target: Node) -> bool:
    """Whether what is called is not always the same function."""
    if target.type == "subscript_expression":
        return True
    if target.type != "identifier":
        return False
    found = engine.binding(source, target, source.text(target))
    if found is None:
        return False
    made = unwrap(found.node)
    return found.kind in ("loop", "param") or (found.kind == "value" and made.type in _LOOKED_UP)
