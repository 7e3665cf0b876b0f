"""Tools that FastMCP makes of the operations of an OpenAPI document which the package ships.

How it names them: https://gofastmcp.com/integrations/openapi#custom-component-names. Which operations become
tools is decided when the server starts, by its version and by functions, so each of them is only possible.
"""

import ast
import re
from collections.abc import Iterator

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.capability import RawTool
from mcpaudit.manifests.documents import Documents
from mcpaudit.manifests.extraction import FoundTool
from mcpaudit.manifests.python.contexts import Contexts
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.values import text_of
from mcpaudit.model.manifest import Spot
from mcpaudit.parsing.document import Json

MAKERS = ("from_openapi", "FastMCPOpenAPI")
_FILTERS = ("route_map_fn", "route_maps", "mcp_component_fn")
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_READ = ("type", "enum", "description")
_LONGEST_NAME = 56
MAX_OPERATIONS = 2_000
_STEPS_A_DOCUMENT = 200
_REFERENCE = re.compile(r"#/(components|definitions|parameters)/(?:([^/]+)/)?([^/]+)")


@dataclass(frozen=True, slots=True)
class _Maker:
    """What the calls say that make servers of documents."""

    spot: Spot
    names: dict[str, str]
    """Names of their own for operations, by the operation's identifier."""
    decides: str
    """What leaves operations out, as the code calls it."""


def operation_tools(evaluator: Evaluator, contexts: Contexts, documents: Documents) -> Iterator[FoundTool]:
    """The operations of the shipped documents that the code names, where it makes a server of any."""
    maker = _maker(evaluator, contexts)
    if maker is None:
        return
    found: set[str] = set()
    for name in _named_documents(evaluator, documents):
        evaluator.project.tree.work.spend(_STEPS_A_DOCUMENT)
        document = documents.read(name)
        if not isinstance(document, dict) or not ("openapi" in document or "swagger" in document):
            continue
        for tool in _tools(document, maker.names):
            if tool.name not in found and len(found) < MAX_OPERATIONS:
                found.add(tool.name)
                yield FoundTool(tool, maker.spot, switch=maker.decides, possible=True)


def _maker(evaluator: Evaluator, contexts: Contexts) -> _Maker | None:
    calls = [row for name in MAKERS for row in evaluator.project.calls.get(name, ())]
    names: dict[str, str] = {}
    filters: list[str] = []
    for module, call in calls:
        given = {key.arg: key.value for key in call.keywords if key.arg}
        filters += [name for name in _FILTERS if name in given]
        for scope in contexts.of(call, module) if "mcp_names" in given else ():
            told = evaluator.value(given["mcp_names"], scope)
            rows = told.items() if isinstance(told, dict) else ()
            names |= {str(key): text for key, value in rows if (text := text_of(value)) is not None}
    if not calls:
        return None
    module, call = calls[0]
    decides = ", ".join(dict.fromkeys(filters)) or "the OpenAPI document as it is when the server starts"
    return _Maker(Spot(module.file, call.lineno), names, decides)


def _named_documents(evaluator: Evaluator, documents: Documents) -> Iterator[str]:
    """The shipped documents whose names, with their ending or without, stand in the code."""
    texts = {
        node.value.rpartition("/")[2]
        for module in evaluator.project.modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300
    }
    for name in documents.names():
        if name in texts or name.rpartition(".")[0] in texts:
            yield name


def _tools(document: dict[str, Json], names: dict[str, str]) -> Iterator[RawTool]:
    paths = document.get("paths")
    for path, item in sorted(paths.items()) if isinstance(paths, dict) else ():
        if not isinstance(item, dict):
            continue
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                name = _name(path, method, operation, names)
                text = operation.get("description") or operation.get("summary")
                if name:
                    yield RawTool(name, "", str(text or ""), _schema(document, item, operation))


def _name(path: str, method: str, operation: dict[str, Json], names: dict[str, str]) -> str:
    """As FastMCP makes it: the name given for the operation, its identifier up to `__`, or its summary."""
    identifier, summary = operation.get("operationId"), operation.get("summary")
    if isinstance(identifier, str) and identifier:
        text = names.get(identifier) or identifier.partition("__")[0]
    else:
        text = summary if isinstance(summary, str) and summary else f"{method.upper()}_{path}"
    plain = re.sub(r"[^a-zA-Z0-9_]", "", re.sub(r"[\s.-]", "_", text))
    return re.sub(r"__+", "_", plain).strip("_")[:_LONGEST_NAME]


def _schema(document: dict[str, Json], item: dict[str, Json], operation: dict[str, Json]) -> dict[str, Json]:
    """The parameters of an operation and the fields of its body, as one object."""
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for given in (item.get("parameters"), operation.get("parameters")):
        for one in given if isinstance(given, list) else ():
            row = _resolved(document, one)
            if isinstance(row, dict) and isinstance(name := row.get("name"), str):
                properties[name] = _described(_resolved(document, row.get("schema")), row.get("description"))
                required += [name] if row.get("required") is True else []
    body = _resolved(document, operation.get("requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    for media in content.values() if isinstance(content, dict) else ():
        fields = _resolved(document, media.get("schema")) if isinstance(media, dict) else None
        listed = fields.get("properties") if isinstance(fields, dict) else None
        for name, field in listed.items() if isinstance(listed, dict) else ():
            properties.setdefault(name, _described(_resolved(document, field), None))
        needed = fields.get("required") if isinstance(fields, dict) else None
        required += [one for one in needed if one in properties] if isinstance(needed, list) else []
    listed_once: list[Json] = list(dict.fromkeys(map(str, required)))
    return {"type": "object", "properties": properties, **({"required": listed_once} if required else {})}


def _described(schema: Json, text: Json) -> Json:
    """A parameter's schema as far as inference reads it: its type, its choices and what is said of it."""
    told = schema if isinstance(schema, dict) else {}
    kept: dict[str, Json] = {key: told[key] for key in _READ if key in told}
    return {**kept, "description": text} if isinstance(text, str) and text else kept


def _resolved(document: dict[str, Json], value: Json) -> Json:
    """What a reference within the document leads to, in one step; anything else is itself."""
    target = value.get("$ref") if isinstance(value, dict) else None
    match = _REFERENCE.fullmatch(target) if isinstance(target, str) else None
    if match is None:
        return value
    held = document.get(match[1])
    for step in filter(None, (match[2], match[3])):
        held = held.get(step) if isinstance(held, dict) else None
    return held
