"""Where a server declares its tools: calls that register one, and handlers that answer `tools/list`."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.answers import SDK, Found, answer, handler, listed, where
from mcpaudit.manifests.javascript.classes import members
from mcpaudit.manifests.javascript.context import forks, met_by_all, switch_of, undecided
from mcpaudit.manifests.javascript.definition import NAME, Draft, definition, hints_of
from mcpaudit.manifests.javascript.expressions import size
from mcpaudit.manifests.javascript.guards import guards
from mcpaudit.manifests.javascript.json_schema import to_schema
from mcpaudit.manifests.javascript.platform import as_object
from mcpaudit.manifests.javascript.reach import doubts, turn_switch
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    ancestors,
    arguments,
    callee_name,
    holder_of,
)
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    GUESS,
    MAYBE,
    Arr,
    Cls,
    Env,
    Func,
    Inst,
    Obj,
    Shape,
    stronger,
)
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_CALLS = re.compile(
    rb"[.#\s]#?(registerTool|registerToolTask|registerAppTool|tool|addTool|addTools|registerTools|setRequestHandler)\s*(?:\.\s*call\s*|\?\.)?\("
)
_DISABLE = re.compile(rb"\s*\??\.\s*disable\s*\(")
_LIST = re.compile(rb"""["']tools/list["']""")
SWITCH_STEPS, DISABLED_STEPS, CALLED_STEPS = 1000, 300, 2000
MAX_TOOLS = 5_000


def find(engine: "Engine", sources: list[Source]) -> Found:
    """The tools that a server registers or lists."""
    found, handed = Found([], []), Found([], [])
    for source in sources:
        for match in source.find(_CALLS):
            call = _call(source, source.at(match.start(1)))
            if call and not engine.spent() and len(found.drafts) < MAX_TOOLS:
                into = handed if _own_method(engine, source, call) else found
                _site(engine, source, call, match[1].decode(), into)
        for match in source.find(_LIST):
            answer(engine, source, source.at(match.start()), found)
    # Whether a tool is on is known where the server's own method registers it, not where that is called.
    names = {draft.name for draft in found.drafts}
    details = {draft.name: draft for draft in handed.drafts}
    found.drafts = [_filled(draft, details.get(draft.name)) for draft in found.drafts]
    found.drafts += [draft for draft in handed.drafts if draft.name not in names]
    found.unread += handed.unread
    found.sites += handed.sites
    return found


def _filled(draft: Draft, other: Draft | None) -> Draft:
    return (
        replace(other, switch=draft.switch, doubts=draft.doubts)
        if other is not None and not draft.schema
        else draft
    )


def _own_method(engine: "Engine", source: Source, call: Node) -> bool:
    """Whether `this.registerTool(...)` is a method that the class around it writes down itself."""
    target = call.child_by_field_name("function")
    receiver = target.child_by_field_name("object") if target is not None else None
    owner = engine.class_of(call) if receiver is not None and receiver.type == "this" else None
    return owner is not None and callee_name(source, call) in members(engine, source, owner, static=False)


def _call(source: Source, node: Node) -> Node | None:
    parent = node.parent
    if parent is not None and parent.type == "member_expression":
        if parent.child_by_field_name("property") != node:
            return None
        if parent.parent is not None and parent.parent.type == "member_expression":
            parent = node = parent.parent  # register.call(server, ...)
        parent = parent.parent
    elif node.type != "identifier" or source.text(node) in ("tool", "addTool"):
        return None  # a plain `tool(...)` belongs to libraries for language models
    if parent is None or parent.type != "call_expression":
        return None
    target = parent.child_by_field_name("function")
    return parent if target is not None and target.end_byte == node.end_byte else None


def _given(source: Source, call: Node) -> list[Node]:
    """The arguments of a call, without the receiver of `method.call(receiver, ...)`."""
    return arguments(call)[callee_name(source, call) == "call" :]


def _site(engine: "Engine", source: Source, call: Node, name: str, found: Found) -> None:
    given = _given(source, call)
    if not given or _within_sdk(source, call):
        return
    if name == "setRequestHandler":
        handler(engine, source, call, given, found)
        return
    if name in ("addTools", "registerTools"):
        value = engine.eval(source, given[0], EMPTY)
        if isinstance(value, (Arr, Obj)) and size(value):
            found.sites += 1
            listed(engine, source, call, value, EMPTY, found)
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
        if current.type in CLASSES and any(one.type == "class_heritage" for one in current.children):
            return False  # a server of the project that extends the library's
        if current.type in CLASSES:
            span = source.data[current.start_byte : min(current.end_byte, current.start_byte + 60_000)]
            if SDK.search(span):
                return True
        current = current.parent
    return False


def _several(engine: "Engine", source: Source, call: Node, given: list[Node], found: Found) -> None:
    """`tool(name, description?, shape?, annotations?, handler)` and `registerTool(name, config, handler)`."""
    read = unread = 0
    for env in forks(engine, source, given[:1], EMPTY):
        dynamic, engine.dynamic = engine.dynamic, env
        try:
            with engine.traced() as noted:
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
                draft = _doubted(engine, source, call, env, draft)
                guessed = not draft.switch and GUESS in noted and not isinstance(name, Obj)
                found.drafts.append(replace(draft, switch=f"{MAYBE}its name") if guessed else draft)
        finally:
            engine.dynamic = dynamic
    found.sites += bool(read)
    if unread and (given[-1].type in FUNCTIONS or callee_name(source, call) in ("registerTool", "call")):
        found.unread.append(where(source, call))


def _switch(engine: "Engine", source: Source, call: Node, env: Env) -> str:
    with engine.detail(SWITCH_STEPS):
        switch = switch_of(engine, source, call, env) or turn_switch(env, EMPTY)
        switch = switch or _disabled(engine, source, call, env)
    with engine.detail(SWITCH_STEPS):
        return switch or undecided(engine, source, call, env)


def _doubted(engine: "Engine", source: Source, call: Node, env: Env, draft: Draft) -> Draft:
    with engine.apart(CALLED_STEPS):
        return replace(draft, doubts=doubts(engine, source, call, env))


def _disabled(engine: "Engine", source: Source, call: Node, env: Env) -> str:
    """`const tool = server.registerTool(...); if (...) tool.disable();`: what leaves a tool switched off.

    https://github.com/modelcontextprotocol/typescript-sdk: a `RegisteredTool` is listed while it is enabled.
    """
    holder = holder_of(call)
    named = holder.child_by_field_name("name") if holder is not None else None
    around = next((one for one in ancestors(call) if one.type in FUNCTIONS or one.type == "program"), None)
    if holder is None or holder.type != "variable_declarator" or named is None or around is None:
        return ""
    for match in source.word(source.text(named).encode(), _DISABLE, around):
        node = source.at(match.start)
        if next((one for one in ancestors(node) if one.type in FUNCTIONS), around) != around:
            continue
        with engine.apart(DISABLED_STEPS), engine.traced() as noted:
            told = [met_by_all(engine, source, guard, env) for guard in guards(node, around)]
        if all(met for met, _ in told):
            return next((switch for _, switch in told if switch), f"{source.text(named)}.enable()")
        if GUESS in noted or all(met is not False for met, _ in told):
            return f"{MAYBE}{source.text(named)}.enable()"
    return ""


def _positional(
    engine: "Engine", source: Source, call: Node, name: str, given: list[Node], env: Env
) -> Draft | None:
    description = title = own = ""
    schema: dict[str, Json] = {}
    hints: dict[str, Json] = {}
    handler: Func | None = None
    shaped = False
    for one in given:
        with engine.detail():
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
    if not given:
        return None
    switch = stronger(_switch(engine, source, call, env), own)
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
    # A parameter may have such a name too.
    return not any(
        isinstance(engine.force(value.props.get(one)), Shape) for one in ("description", "annotations")
    )


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
                found.drafts.append(_doubted(engine, source, call, env, draft))
            elif isinstance(value, Arr):
                read += 1
                listed(engine, source, call, value, env, found, switch)
            else:
                unread += 1
        finally:
            engine.dynamic = dynamic
    found.sites += bool(read)
