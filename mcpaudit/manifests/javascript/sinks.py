"""Where a server declares its tools: calls that register one, and handlers that answer `tools/list`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.context import forks, switch_of, turn_switch
from mcpaudit.manifests.javascript.definition import NAME, Draft, definition, hints_of
from mcpaudit.manifests.javascript.platform import as_object
from mcpaudit.manifests.javascript.schema import to_schema
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    arguments,
    callee_name,
    inside,
    string,
    unwrap,
)
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    UNDEFINED,
    Arr,
    Cls,
    Env,
    Func,
    Inst,
    Item,
    Obj,
    Shape,
)
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_CALLS = re.compile(
    rb"[.#\s]#?(registerTool|registerAppTool|tool|addTool|addTools|registerTools|setRequestHandler)\s*(?:\?\.)?\("
)
_LIST = re.compile(rb"""["']tools/list["']""")
_SDK = re.compile(rb"_registeredTools|_toolHandlersInitialized|createRegisteredTool|_createRegistered")
SWITCH_STEPS = 1000


@dataclass(slots=True)
class Found:
    """All that the declarations of a server gave."""

    drafts: list[Draft]
    unread: list[str]
    """Declarations of which the tools are not known, `file:line`."""
    sites: int = 0


def find(engine: "Engine", sources: list[Source]) -> Found:
    """The tools that a server registers or lists."""
    found = Found([], [])
    for source in sources:
        for match in source.find(_CALLS):
            call = _call(source, source.at(match.start(1)))
            if call and not engine.spent():
                _site(engine, source, call, match[1].decode(), found)
        for match in source.find(_LIST):
            _answer(engine, source, source.at(match.start()), found)
    return found


def _call(source: Source, node: Node) -> Node | None:
    parent = node.parent
    if parent is not None and parent.type == "member_expression":
        if parent.child_by_field_name("property") != node:
            return None
        parent = parent.parent
    elif node.type != "identifier" or source.text(node) in ("tool", "addTool"):
        return None  # a plain `tool(...)` belongs to libraries for language models
    if parent is None or parent.type != "call_expression":
        return None
    target = parent.child_by_field_name("function")
    return parent if target is not None and target.end_byte == node.end_byte else None


def _site(engine: "Engine", source: Source, call: Node, name: str, found: Found) -> None:
    given = arguments(call)
    if not given or _within_sdk(source, call):
        return
    if name == "setRequestHandler":
        _handler(engine, source, call, given, found)
        return
    if name in ("addTools", "registerTools"):
        value = engine.eval(source, given[0], EMPTY)
        if isinstance(value, (Arr, Obj)) and _size(value):
            found.sites += 1
            _listed(engine, source, call, value, EMPTY, found)
        return
    if name == "registerAppTool":
        given = given[1:]
    if not given or (name == "tool" and len(given) < 2):
        return
    if given[0].type in FUNCTIONS | CLASSES:
        return
    if len(given) == 1:
        _single(engine, source, call, given[0], found)
    else:
        _several(engine, source, call, given, found)


def _within_sdk(source: Source, call: Node) -> bool:
    """Whether a call is in the protocol library's own code, as bundles contain it."""
    current = call.parent
    for _ in range(30):
        if current is None:
            return False
        if current.type in ("class_body", "method_definition"):
            span = source.data[current.start_byte : min(current.end_byte, current.start_byte + 60_000)]
            if _SDK.search(span):
                return True
        current = current.parent
    return False


def _where(source: Source, node: Node) -> str:
    return f"{source.shown}:{node.start_point.row + 1}"


def _several(engine: "Engine", source: Source, call: Node, given: list[Node], found: Found) -> None:
    """`tool(name, description?, shape?, annotations?, handler)` and `registerTool(name, config, handler)`."""
    read = unread = 0
    for env in forks(engine, source, given[:1], EMPTY):
        dynamic, engine.dynamic = engine.dynamic, env
        try:
            name = engine.eval(source, given[0], env)
            if isinstance(name, (Obj, Inst, Cls)):
                # register(server, tool) and the like: the definition is one of the arguments
                draft = definition(engine, source, call, name, _switch(engine, source, call, env))
            elif isinstance(name, str) and NAME.match(name):
                draft = _positional(engine, source, call, name, given[1:], env)
            else:
                draft = None
                unread += not isinstance(name, str)
            if draft is not None:
                read += 1
                found.drafts.append(draft)
        finally:
            engine.dynamic = dynamic
    found.sites += bool(read)
    if unread and (given[-1].type in FUNCTIONS or callee_name(source, call) == "registerTool"):
        found.unread.append(_where(source, call))


def _switch(engine: "Engine", source: Source, call: Node, env: Env) -> str:
    cap = engine.capped(SWITCH_STEPS)
    try:
        return switch_of(engine, source, call, env) or turn_switch(env, EMPTY)
    finally:
        engine.restore(cap)


def _positional(
    engine: "Engine", source: Source, call: Node, name: str, given: list[Node], env: Env
) -> Draft | None:
    description = title = own = ""
    schema: dict[str, Json] = {}
    hints: dict[str, Json] = {}
    handler: Func | None = None
    shaped = False
    cap = engine.capped()
    for one in given:
        value = engine.eval(source, one, env)
        if isinstance(value, Func):
            handler = value
        elif isinstance(value, str):
            description = description or value
        elif isinstance(value, Shape):
            schema, shaped = value.schema, True
        elif isinstance(value, (Obj, Inst)):
            if _ishints_of(value):
                hints = hints_of(engine, value)
            elif _is_config(engine, value) and not shaped:
                draft = definition(engine, source, call, value, "", name)
                if draft is not None:
                    description, title = draft.description or description, draft.title
                    schema, hints, own = draft.schema, draft.annotations, draft.switch
                    handler = handler or draft.handler
                shaped = True
            elif not shaped:
                schema, shaped = to_schema(engine, value), True
    engine.restore(cap)
    if not given:
        return None
    switch = _switch(engine, source, call, env) or own
    return Draft(name, description, title, schema, hints, source, call, switch, handler)


def _ishints_of(value: object) -> bool:
    if not isinstance(value, Obj) or not value.props:
        return False
    return any(name.endswith("Hint") for name in value.props) and "inputSchema" not in value.props


def _is_config(engine: "Engine", value: object) -> bool:
    if not isinstance(value, Obj):
        return True
    if not {"description", "inputSchema", "annotations", "outputSchema"} & set(value.props):
        return False
    described = engine.force(value.props.get("description"))
    return not isinstance(described, Shape)


def _single(engine: "Engine", source: Source, call: Node, node: Node, found: Found) -> None:
    """`addTool({...})`, `registerTool(definition)`."""
    read = unread = 0
    for env in forks(engine, source, [node], EMPTY):
        dynamic, engine.dynamic = engine.dynamic, env
        try:
            value = as_object(engine, engine.eval(source, node, env))
            switch = _switch(engine, source, call, env)
            draft = definition(engine, source, call, value, switch)
            if draft is not None:
                read += 1
                found.drafts.append(draft)
            elif isinstance(value, Arr):
                read += 1
                _listed(engine, source, call, value, env, found, switch)
            else:
                unread += 1
        finally:
            engine.dynamic = dynamic
    found.sites += bool(read)


def _size(value: Arr | Obj) -> int:
    return len(value.items) if isinstance(value, Arr) else len(value.props)


def _handler(engine: "Engine", source: Source, call: Node, given: list[Node], found: Found) -> None:
    """`setRequestHandler(ListToolsRequestSchema, handler)`; the schema's name may be minified away."""
    if len(given) < 2:
        return
    named = source.text(given[0])[:200]
    if given[0].type == "string" and string(source, given[0]) != "tools/list":
        return
    sure = "ListTools" in named or "tools/list" in named
    if not sure and re.search(r"[A-Z]\w{3,}RequestSchema", named):
        return
    _answers(engine, source, call, given[1], found, sure)


def _answers(
    engine: "Engine",
    source: Source,
    at: Node,
    handler: Node,
    found: Found,
    sure: bool,
    given: object = UNDEFINED,
) -> None:
    value = engine.eval(source, handler, EMPTY)
    if not isinstance(value, Func):
        inner = unwrap(handler)
        wrapped = (
            [one for one in arguments(inner) if one.type in FUNCTIONS]
            if inner.type == "call_expression"
            else []
        )
        if not wrapped:
            for env in forks(engine, source, [handler], EMPTY):
                dynamic, engine.dynamic = engine.dynamic, env
                value = engine.eval(source, handler, env)
                engine.dynamic = dynamic
                if isinstance(value, Func):
                    break
            if not isinstance(value, Func):
                if sure:
                    found.unread.append(_where(source, at))
                return
        else:
            value = Func(source, wrapped[0], EMPTY)
    _body(engine, value, at, found, sure)


def _body(engine: "Engine", function: Func, at: Node, found: Found, sure: bool) -> None:
    source = function.source
    body = function.node.child_by_field_name("body")
    if body is None:
        return
    if _SDK.search(source.data, body.start_byte, body.end_byte):
        return  # the protocol library's own answer, from what was registered
    told = False
    for result in _results(body):
        lists = _tools_of(source, unwrap(result))
        if lists is None and sure:
            lists = unwrap(result)
        if lists is None:
            continue
        told = True
        switch = _guarded(engine, source, result, function)
        _evaluated(engine, source, lists, function.env, found, switch, at, sure)
    if sure and not told:
        found.unread.append(_where(source, at))


def _guarded(engine: "Engine", source: Source, node: Node, function: Func) -> str:
    return switch_of(engine, source, node, function.env, function.node)


def _results(body: Node) -> Iterator[Node]:
    if body.type != "statement_block":
        yield body
        return
    for statement in inside(body, frozenset({"return_statement"}), FUNCTIONS | CLASSES):
        if statement.named_child_count:
            yield statement.named_children[0]


def _tools_of(source: Source, node: Node) -> Node | None:
    """The expression of `tools` in an object literal."""
    if node.type != "object":
        return None
    for child in node.named_children:
        if child.type == "shorthand_property_identifier" and source.text(child) == "tools":
            return child
        key = child.child_by_field_name("key")
        if child.type == "pair" and key is not None and source.text(key).strip("\"'") == "tools":
            return child.child_by_field_name("value")
    return None


def _evaluated(
    engine: "Engine", source: Source, node: Node, env: Env, found: Found, switch: str, at: Node, sure: bool
) -> None:
    for inner in forks(engine, source, [node], env):
        dynamic, engine.dynamic = engine.dynamic, inner
        try:
            value = as_object(engine, engine.eval(source, node, inner))
            if isinstance(value, Obj) and "tools" in value.props:
                value = engine.member(value, "tools")
            if isinstance(value, (Arr, Obj)):
                found.sites += 1
                _listed(engine, source, node, value, inner, found, switch)
            elif sure:
                found.unread.append(_where(source, at))
        finally:
            engine.dynamic = dynamic


def _listed(
    engine: "Engine",
    source: Source,
    node: Node,
    value: Arr | Obj,
    env: Env,
    found: Found,
    switch: str = "",
) -> None:
    items: list[tuple[Item, str]] = []
    if isinstance(value, Obj):
        items = [(Item(one, value.switches.get(key, "")), key) for key, one in value.props.items()]
    else:
        items = [(item, "") for item in value.items]
    unread = value.open
    for item, key in items:
        one = engine.force(item.value)
        draft = definition(engine, source, node, one, item.switch or switch)
        if draft is None and key and isinstance(one, Obj) and NAME.match(key):
            draft = definition(engine, source, node, one, item.switch or switch, key)
        if draft is None:
            unread = unread or one is not UNDEFINED
        else:
            found.drafts.append(draft)
    if unread:
        found.unread.append(_where(source, node))


def _answer(engine: "Engine", source: Source, node: Node, found: Found) -> None:
    """A server without the library: what follows a comparison with "tools/list"."""
    around = node.parent
    for _ in range(4):
        if around is None:
            return
        if around.type in ("switch_case", "if_statement"):
            break
        around = around.parent
    if (
        around is None
        or around.type not in ("switch_case", "if_statement")
        or _SDK.search(source.data, around.start_byte, around.end_byte)
    ):
        return
    for literal in inside(around, frozenset({"pair", "shorthand_property_identifier"}), CLASSES):
        key = literal.child_by_field_name("key") if literal.type == "pair" else literal
        value = literal.child_by_field_name("value") if literal.type == "pair" else literal
        if key is not None and value is not None and source.text(key).strip("\"'") == "tools":
            _evaluated(engine, source, value, EMPTY, found, "", node, False)
            return
