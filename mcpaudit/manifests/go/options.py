"""The options of mark3labs/mcp-go's `NewTool`: https://pkg.go.dev/github.com/mark3labs/mcp-go/mcp#ToolOption

The hints that it sets for every tool are those that the protocol supposes anyway; they are left out, as
nobody chose them.
"""

import re
from collections.abc import Sequence

from mcpaudit.manifests.go.values import UNKNOWN, Outside, Struct, TypeName

_HINT = re.compile(r"With(ReadOnly|Destructive|Idempotent|OpenWorld)HintAnnotation")
_TYPES = {
    "WithString": "string",
    "WithNumber": "number",
    "WithInteger": "integer",
    "WithBoolean": "boolean",
    "WithObject": "object",
    "WithArray": "array",
    "WithAny": "",
}
_VALUES = {
    "Description": "description",
    "Title": "title",
    "Items": "items",
    "Properties": "properties",
    "Pattern": "pattern",
    "Min": "minimum",
    "Max": "maximum",
    "MinLength": "minLength",
    "MaxLength": "maxLength",
    "MinItems": "minItems",
    "MaxItems": "maxItems",
    "DefaultString": "default",
    "DefaultNumber": "default",
    "DefaultBool": "default",
    "DefaultArray": "default",
    "AdditionalProperties": "additionalProperties",
}
_ITEMS = {"WithStringItems": "string", "WithNumberItems": "number", "WithBooleanItems": "boolean"}


def apply(tool: Struct, name: str, args: Sequence[object]) -> None:
    """What one option says of a tool."""
    first = args[0] if args else UNKNOWN
    if name == "WithDescription":
        tool.fields["Description"] = first
    elif name in ("WithTitle", "WithTitleAnnotation"):
        _annotations(tool)["Title"] = first
    elif name == "WithToolAnnotation" and isinstance(first, Struct):
        tool.fields["Annotations"] = first
    elif found := _HINT.fullmatch(name):
        _annotations(tool)[f"{found[1]}Hint"] = first
    elif name in ("WithRawInputSchema", "WithInputSchema"):
        tool.fields["RawInputSchema"] = first
    elif name in _TYPES and isinstance(first, str):
        schema = tool.fields.setdefault("InputSchema", {"type": "object", "properties": {}})
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if isinstance(schema, dict) and isinstance(properties, dict):
            one, required = _property(_TYPES[name], args[1:])
            properties[first] = one
            if required:
                schema["required"] = [*schema.get("required", []), first]


def _annotations(tool: Struct) -> dict[str, object]:
    held = tool.fields.get("Annotations")
    if not isinstance(held, Struct):
        held = tool.fields["Annotations"] = Struct(TypeName(tool.type.path, "ToolAnnotation"), {}, tool.file)
    return held.fields


def _property(kind: str, given: Sequence[object]) -> tuple[dict[str, object], bool]:
    found: dict[str, object] = {"type": kind} if kind else {}
    required = False
    for one in given:
        if not isinstance(one, Outside) or one.args is None:
            continue
        name, args = one.last.removesuffix("()"), one.args
        if name == "Required":
            required = True
        elif name == "Enum":
            found["enum"] = [item for item in args if isinstance(item, str)]
        elif name in _ITEMS:
            found["items"] = {"type": _ITEMS[name]}
        elif name in _VALUES and args and args[0] is not UNKNOWN:
            found[_VALUES[name]] = args[0]
    return found, required
