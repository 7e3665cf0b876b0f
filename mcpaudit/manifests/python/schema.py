"""Input schemas from signatures, annotations and models, as the frameworks derive them."""

import ast

from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Outside,
    Scope,
    json_of,
    plain,
    text_of,
)
from mcpaudit.parsing.document import Json

Schema = dict[str, Json]
_SIMPLE = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "bytes": "string",
}
_LISTS = frozenset(
    [
        "list",
        "List",
        "Sequence",
        "Iterable",
        "set",
        "Set",
        "tuple",
        "Tuple",
        "frozenset",
        "Collection",
        "Annotated",
    ]
)
_TABLES = frozenset(["dict", "Dict", "Mapping", "MutableMapping", "TypedDict"])
_TEXTS = frozenset(
    [
        "AnyUrl",
        "HttpUrl",
        "Path",
        "UUID",
        "date",
        "datetime",
        "time",
        "EmailStr",
        "SecretStr",
        "AnyHttpUrl",
        "FilePath",
        "Decimal",
    ]
)
# Parameters that the framework fills in; a client never sees them.
_GIVEN = frozenset(
    ["Context", "ServerSession", "RequestContext", "Request", "Depends", "CurrentContext", "Resolve"]
)
_DEEP, _MODELS = 8, 3


class Schemas:
    """Turns annotations into JSON Schema."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._ev = evaluator
        self._open: list[ast.ClassDef] = []

    def of_function(self, function: FunctionValue, hidden: frozenset[str] = frozenset()) -> Schema:
        """The parameters of a handler."""
        node = function.node
        if isinstance(node, ast.Lambda):
            return {"type": "object", "properties": {}}
        scope = function.scope or self._ev.top(function.module)
        positional = [*node.args.posonlyargs, *node.args.args]
        given: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
        pairs = [*zip(positional, [*given, *node.args.defaults], strict=True)]
        pairs += [*zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
        if positional and (function.bound is not None or positional[0].arg in ("self", "cls")):
            pairs = pairs[1:]
        # A decorator of the project's own that calls the handler with what the client does not send,
        # a session or a service, puts it first and leaves it without a type where all else has one.
        typed = any(arg.annotation for arg, _ in pairs)
        while len(node.decorator_list) > 1 and typed and pairs[0][0].annotation is None:
            pairs = pairs[1:]
        properties: Schema = {}
        required: list[Json] = []
        for arg, default in pairs:
            if arg.arg in hidden or self._filled_in(arg.annotation, default):
                continue
            schema, needed = self._field(arg.annotation, default, scope, 0)
            properties[arg.arg] = schema
            if needed:
                required.append(arg.arg)
        return _object(properties, required)

    def of_model(self, cls: ClassValue, depth: int = 0) -> Schema:
        """The fields of a model, its bases' first; a model within itself is left open."""
        if cls.node in self._open or len(self._open) > _MODELS:
            return {"type": "object"}
        self._open.append(cls.node)
        try:
            return self._fields(cls, depth)
        finally:
            self._open.pop()

    def _fields(self, cls: ClassValue, depth: int) -> Schema:
        properties: Schema = {}
        required: list[Json] = []
        for base in reversed(self._ev.classes.order(cls)):
            if isinstance(base, Outside):
                continue
            for name, item in self._ev.classes.body(base.node).items():
                if not isinstance(item, ast.AnnAssign) or name.startswith("_") or name == "model_config":
                    continue
                if last_name(getattr(item.annotation, "value", item.annotation)) == "ClassVar":
                    continue
                schema, needed = self._field(item.annotation, item.value, self._ev.classes.scope(base), depth)
                properties[name] = schema
                if needed:
                    required.append(name)
                elif name in required:
                    required.remove(name)
        return _object(properties, required)

    def _filled_in(self, annotation: ast.expr | None, default: ast.expr | None) -> bool:
        names = (
            {last_name(node) for node in ast.walk(annotation) if isinstance(node, ast.expr)}
            if annotation
            else set()
        )
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            names.add(annotation.value.partition("[")[0].rpartition(".")[2].strip())
        callee = last_name(default.func) if isinstance(default, ast.Call) else ""
        return bool(names & _GIVEN) or callee in _GIVEN

    def _field(
        self, annotation: ast.expr | None, default: ast.expr | None, scope: Scope, depth: int
    ) -> tuple[Schema, bool]:
        schema = self.of_type(annotation, scope, depth) if annotation else {}
        if default is None:
            return schema, not (schema.pop("x-has-default", None))
        schema.pop("x-has-default", None)
        value = self._ev.value(default, scope)
        if isinstance(value, Instance) and value.dotted.rpartition(".")[2] in (
            "Field",
            "FieldInfo",
            "Query",
            "Body",
        ):
            _describe(schema, value)
            standard = value.args[0] if value.args else value.kwargs.get("default", UNKNOWN)
            factory = "default_factory" in value.kwargs
            required = standard is Ellipsis or (standard is UNKNOWN and not factory)
            # `...` is no value that the evaluator keeps; whether it is written decides.
            written = bool(value.args) or "default" in value.kwargs
            if required and written and not _ellipsis(value.node or default):
                required = False
            if not required and standard is not UNKNOWN:
                schema["default"] = _json(standard)
            return schema, required
        if value is not UNKNOWN and not isinstance(value, Instance | Outside | FunctionValue | ClassValue):
            schema["default"] = _json(value)
        return schema, False

    def of_type(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Schema:
        """One annotation."""
        if node is None or depth > _DEEP:
            return {}
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and len(node.value) < 2_000:
                try:
                    return self.of_type(ast.parse(node.value.strip(), mode="eval").body, scope, depth + 1)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return {}
            return {"type": "null"} if node.value is None else {}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([*_flat(node)], scope, depth)
        if isinstance(node, ast.Subscript):
            return self._generic(node, scope, depth)
        name = last_name(node)
        if name in _SIMPLE and isinstance(node, ast.Name):
            return {"type": _SIMPLE[name]}
        value = self._ev.value(node, scope)
        if isinstance(value, ClassValue):
            if self._ev.classes.is_enum(value):
                members = [json_of(plain(item)) for item in self._ev.classes.members(value)]
                return _enum(members)
            return self.of_model(value, depth + 1)
        alias = self._alias(node, scope)
        if alias is not None:
            return self.of_type(alias[0], alias[1], depth + 1)
        if name in _LISTS:
            return {"type": "array"}
        if name in _TABLES:
            return {"type": "object"}
        return {"type": "string"} if name in _TEXTS else {}

    def _alias(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The annotation that a name at the top of a module stands for."""
        if not isinstance(node, ast.Name):
            return None
        module, name = scope.module, node.id
        for _ in range(4):
            bound = module.names.get(name)
            if bound and isinstance(bound[-1], ast.Assign | ast.AnnAssign) and bound[-1].value is not None:
                return bound[-1].value, self._ev.top(module)
            dotted = module.imports.get(name, "")
            other = self._ev.project.tree.module(dotted.rpartition(".")[0]) if "." in dotted else None
            if other is None or other is module:
                return None
            module, name = other, dotted.rpartition(".")[2]
        return None

    def _generic(self, node: ast.Subscript, scope: Scope, depth: int) -> Schema:
        name = last_name(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Annotated" and parts:
            schema = self.of_type(parts[0], scope, depth + 1)
            for extra in parts[1:]:
                value = self._ev.value(extra, scope)
                if isinstance(value, Instance):
                    _describe(schema, value)
                    if "default" in value.kwargs or "default_factory" in value.kwargs:
                        schema["x-has-default"] = True
                elif (text := text_of(value)) is not None:
                    schema.setdefault("description", text)
            return schema
        if name == "Literal":
            return _enum([json_of(self._ev.value(part, scope)) for part in parts])
        if name == "Optional":
            return self._union([parts[0], ast.Constant(None)], scope, depth)
        if name == "Union":
            return self._union(list(parts), scope, depth)
        if name in _LISTS:
            items = self.of_type(parts[0], scope, depth + 1) if parts else {}
            return {"type": "array", "items": items} if items else {"type": "array"}
        if name in _TABLES:
            return {"type": "object"}
        if name in ("Final", "ClassVar", "Required", "NotRequired", "SkipJsonSchema"):
            return self.of_type(parts[0], scope, depth + 1)
        return self.of_type(node.value, scope, depth + 1)

    def _union(self, parts: list[ast.expr], scope: Scope, depth: int) -> Schema:
        options: list[Json] = []
        for part in parts:
            schema = self.of_type(part, scope, depth + 1)
            if schema and schema not in options:
                options.append(schema)
        if len(options) == 1 and isinstance(options[0], dict):
            return options[0]
        return {"anyOf": options} if options else {}


def _flat(node: ast.expr) -> list[ast.expr]:
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.insert(0, node.right)
        node = node.left
    return [node, *parts]


def _object(properties: Schema, required: list[Json]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _enum(values: list[object]) -> Schema:
    texts: list[Json] = [value for value in values if isinstance(value, str | int | float | bool)]
    kinds = {type(value) for value in texts}
    kind = {str: "string", int: "integer", bool: "boolean", float: "number"}
    schema: Schema = {"enum": texts}
    return {**schema, "type": kind[kinds.pop()]} if len(kinds) == 1 else schema


def _describe(schema: Schema, field: Instance) -> None:
    for key in ("description", "title", "pattern"):
        text = text_of(field.kwargs.get(key))
        if text is not None:
            schema[key] = text


def _ellipsis(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    parts = [*node.args[:1], *(item.value for item in node.keywords if item.arg == "default")]
    return any(isinstance(part, ast.Constant) and part.value is ... for part in parts)


def _json(value: object) -> Json:
    found = json_of(value)
    return found if isinstance(found, str | int | float | bool | list | dict) else None
