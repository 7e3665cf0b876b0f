"""Definitions of tools that no declaration was seen to use: objects and classes of the usual form."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.definition import Draft, definition
from mcpaudit.manifests.javascript.tree import CLASSES, Source, ancestors
from mcpaudit.manifests.javascript.values import EMPTY, Cls, Inst

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_SCHEMA = re.compile(rb"\b(inputSchema|input_schema)\s*[:=,}]")
_LOOSE = re.compile(rb"\b(parameters|paramsSchema|argsShape|schema|args)\s*[:=,(}]")
_NAMED = {"name", "toolName", "id"}
_TOOL_CLASS = re.compile(r"Tool$|Tool\d*$|MCPTool")
MAX_LOOSE = 400_000


def literals(engine: "Engine", sources: list[Source]) -> list[Draft]:
    """The tools that objects with a name, a description and a schema, and classes like them, define."""
    found: list[Draft] = []
    for source in sources:
        seen: set[int] = set()
        # In a bundle of libraries only the protocol's own word for a schema tells a tool from other things.
        patterns = [_SCHEMA] if len(source.data) > MAX_LOOSE else [_SCHEMA, _LOOSE]
        for pattern in patterns:
            for match in source.find(pattern):
                if engine.spent():
                    return found
                for holder in _holders(source, source.at(match.start())):
                    if holder.id in seen:
                        continue
                    seen.add(holder.id)
                    draft = _object(engine, source, holder) if holder.type == "object" else None
                    if holder.type in CLASSES:
                        draft = _class(engine, source, holder)
                    if draft is not None:
                        found.append(draft)
    return found


def _holders(source: Source, node: Node) -> Iterator[Node]:
    pair = node.parent
    if node.type == "shorthand_property_identifier":
        pair = node
    holder = pair.parent if pair is not None else None
    if holder is None or pair is None:
        return
    if holder.type == "object" and pair.child_by_field_name("value") != node:
        yield holder
    elif holder.type == "class_body" and holder.parent is not None:
        yield holder.parent
    elif pair.type == "member_expression":
        inner = next((one for one in ancestors(node) if one.type in CLASSES), None)
        if inner is not None:
            yield inner


def _object(engine: "Engine", source: Source, node: Node) -> Draft | None:
    if any(_is_foreign(source, around) for around in _near(node)):
        return None
    value = engine.eval(source, node, EMPTY)
    props = getattr(value, "props", {})
    if not _NAMED & set(props) or "description" not in props:
        return None
    draft = definition(engine, source, node, value, "")
    return draft if draft is not None and draft.description else None


def _near(node: Node) -> list[Node]:
    return [around for index, around in enumerate(ancestors(node)) if index < 3]


def _is_foreign(source: Source, around: Node) -> bool:
    """Parameters of a schema also have names and descriptions."""
    key = around.child_by_field_name("key") if around.type == "pair" else None
    return key is not None and source.text(key).strip("\"'") in (
        "properties",
        "prompts",
        "resources",
        "flags",
    )


def _class(engine: "Engine", source: Source, node: Node) -> Draft | None:
    if node.type == "abstract_class_declaration":
        return None
    cls = Cls(source, node, EMPTY)
    draft = definition(engine, source, node, cls, "") or definition(engine, source, node, Inst(cls), "")
    return draft if draft is not None and draft.description else None
