"""In which ways a piece of code can be reached: the calls of its function, the turns of its loop, the objects
of its class; and under which conditions."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.callers import MAX_SITES, call_sites, handed_on, heirs, made
from mcpaudit.manifests.javascript.classes import lineage
from mcpaudit.manifests.javascript.expressions import size
from mcpaudit.manifests.javascript.guards import Guard, conditions, guards, in_catch
from mcpaudit.manifests.javascript.platform import as_object
from mcpaudit.manifests.javascript.tables import called
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    ancestors,
    holder_of,
)
from mcpaudit.manifests.javascript.values import (
    ARGUMENTS,
    EMPTY,
    FLAGS,
    GUESS,
    MAYBE,
    NEEDS,
    UNKNOWN,
    Arr,
    Env,
    Inst,
    Item,
    Lazy,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MAX_FORKS, MAX_LEVELS, MAX_CALLERS = 3000, 9, 4
GIVEN_STEPS, MAX_HELD = 5000, 6
CAUGHT = "a failure at start-up"
CALL = "?call"
"""Under what name, which no code can have, a function's environment holds the call that it is bound for."""
Chain = frozenset[tuple[int, int]]
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_COMMANDS, MAX_OPTIONS = frozenset({"action", "command"}), 4
"""Methods of commander and yargs that hand what the command line says to a function."""
_EACH = frozenset({"forEach", "map", "flatMap", "filter"})


def switch_of(engine: "Engine", source: Source, node: Node, env: Env, top: Node | None = None) -> str:
    """What has to be set for a piece of code to be reached; empty where it is reached by default."""
    needs = ""
    for guard in guards(node, top):
        met, switch = (_met if top is not None else met_by_all)(engine, source, guard, env)
        if switch.startswith(NEEDS):
            needs, switch = needs or switch, ""
        if met is False and switch:
            return switch
    if in_catch(node, top):
        return CAUGHT
    return (_callers_switch(engine, source, node, env) if top is None else "") or needs


def reached(
    engine: "Engine", source: Source, node: Node, env: Env, top: Node | None
) -> tuple[bool | None, str]:
    """Whether a piece of code in `top` is reached by default, and the switch where it is known not to be."""
    told: bool | None = True
    for guard in guards(node, top):
        met, switch = met_by_all(engine, source, guard, env)
        if met is False and switch:
            return False, switch.removeprefix(NEEDS)
        if met is not True:
            told = None
    if in_catch(node, top):
        return False, CAUGHT
    return _for_arguments(engine, source, node, env, top, told)


def undecided(engine: "Engine", source: Source, node: Node, env: Env, top: Node | None = None) -> str:
    """A condition on a piece of code of which it is not known whether it holds by default, if any."""
    for guard in guards(node, top):
        met, switch = met_by_all(engine, source, guard, env)
        if met is not True and not switch.startswith(NEEDS):
            return MAYBE + engine.written(source, guard.condition)
    return ""


def _for_arguments(
    engine: "Engine", source: Source, node: Node, env: Env, top: Node | None, told: bool | None
) -> tuple[bool | None, str]:
    """What is done for each argument of the command line is done for none by default."""
    child = node
    for around in ancestors(node):
        if around == top:
            break
        listed: Node | None = None
        if around.type == "for_in_statement":
            listed = around.child_by_field_name("right")
        elif around.type == "arguments" and child.type in FUNCTIONS and around.parent is not None:
            target = around.parent.child_by_field_name("function")
            listed = target.child_by_field_name("object") if target is not None else None
            told = None
        elif child.type in FUNCTIONS:
            told = None
        if listed is not None and _under(engine, env, source, listed) == ARGUMENTS:
            return False, ARGUMENTS.path
        child = around
    return told, ""


def _callers_switch(engine: "Engine", source: Source, node: Node, env: Env) -> str:
    """The switch of the functions around a piece of code, where all that calls one of them is off."""
    for around in ancestors(node):
        if around.type not in FUNCTIONS:
            continue
        key = engine.key(source, around)
        if env.holding_scope(key) is not None:
            continue  # it is one call of it that is looked at, and its switch is known
        if key not in engine.reached:
            engine.reached[key] = ""  # a function that calls itself is reached by others
            engine.reached[key] = _calls_switch(engine, source, around)
        if engine.reached[key]:
            return engine.reached[key]
    return ""


