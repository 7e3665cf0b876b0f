"""Input schemas: written out as values, as JSON text, or derived from the struct that a handler takes.

Sources: pkg.go.dev/encoding/json (field tags), github.com/google/jsonschema-go (`jsonschema:"what it is
for"`), github.com/invopop/jsonschema (`jsonschema:"required,description=...,enum=..."`).
"""

import json
import re

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.package import File, Member
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.values import Func, Outside, Struct, TypeName, json_of
from mcpaudit.parsing.document import Json

Schema = dict[str, Json]

MAX_DEPTH, MAX_TEXT, MAX_FIELDS = 6, 200_000, 2_000
_TYPES = {"string": "string", "bool": "boolean", "float32": "number", "float64": "number", "byte": "integer"}
_TYPES |= {f"{sign}int{size}": "integer" for sign in ("", "u") for size in ("", "8", "16", "32", "64")}
_KEYED = re.compile(r"(?:required|[a-z]\w*=.*|omitempty|-)", re.S)
_REQUEST = re.compile(
    r"CallToolRequest\b|CallToolParams\b|\bcontext\.Context|ServerSession\b|json\.RawMessage"
)
_ANY = re.compile(r"any|interface\s*\{\}|map\[string\]\s*(?:any|interface\s*\{\})")
# Tags are taken apart at commas, unless these are escaped.
_COMMA = re.compile(r"(?<!\\),")


@dataclass(slots=True)
class Budget:
    """How many parts the schemas of one server may still have: types that hold themselves never end."""

    left: int = 100_000
    own: int = 0

    def next_tool(self) -> None:
        """What one tool may use of it."""
        self.own = min(self.left, 3_000)

    def spend(self) -> bool:
        """Use one part; whether there was one."""
        self.left -= 1
        self.own -= 1
        return self.own >= 0


def written(value: object, budget: Budget) -> Schema:
    """A schema that is given as a value or as JSON text; empty where it is neither."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return {}
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    found = json_of(value, budget.spend) if isinstance(value, dict | Struct) else None
    return {str(key): one for key, one in found.items()} if isinstance(found, dict) else {}


def of_handler(project: Project, handler: Func, budget: Budget) -> Schema | None:
    """The schema of what a typed handler takes; `None` for one that takes the request as it is."""
    held = syntax.field(handler.node, "parameters")
    rows = (
        [one for one in held.named_children if one.type == "parameter_declaration"]
        if held is not None
        else []
    )
    kind = syntax.field(rows[-1], "type") if rows else None
    if kind is None:
        return None
    if (given := _parameters(kind)) is not None:
        kind = given  # `*mcp.CallToolParamsFor[Args]`
    elif _REQUEST.search(syntax.text(kind)):
        return None
    elif len(rows) > 1 and _REQUEST.search(syntax.text(rows[-2])) and _ANY.fullmatch(syntax.text(kind)):
        return {"type": "object"}
    return of_struct(project, kind, handler.file, budget)


def of_struct(project: Project, kind: Node, file: File, budget: Budget) -> Schema | None:
    """The schema of a struct whose fields have names in JSON; `None` for any other type."""
    members, there = _members(project, kind, file)
    if members is None or (members and not any("json" in one.tags for one in members)):
        return None
    return _object(project, members, there, 0, budget)


def of_type(project: Project, name: TypeName, budget: Budget) -> Schema | None:
    """The schema of a struct by its type's name."""
    found = project.declared(name)
    return of_struct(project, found.type, found.file, budget) if found and found.type is not None else None


def of_value(project: Project, value: object, budget: Budget) -> Schema | None:
    """The schema that a call derives from a type: `jsonschema.For[Args]()`."""
    return of_type(project, value.kind, budget) if isinstance(value, Outside) and value.kind else None


def _parameters(kind: Node) -> Node | None:
    """The first type that a generic type of the request is for."""
    while kind.type in ("pointer_type", "parenthesized_type") and kind.named_children:
        kind = kind.named_children[0]
    given = syntax.field(kind, "type_arguments") if kind.type == "generic_type" else None
    first = given.named_children[0] if given is not None and given.named_children else None
    return first.named_children[0] if first is not None and first.type == "type_elem" else first


def _members(project: Project, kind: Node, file: File) -> tuple[list[Member] | None, File]:
    while kind.type in ("pointer_type", "parenthesized_type") and kind.named_children:
        kind = kind.named_children[0]
    if kind.type == "struct_type":
        return project.fields(kind), file
    found = project.declared(project.type_name(kind, file))
    if found is None or found.type is None or found.type.type != "struct_type":
        return None, file
    return project.fields(found.type), found.file


def _object(project: Project, members: list[Member], file: File, depth: int, budget: Budget) -> Schema:
    properties: dict[str, Json] = {}
    required: list[Json] = []
    says_required = any("required" in _COMMA.split(one.tags.get("jsonschema", "")) for one in members)
    for one in members[:MAX_FIELDS]:
        name, *options = one.tags.get("json", "").split(",")
        if name == "-" or not (one.name[:1].isupper() or one.embedded):
            continue
        if not budget.spend():
            break
        inner, there = _members(project, one.type, file)
        if one.embedded and not name and inner is not None and depth < MAX_DEPTH:
            whole = _object(project, inner, there, depth + 1, budget)
            own, needed = whole.get("properties"), whole.get("required")
            properties |= own if isinstance(own, dict) else {}
            required += needed if isinstance(needed, list) else []
            continue
        property_, named = _property(one, _type(project, one.type, file, depth + 1, budget))
        properties[name or one.name] = property_
        optional = "omitempty" in options or "omitzero" in options
        if named or (not says_required and not optional):
            required.append(name or one.name)
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": list(dict.fromkeys(required))} if required else found


def _property(one: Member, found: Schema) -> tuple[Schema, bool]:
    """What a field's tags add, and whether they say that it is required."""
    tag = one.tags.get("jsonschema", "")
    if text := one.tags.get("jsonschema_description", ""):
        found["description"] = text
    if not tag:
        return found, False
    parts = _COMMA.split(tag)
    if not _KEYED.fullmatch(parts[0].strip()):
        return {**found, "description": tag}, False
    values: list[Json] = []
    for part in parts:
        key, _, text = part.strip().partition("=")
        text = text.replace("\\,", ",")
        if key in ("description", "title", "pattern", "format", "default"):
            found[key] = text
        elif key == "enum":
            values.append(text)
    return ({**found, "enum": values} if values else found), "required" in (part.strip() for part in parts)


def _type(project: Project, kind: Node, file: File, depth: int, budget: Budget) -> Schema:
    while kind.type in ("pointer_type", "parenthesized_type") and kind.named_children:
        kind = kind.named_children[0]
    text = syntax.text(kind)[:200]
    if kind.type == "type_identifier" and text in _TYPES:
        return {"type": _TYPES[text]}
    if depth > MAX_DEPTH or text in ("any", "json.RawMessage") or kind.type == "interface_type":
        return {}
    if kind.type in ("slice_type", "array_type"):
        element = syntax.field(kind, "element")
        return {
            "type": "array",
            "items": _type(project, element, file, depth + 1, budget) if element is not None else {},
        }
    if kind.type == "map_type":
        return {"type": "object"}
    if text == "time.Time":
        return {"type": "string", "format": "date-time"}
    members, there = _members(project, kind, file)
    if members is not None:
        return _object(project, members, there, depth, budget)
    found = project.declared(project.type_name(kind, file))
    if found is not None and found.type is not None and found.type.id != kind.id:
        return _type(project, found.type, found.file, depth + 1, budget)
    return {}
