"""Input schemas: zod calls and JSON schemas in source, as JSON Schema."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.json_schema import shape_schema
from mcpaudit.manifests.javascript.tree import Source
from mcpaudit.manifests.javascript.values import UNKNOWN, Arr, Env, Obj, Shape
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_TYPES: dict[str, str] = {
    "string": "string", "number": "number", "boolean": "boolean", "int": "integer", "bigint": "integer",
    "any": "", "unknown": "", "email": "string", "url": "string", "uuid": "string", "date": "string",
    "array": "array", "object": "object", "strictObject": "object", "looseObject": "object",
    "record": "object", "enum": "", "nativeEnum": "", "literal": "", "union": "", "discriminatedUnion": "",
    "tuple": "array", "never": "", "lazy": "", "preprocess": "", "intersection": "", "_enum": "",
    "picklist": "", "Object": "object", "String": "string", "Number": "number", "Boolean": "boolean",
    "Array": "array", "Optional": "", "Integer": "integer", "coerce": "",
}  # fmt: skip
_OPTIONAL = frozenset({"optional", "nullish", "default", "prefault", "catch", "partial"})
_EMPTY_RECEIVER = re.compile(r"^[\w$.]+$")
_CONVERT = re.compile(
    r"(zod|to)_?json_?schema|^getJsonSchema|asJsonSchema|normalizeSchema|normalizeObjectSchema", re.I
)


def converted(name: str) -> bool:
    """Whether a function's name says that it turns one form of schema into another."""
    return _CONVERT.search(name) is not None


def zod_call(
    engine: "Engine", source: Source, target: Node, given: list[Node], env: Env, chained: object
) -> object | None:
    """The schema that a call such as `z.string()` or `shape.optional()` makes; `None` where it is none."""
    if target.type != "member_expression":
        return None
    receiver, prop = target.child_by_field_name("object"), target.child_by_field_name("property")
    if receiver is None or prop is None:
        return None
    name = source.text(prop)
    if name in _TYPES and receiver.type in ("identifier", "member_expression"):
        text = source.text(receiver)
        if _EMPTY_RECEIVER.match(text) and _is_builder(engine, source, receiver, name, given, env):
            return _base(engine, source, name, given, env)
    if receiver.type in ("call_expression", "identifier", "member_expression") and name not in (
        "map",
        "filter",
    ):
        if receiver.type != "call_expression" and name not in _METHODS:
            return None
        if receiver.type == "call_expression" and name not in _METHODS and name not in _CHAIN:
            return None
        value = chained if receiver.type == "call_expression" else engine.eval(source, receiver, env)
        if isinstance(value, Shape):
            return _modified(engine, source, value, name, given, env)
    return None


_METHODS = frozenset(
    [
        "optional",
        "nullable",
        "nullish",
        "default",
        "describe",
        "extend",
        "merge",
        "partial",
        "strict",
        "passthrough",
        "pick",
        "omit",
        "required",
        "and",
        "or",
        "array",
        "strip",
        "catchall",
    ]
)
_CHAIN = frozenset(
    [
        "min",
        "max",
        "int",
        "positive",
        "nonnegative",
        "email",
        "url",
        "uuid",
        "regex",
        "refine",
        "superRefine",
        "transform",
        "trim",
        "length",
        "meta",
        "brand",
        "readonly",
        "catch",
        "pipe",
        "finite",
        "gt",
        "gte",
        "lt",
        "lte",
        "datetime",
        "date",
        "startsWith",
        "endsWith",
        "nonempty",
        "multipleOf",
        "toLowerCase",
        "loose",
        "title",
        "prefault",
        "safe",
        "negative",
        "ip",
        "cuid",
        "check",
        "overwrite",
        "register",
        "step",
    ]
)


def _is_builder(
    engine: "Engine", source: Source, receiver: Node, name: str, given: list[Node], env: Env
) -> bool:
    """`z.string()` or not: whether what the method is called on is a schema library."""
    if receiver.type == "identifier":
        found = engine.binding(source, receiver, source.text(receiver))
        if found is None:
            return source.text(receiver) in ("z", "zod")
        if found.kind == "import":
            module = found.module
            return (
                module.startswith(("zod", "@sinclair/typebox", "valibot", "typebox"))
                or (found.imported in ("z", "zod", "default", "*") and source.text(receiver) in ("z", "zod"))
                or found.imported in ("z", "zod", "Type")
            )
        text = source.text(receiver)
        if found.kind == "value" and re.search(
            rb"require\(|external|zod", source.data[slice(*found.node.byte_range)]
        ):
            return True
        return bool(re.match(r"^(\w+_)?(z|zod|external|v)\d*(_exports)?\d*$", text)) or (
            found.kind in ("bare", "value", "function", "other")
            and len(text) <= 3
            and _plausible(name, given)
        )
    text = source.text(receiver)
    last = text.rsplit(".", 1)[-1]
    return last in ("z", "zod", "coerce", "default") or text.startswith(("z.", "zod"))


