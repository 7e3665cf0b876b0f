"""Values as JSON, and what a tool gives as its schema as JSON Schema."""

from typing import TYPE_CHECKING

from mcpaudit.manifests.javascript.values import UNDEFINED, UNKNOWN, Arr, Ext, Func, Lazy, Ns, Obj, Shape
from mcpaudit.parsing.document import Json

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MAX_DEPTH = 8


def shape_schema(engine: "Engine", value: object) -> dict[str, Json]:
    """The JSON Schema of an object whose values are schemas."""
    properties: dict[str, Json] = {}
    required: list[Json] = []
    if isinstance(value, Shape):
        return value.schema
    if isinstance(value, Obj):
        for name, one in value.props.items():
            inner = engine.force(one)
            if isinstance(inner, Func) or inner is UNDEFINED:
                continue
            properties[name] = inner.schema if isinstance(inner, Shape) else to_json(engine, inner, 1) or {}
            if not isinstance(inner, Shape) or not inner.optional:
                required.append(name)
    schema: dict[str, Json] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def to_schema(engine: "Engine", value: object) -> dict[str, Json]:
    """The JSON Schema of whatever a tool gives as its schema; empty where it is not known."""
    value = engine.force(value)
    if isinstance(value, Shape):
        return value.schema
    if isinstance(value, Func):
        return {}
    if isinstance(value, Obj):
        kind = engine.force(value.props.get("type", UNKNOWN))
        if (
            "properties" in value.props
            or isinstance(kind, str)
            or "$ref" in value.props
            or "anyOf" in value.props
        ):
            made = to_json(engine, value, 0)
            return made if isinstance(made, dict) else {}
        if "json" in value.props or "jsonSchema" in value.props:
            return to_schema(engine, value.props.get("jsonSchema", value.props.get("json")))
        return shape_schema(engine, value)
    return {}


def to_json(engine: "Engine", value: object, depth: int) -> Json:
    """A value as JSON; what is not known is left out, or null."""
    value = engine.force(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if depth > MAX_DEPTH:
        return {}
    if isinstance(value, Shape):
        return value.schema
    if isinstance(value, Arr):
        items = [to_json(engine, item.value, depth + 1) for item in value.items[:500]]
        return [item for item in items if item is not None]
    if isinstance(value, Obj):
        made: dict[str, Json] = {}
        for name, one in list(value.props.items())[:500]:
            inner = engine.force(one)
            if (
                inner is not UNKNOWN
                and inner is not UNDEFINED
                and not isinstance(inner, (Ext, Func, Ns, Lazy))
            ):
                made[name] = to_json(engine, inner, depth + 1)
        return made
    return None
