"""What the handlers of `tools/list` answer."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.context import forks, switch_of
from mcpaudit.manifests.javascript.definition import NAME, Draft, definition
from mcpaudit.manifests.javascript.platform import as_object
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    arguments,
    inside,
    string,
    unwrap,
)
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    UNDEFINED,
    Arr,
    Env,
    Func,
    Item,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

SDK = re.compile(rb"_registeredTools|_toolHandlersInitialized|createRegisteredTool|_createRegistered")


@dataclass(slots=True)
class Found:
    """All that the declarations of a server gave."""

    drafts: list[Draft]
    unread: list[str]
    """Declarations of which the tools are not known, `file:line`."""
    sites: int = 0


def where(source: Source, node: Node) -> str:
    return f"{source.shown}:{node.start_point.row + 1}"


def handler(engine: "Engine", source: Source, call: Node, given: list[Node], found: Found) -> None:
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
                    found.unread.append(where(source, at))
                return
        else:
            value = Func(source, wrapped[0], EMPTY)
    _body(engine, value, at, found, sure)


def _body(engine: "Engine", function: Func, at: Node, found: Found, sure: bool) -> None:
    source = function.source
    body = function.node.child_by_field_name("body")
    if body is None:
        return
    if SDK.search(source.data, body.start_byte, body.end_byte):
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
        found.unread.append(where(source, at))


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
                listed(engine, source, node, value, inner, found, switch)
            elif sure:
                found.unread.append(where(source, at))
        finally:
            engine.dynamic = dynamic


def listed(
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
        found.unread.append(where(source, node))


def answer(engine: "Engine", source: Source, node: Node, found: Found) -> None:
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
        or SDK.search(source.data, around.start_byte, around.end_byte)
    ):
        return
    for literal in inside(around, frozenset({"pair", "shorthand_property_identifier"}), CLASSES):
        key = literal.child_by_field_name("key") if literal.type == "pair" else literal
        value = literal.child_by_field_name("value") if literal.type == "pair" else literal
        if key is not None and value is not None and source.text(key).strip("\"'") == "tools":
            _evaluated(engine, source, value, EMPTY, found, "", node, False)
            return