def _calls_switch(engine: "Engine", source: Source, function: Node) -> str:
    found = ""
    for where, call, _ in call_sites(engine, source, function):
        if where is source and function.start_byte <= call.start_byte < function.end_byte:
            continue
        switch = switch_of(engine, where, call, EMPTY)
        if not switch:
            return ""
        found = found or switch
    if not handed_on(engine, source, function):
        return found
    through = called(engine, source).get(engine.key(source, function), "")
    # Where something is tried again after a failure, it was tried before.
    return "" if through == CAUGHT else through and (found or through)


def _met(
    engine: "Engine", source: Source, guard: Guard, env: Env, given: Env = EMPTY
) -> tuple[bool | None, str]:
    dynamic = engine.dynamic
    engine.dynamic = given if given is not EMPTY else env if env is not EMPTY else dynamic
    try:
        return engine.met(source, guard, env)
    finally:
        engine.dynamic = dynamic


def met_by_all(engine: "Engine", source: Source, guard: Guard, env: Env) -> tuple[bool | None, str]:
    """Whether a guard is met, also where its function's calls decide that."""
    met, switch = _met(engine, source, guard, env)
    if met is None:
        told = [
            _met(engine, source, guard, env, given) for given in _given(engine, source, guard.condition, env)
        ]
        if told and all(one is not None and one == told[0][0] for one, _ in told):
            return told[0]
    return met, switch


def _given(engine: "Engine", source: Source, condition: Node, env: Env) -> list[Env]:
    """The ways to bind the first scope that a condition needs and that is not bound yet; found once."""
    scope = _needs(engine, source, [condition], env)
    if scope is None:
        return []
    key = engine.key(*scope)
    if key not in engine.given:
        engine.given[key] = []
        with engine.detail(GIVEN_STEPS):
            found = expand(engine, *scope, EMPTY, frozenset({key}))
            engine.given[key] = list(islice(found, MAX_CALLERS))
    return engine.given[key]


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
    if not count and key not in engine.idle:
        where, node = scope
        unknown: dict[str, object] = dict.fromkeys(engine.table(where, node), UNKNOWN)
        unknown["this"] = UNKNOWN
        yield from forks(engine, source, nodes, env.bind(key, unknown), longer)


def _needs(engine: "Engine", source: Source, nodes: list[Node], env: Env) -> tuple[Source, Node] | None:
    """The first scope that has to be bound before the expressions are known."""
    before, dynamic, cut_at, cap = engine.missing, engine.dynamic, engine.cut_at, engine.cap
    engine.missing, engine.dynamic, engine.probing = [], env, engine.probing + 1
    try:
        for node in nodes:
            engine.missing, engine.cap = [], cap
            value = engine.eval(source, node, env)
            empty = isinstance(value, (Arr, Obj)) and value.open and not size(value)
            if (value is UNKNOWN or empty) and engine.missing:
                return engine.missing[0]
            for part in _parts(value):
                engine.missing, engine.cap = [], cap
                if engine.force(part) is UNKNOWN and engine.missing:
                    return engine.missing[0]
    finally:
        # What is missing is going to be bound, so it is no reason yet to forget the value.
        engine.missing, engine.dynamic, engine.cut_at, engine.cap = before, dynamic, cut_at, cap
        engine.probing -= 1
    return None


def _parts(value: object) -> list[object]:
    """What of an object has to be known: its name, or of one without what it only holds: `{key, tool}`."""
    if isinstance(value, Obj):
        named = [value.props[name] for name in ("name", "id") if name in value.props]
        held = (one for one in value.props.values() if isinstance(one, Lazy) and one.node.type in _NAMES)
        return named or list(islice(held, MAX_HELD))
    return []


def expand(engine: "Engine", source: Source, scope: Node, env: Env, chain: Chain) -> Iterator[Env]:
    """The ways to bind a scope."""
    if scope.type == "for_in_statement":
        yield from _turns(engine, source, scope, env, chain)
    elif scope.type in CLASSES:
        yield from _objects(engine, source, scope, env, chain)
    elif scope.type in FUNCTIONS:
        yield from _calls(engine, source, scope, env, chain)


