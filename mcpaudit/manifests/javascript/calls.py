"""What calls give: the project's own functions, the platform's for lists and objects, schema builders."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.classes import bind_parameters, lineage
from mcpaudit.manifests.javascript.guards import guards
from mcpaudit.manifests.javascript.modules import imported
from mcpaudit.manifests.javascript.schema import converted, zod_call
from mcpaudit.manifests.javascript.tree import CLASSES, FUNCTIONS, Source, arguments, inside, string, unwrap
from mcpaudit.manifests.javascript.values import (
    CAPABILITIES,
    FLAGS,
    GUESS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Env,
    Ext,
    Func,
    Inst,
    Lazy,
    Obj,
    Shape,
    merged,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_FLAG_CALLS = frozenset({"opts", "parseSync", "optsWithGlobals"})
_INTEROP = frozenset({"__importStar", "__importDefault", "__toESM", "__toCommonJS"})
"""What compilers write around `require`; it gives back the module."""
_PARSES = frozenset({"parse", "parseAsync"})
_OPTIONS = re.compile(rb"\.\s*options?\s*\(")
MAX_WITHIN = 6
"""How often a function is followed into itself."""
_RETURNS = frozenset({"return_statement"})


def call(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    """The value of a call or of `new`."""
    target = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
    if target is None:
        return UNKNOWN
    target = unwrap(target)
    given = arguments(node)
    if target.type == "import" or (target.type == "identifier" and source.text(target) == "require"):
        if given and given[0].type == "string":
            return imported(engine, source, string(source, given[0]), "*")
        return UNKNOWN
    from mcpaudit.manifests.javascript.platform import foreign, method

    name = _name(source, target)
    receiver = target.child_by_field_name("object") if target.type == "member_expression" else None
    chained: object = UNDEFINED
    if node.type == "call_expression":
        if receiver is not None and receiver.type == "call_expression":
            chained = engine.eval(source, receiver, env)  # once, as chains of calls are long
        shape = zod_call(engine, source, target, given, env, chained)
        if shape is not None:
            return shape
    if target.type in FUNCTIONS:  # called where it is written
        return apply(engine, Func(source, target, env), [Lazy(source, one, env) for one in given])
    if name in _FLAG_CALLS or (name in _PARSES and receiver is not None and with_options(source, receiver)):
        return FLAGS
    if name == "getClientCapabilities":
        return CAPABILITIES
    if (name in _INTEROP or converted(name)) and given:
        return engine.eval(source, given[0], env)
    function = engine.eval(source, target, env) if chained is UNDEFINED else engine.member(chained, name)
    values = _arguments(engine, source, given, env)
    if isinstance(function, Cls):
        return Inst(function, tuple(values))
    if isinstance(function, Func):
        return own(engine, function, values)
    if isinstance(function, Bound):
        return method(engine, function, values)
    if isinstance(function, Ext):
        return foreign(engine, function.path, values)
    if function is UNKNOWN and len(values) == 1 and given[0].type == "object":
        return engine.force(values[0])  # a helper that cannot be read usually hands its definition on
    return UNKNOWN


def with_options(source: Source, node: Node) -> bool:
    """Whether an expression is a chain of calls that describes a command line, as yargs has them."""
    return node.type == "call_expression" and (
        _OPTIONS.search(source.data, node.start_byte, node.end_byte) is not None
    )


def own(engine: "Engine", function: Func, values: list[object]) -> object:
    value = apply(engine, function, values)
    if value is UNKNOWN and values:
        shape = engine.force(values[0])
        if isinstance(shape, Shape) or _is_shape(engine, shape):
            return shape  # a converter of schemas whose name was minified away, or that keeps what it made
    return value


def _is_shape(engine: "Engine", value: object) -> bool:
    """Whether an object holds schemas and nothing else."""
    return (
        isinstance(value, Obj)
        and bool(value.props)
        and all(isinstance(engine.force(one), Shape) for one in value.props.values())
    )


def _name(source: Source, target: Node) -> str:
    prop = target.child_by_field_name("property") if target.type == "member_expression" else target
    return source.text(prop) if prop is not None and prop.end_byte - prop.start_byte < 80 else ""


def _arguments(engine: "Engine", source: Source, given: list[Node], env: Env) -> list[object]:
    values: list[object] = []
    for one in given:
        if one.type == "spread_element" and one.named_child_count:
            spread = engine.eval(source, one.named_children[0], env)
            if not isinstance(spread, Arr):
                break
            values += [item.value for item in spread.items]
        else:
            values.append(Lazy(source, one, env))
    return values


def apply(engine: "Engine", function: Func, values: list[object], this: Inst | None = None) -> object:
    """What a function of the project returns."""
    env = function.env
    for one in lineage(engine, this.made_of) if this is not None else ():
        env = env.bind(engine.key(one.source, one.node), {"this": this})
    env = bind_parameters(engine, function.source, function.node, values, env)
    body = function.node.child_by_field_name("body")
    if body is None:
        return UNKNOWN
    key = engine.key(function.source, function.node)
    if engine.applied.get(key, 0) >= MAX_WITHIN:
        engine.cut()
        return UNKNOWN
    engine.applied[key] = engine.applied.get(key, 0) + 1
    try:
        if body.type != "statement_block":
            return engine.eval(function.source, body, env)
        return returned(engine, function.source, function.node, body, env)
    finally:
        engine.applied[key] -= 1


def returned(engine: "Engine", source: Source, function: Node, body: Node, env: Env) -> object:
    ways: list[object] = []
    for count, statement in enumerate(inside(body, _RETURNS, FUNCTIONS | CLASSES)):
        if count > 30:
            break
        told: bool | None = True
        for guard in guards(statement, function):
            met, _ = engine.met(source, guard, env)
            if met is None:
                told = None if told is not False else False
            elif not met:
                told = False
        if told is False:
            continue
        if told is None:
            engine.trace.append(GUESS)
        value = statement.named_children[0] if statement.named_child_count else None
        ways.append(engine.eval(source, value, env) if value is not None else UNDEFINED)
        if told is True:
            break
    return merged(ways) if ways else UNDEFINED
