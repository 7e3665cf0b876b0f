"""What a variable holds after all that is assigned to it below its declaration."""

from typing import TYPE_CHECKING

from mcpaudit.manifests.javascript.context import reached, switch_of
from mcpaudit.manifests.javascript.guards import ASSIGNS, guards
from mcpaudit.manifests.javascript.scope import Binding
from mcpaudit.manifests.javascript.tree import Source
from mcpaudit.manifests.javascript.values import (
    GUESS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Env,
    Item,
    Obj,
    merged,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MAX_SETTINGS = 20


def assigned(engine: "Engine", source: Source, name: str, found: Binding, env: Env) -> object:
    """The value that a variable gets after its declaration."""
    values: list[object] = []
    sure = True
    for count, match in enumerate(source.word(name.encode(), ASSIGNS, found.scope)):
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
        switch = switch_of(engine, source, target, env, found.scope)
        value = engine.quiet(source, right, env) if switch else engine.eval(source, right, env)
        if switch and isinstance(value, Arr):
            value = Arr([Item(one.value, one.switch or switch) for one in value.items], value.open)
        elif switch:
            continue
        if value is not UNDEFINED and value is not None:
            values.append(value)
            sure = sure and next(guards(target, found.scope), None) is None
    if not values:
        # TypeScript's enums and namespaces fill an object that an outer variable is then set to.
        filled = engine.grown(source, found.scope, name, Obj(), env) if found.scope else Obj()
        return filled if isinstance(filled, Obj) and filled.props else UNKNOWN
    if len(values) > 1 or not sure:
        engine.trace.append(GUESS)
    return merged(values)


def settled(
    engine: "Engine", source: Source, name: str, found: Binding, first: object, env: Env
) -> object | None:
    """What a variable holds after all that is assigned to it by default; `None` where that is not known."""
    guard = (*engine.key(source, found.node), name)
    value, some, noted = first, first is not UNDEFINED, len(engine.trace)
    try:
        for count, match in enumerate(source.word(name.encode(), ASSIGNS, found.scope)):
            target = source.at(match.start)
            parent = target.parent
            if match.member or parent is None or parent.type != "assignment_expression":
                continue
            right = parent.child_by_field_name("right")
            if right is None or engine.binding(source, target, name) != found:
                continue
            some = True
            engine.settling[guard] = (engine.depth, value)
            told, switch = reached(engine, source, target, env, found.scope)
            if told is None or count > MAX_SETTINGS:
                del engine.trace[noted:]
                return None
            if told:
                value = engine.eval(source, right, env)
            else:
                engine.trace.append(switch)
        return value if some and value is not UNKNOWN else None
    finally:
        engine.settling.pop(guard, None)
