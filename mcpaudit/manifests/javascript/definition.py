"""The tool that an object, an instance or a class defines."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.json_schema import to_json, to_schema
from mcpaudit.manifests.javascript.tree import Source
from mcpaudit.manifests.javascript.values import (
    UNDEFINED,
    UNKNOWN,
    Arr,
    Cls,
    Func,
    Inst,
    Obj,
    stronger,
    texts,
)
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

NAME = re.compile(r"^[A-Za-z0-9_][\w./:@-]{0,127}$")
DESCRIBED = ("description", "desc", "summary", "toolDescription")
SCHEMAS = (
    "inputSchema",
    "parameters",
    "paramsSchema",
    "schema",
    "input_schema",
    "args",
    "params",
    "input",
    "shape",
)
HANDLERS = (
    "handler",
    "execute",
    "run",
    "handle",
    "callback",
    "cb",
    "call",
    "fn",
    "tool",
    "function",
    "invoke",
)
SWITCHES = frozenset({"conditions", "featureFlag", "featureFlags", "feature_flag", "requiresFlag"})
OFF = (("enabled", False), ("enabledByDefault", False), ("disabled", True), ("experimental", True))


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool as a declaration gives it."""

    name: str
    description: str
    title: str
    schema: dict[str, Json]
    annotations: dict[str, Json]
    source: Source
    node: Node
    switch: str = ""
    handler: Func | None = None
    doubts: frozenset[str] = frozenset()
    """Why it is not certain that the declaration is reached at all."""


def hints_of(engine: "Engine", value: object) -> dict[str, Json]:
    made = to_json(engine, value, 0)
    return {name: one for name, one in made.items() if one is not None} if isinstance(made, dict) else {}


def definition(
    engine: "Engine", source: Source, node: Node, value: object, switch: str, named: str = ""
) -> Draft | None:
    """The tool that an object, an instance or a class defines; `None` where it has no name."""
    value = engine.force(value)
    if not isinstance(value, (Obj, Inst, Cls)):
        return None

    def get(*names: str) -> object:
        for name in names:
            if isinstance(value, Obj) and name not in value.props:
                continue
            got = engine.member(value, name)
            if got is not UNKNOWN and got is not UNDEFINED and got is not None:
                return got
        return UNDEFINED

    name: object = named or get("name", "toolName", "id")
    if isinstance(value, Cls) and not named:
        name = get("toolName", "id")
        if not isinstance(name, str):
            return definition(engine, source, node, Inst(value), switch)
    if not isinstance(name, str) and isinstance(value, Obj):
        inner = get("schema", "definition", "tool", "spec", "metadata", "config")
        if isinstance(inner, (Obj, Inst)):
            return definition(engine, source, node, inner, switch)
    if not isinstance(name, str) or not NAME.match(name):
        return None
    if isinstance(value, Inst) and name == _class_of(value) and isinstance(get("name"), str) is False:
        return None
    with engine.detail():
        description = _described(engine, value, get(*DESCRIBED), get)
    with engine.detail():
        hints = get("annotations", "toolAnnotations", "hints")
        switch = stronger(switch, _own_switch(engine, value, hints))
        title = get("title")
        if not isinstance(title, str) and isinstance(hints, Obj):
            title = engine.member(hints, "title") if "title" in hints.props else UNDEFINED
        claimed = hints_of(engine, hints)
    with engine.detail():
        schema = to_schema(engine, get(*SCHEMAS))
    with engine.detail():
        handler = get(*HANDLERS)
    at_source, at_node = _origin(value, source, node)
    return Draft(
        name,
        description if isinstance(description, str) else "",
        title if isinstance(title, str) else "",
        schema,
        claimed,
        at_source,
        at_node,
        switch,
        handler if isinstance(handler, Func) else None,
    )


def _described(engine: "Engine", value: object, found: object, get: Callable[..., object]) -> object:
    """A description that is written down, or that a method gives."""
    from mcpaudit.manifests.javascript.calls import apply

    if found is UNDEFINED and isinstance(value, Inst):
        found = get("getDescription")
    return apply(engine, found, []) if isinstance(found, Func) else found


def _own_switch(engine: "Engine", value: object, hints: object) -> str:
    """The switch that a definition names: `featureFlag: "x"`, `conditions: ["x"]`, `enabled: false`."""
    for holder in (value, hints):
        if not isinstance(holder, (Obj, Inst)):
            continue
        has = set(holder.props) if isinstance(holder, Obj) else SWITCHES | {key for key, _ in OFF}
        for key in sorted(SWITCHES & has):
            told = engine.member(holder, key)
            names = list(texts(told)) if isinstance(told, Arr) else [told] if isinstance(told, str) else []
            if isinstance(told, Arr):
                names = [one for item in told.items if isinstance(one := engine.force(item.value), str)]
            if names and names[0]:
                return ", ".join(str(one) for one in names)
        for key, off in OFF:
            if key in has and engine.member(holder, key) is off:
                return f"{key}: {str(off).lower()}"
    return ""


def _class_of(inst: Inst) -> str:
    named = inst.made_of.node.child_by_field_name("name")
    return inst.made_of.source.text(named) if named is not None else ""


def _origin(value: object, source: Source, node: Node) -> tuple[Source, Node]:
    if isinstance(value, Obj) and value.source is not None and value.node is not None:
        return value.source, value.node
    if isinstance(value, Inst):
        return value.made_of.source, value.made_of.node
    if isinstance(value, Cls):
        return value.source, value.node
    return source, node