def _turns(engine: "Engine", source: Source, loop: Node, env: Env, chain: Chain) -> Iterator[Env]:
    right = loop.child_by_field_name("right")
    operator = loop.child_by_field_name("operator")
    if right is None:
        return
    idle = True
    for outer in forks(engine, source, [right], env, chain):
        with engine.traced() as names:
            value = _under(engine, outer, source, right)
        # A list from the environment that is empty by default, and no list that is filled elsewhere.
        if value != ARGUMENTS and not (
            isinstance(value, Arr)
            and not value.items
            and not value.open
            and any(not one.startswith(GUESS) for one in names)
        ):
            idle = False
        if value == ARGUMENTS:
            continue
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
            bound = {name: engine.walk(item.value, one.path, source, outer) for name, one in table.items()}
            bound["?"] = item.switch
            yield outer.bind(engine.key(source, loop), bound)
    if idle:
        engine.idle.add(engine.key(source, loop))


def _under(engine: "Engine", env: Env, source: Source, node: Node) -> object:
    dynamic, engine.dynamic = engine.dynamic, env
    try:
        return as_object(engine, engine.eval(source, node, env))
    finally:
        engine.dynamic = dynamic


def _calls(engine: "Engine", source: Source, function: Node, env: Env, chain: Chain) -> Iterator[Env]:
    """The calls of a function, and the elements of the list that it is called for."""
    holder = holder_of(function)
    if holder is not None and holder.type == "arguments" and holder.parent is not None:
        target = holder.parent.child_by_field_name("function")
        if target is not None and target.type == "member_expression":
            prop, receiver = target.child_by_field_name("property"), target.child_by_field_name("object")
            if prop is not None and receiver is not None and source.text(prop) in _EACH:
                yield from _elements(engine, source, function, receiver, env, chain)
                return
            if prop is not None and source.text(prop) in _COMMANDS:
                yield bind_call(engine, source, function, [FLAGS] * MAX_OPTIONS, env, "")
                return
    for where, call, values in call_sites(engine, source, function):
        position = [
            one.named_children[0] if one.type == "spread_element" and one.named_child_count else one
            for one in values
        ]
        for outer in forks(engine, where, position[:2], env, chain):
            given: list[object] = []
            for one in values:
                if one.type == "spread_element" and one.named_child_count:
                    spread = _under(engine, outer, where, one.named_children[0])
                    given += [item.value for item in spread.items] if isinstance(spread, Arr) else []
                else:
                    given.append(Lazy(where, one, outer))
            switch = switch_of(engine, where, call, outer)
            inner = bind_call(engine, source, function, given, outer, switch)
            inner.names[CALL] = where, call
            yield inner


def _elements(
    engine: "Engine", source: Source, function: Node, receiver: Node, env: Env, chain: Chain
) -> Iterator[Env]:
    for outer in forks(engine, source, [receiver, *_decided(engine, source, receiver)], env, chain):
        value = _under(engine, outer, source, receiver)
        if value == ARGUMENTS:
            engine.idle.add(engine.key(source, function))
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


def _decided(engine: "Engine", source: Source, variable: Node) -> list[Node]:
    """The conditions that decide which of several values a variable gets."""
    name = source.text(variable)
    found = engine.binding(source, variable, name) if variable.type == "identifier" else None
    return conditions(source, name, found) if found is not None and found.scope is not None else []


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


def _objects(engine: "Engine", source: Source, node: Node, env: Env, chain: Chain) -> Iterator[Env]:
    """The objects that `this` can be in a class: those made of it and of the classes that extend it."""
    count = 0
    for cls in heirs(engine, source, node):
        found = [inst for one in made(engine, cls) for inst in _with_arguments(engine, one, env, chain)]
        for inst in found or [Inst(cls)]:
            inner = env
            for one in lineage(engine, cls):
                inner = inner.bind(engine.key(one.source, one.node), {"this": inst})
            count += 1
            if count > MAX_SITES:
                return
            yield inner


def _with_arguments(engine: "Engine", inst: Inst, env: Env, chain: Chain) -> Iterator[Inst]:
    """An object with what it is made of in each way in which the code that makes it is reached."""
    given = [one for one in inst.args if isinstance(one, Lazy)]
    if len(given) != len(inst.args) or not given:
        yield inst
        return
    source = given[0].source
    for outer in islice(forks(engine, source, [one.node for one in given], env, chain), MAX_CALLERS):
        yield Inst(inst.made_of, tuple(Lazy(source, one.node, outer) for one in given))