def _plausible(name: str, given: list[Node]) -> bool:
    if name in ("object", "strictObject"):
        return len(given) >= 1 and given[0].type == "object"
    if name in ("enum", "union"):
        return len(given) >= 1
    return (name in ("string", "number", "boolean", "any", "unknown", "int") and len(given) <= 1) or name in (
        "array", "record", "literal")  # fmt: skip


def _base(engine: "Engine", source: Source, name: str, given: list[Node], env: Env) -> Shape:
    schema: dict[str, Json] = {}
    kind = _TYPES[name]
    if kind:
        schema["type"] = kind
    first = given[0] if given else None
    if name in ("object", "strictObject", "looseObject", "Object") and first is not None:
        return Shape(shape_schema(engine, engine.eval(source, first, env)))
    if name in ("enum", "_enum", "nativeEnum", "picklist") and first is not None:
        choices = engine.eval(source, first, env)
        listed = list(choices.props.values()) if isinstance(choices, Obj) else []
        items = [item.value for item in choices.items] if isinstance(choices, Arr) else listed
        values: list[Json] = [text for item in items if isinstance(text := engine.force(item), str)]
        schema = {"type": "string", "enum": values} if values else {"type": "string"}
    elif name == "literal" and first is not None:
        value = engine.eval(source, first, env)
        if isinstance(value, (str, int, float)):
            schema = {"const": value}
            schema["type"] = (
                "string" if isinstance(value, str) else "boolean" if value in (True, False) else "number"
            )
    elif name in ("array", "Array") and first is not None:
        inner = engine.eval(source, first, env)
        if isinstance(inner, Shape):
            schema["items"] = inner.schema
    elif name in ("union", "discriminatedUnion") and given:
        options = engine.eval(source, given[-1] if name == "discriminatedUnion" else given[0], env)
        if isinstance(options, Arr):
            shapes = [engine.force(item.value) for item in options.items]
            schema = {"anyOf": [one.schema for one in shapes if isinstance(one, Shape)]}
    elif name in ("Optional", "lazy", "preprocess") and given:
        value = engine.eval(source, given[-1], env)
        if isinstance(value, Shape):
            return Shape(value.schema, value.optional or name == "Optional")
    return Shape(schema)


def _modified(
    engine: "Engine", source: Source, shape: Shape, name: str, given: list[Node], env: Env
) -> Shape:
    schema, optional = dict(shape.schema), shape.optional or name in _OPTIONAL
    value = engine.eval(source, given[0], env) if given else UNKNOWN
    if name == "describe" and isinstance(value, str):
        schema["description"] = value
    elif name == "default" and isinstance(value, (str, bool, int, float)):
        schema["default"] = value
    elif name == "int":
        schema["type"] = "integer"
    elif name == "array":
        schema = {"type": "array", "items": schema}
    elif name == "partial":
        schema.pop("required", None)
        return Shape(schema, shape.optional)
    elif name in ("extend", "merge", "and"):
        other = value.schema if isinstance(value, Shape) else shape_schema(engine, value)
        schema = _joined(schema, other)
    elif name in ("pick", "omit") and isinstance(value, Obj):
        schema = _picked(schema, set(value.props), name == "pick")
    return Shape(schema, optional)


def _joined(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    mine, theirs = one.get("properties"), other.get("properties")
    first = mine if isinstance(mine, dict) else {}
    second = theirs if isinstance(theirs, dict) else {}
    needed = one.get("required")
    kept: list[Json] = [name for name in needed if name not in second] if isinstance(needed, list) else []
    added = other.get("required")
    kept += added if isinstance(added, list) else []
    return {**one, "properties": {**first, **second}, **({"required": kept} if kept else {})}


def _picked(schema: dict[str, Json], names: set[str], keep: bool) -> dict[str, Json]:
    listed, needed = schema.get("properties"), schema.get("required")
    if isinstance(listed, dict):
        schema["properties"] = {name: one for name, one in listed.items() if (name in names) == keep}
    if isinstance(needed, list):
        schema["required"] = [name for name in needed if (name in names) == keep]
    return schema
