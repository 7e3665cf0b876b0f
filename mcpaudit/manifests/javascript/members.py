"""What values have under a name: properties, methods, exports, variables of the environment."""

import re
from typing import TYPE_CHECKING

from mcpaudit.manifests.javascript import expressions as expressions
from mcpaudit.manifests.javascript.modules import exported
from mcpaudit.manifests.javascript.values import (
    CAPABILITIES,
    FLAGS,
    NEEDS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Ext,
    Func,
    Inst,
    Ns,
    Obj,
    Shape,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

CREDENTIAL = re.compile(
    r"(KEY|TOKEN|SECRET|PASS(WORD|WD|PHRASE)?|CREDENTIAL|AUTH|COOKIE|PAT|CERT|DSN|URI?|URL|HOST(NAME)?|ENDPOINT|"
    r"ADDRESS|SERVER|PORT|USER(NAME)?|ACCOUNT|TENANT|PROJECT|ORG|SITE|DOMAIN|CONNECTION|WEBHOOK|ID|CONNECTION_STRING)"
    r"S?(_(FILE|PATH|ID|NAME|BASE64|JSON))?$",
    re.IGNORECASE,
)
"""Variables that every working installation sets; a condition on one says nothing about defaults."""
_SETTINGS = re.compile(r"(^|[.#_])(config\w*|options|opts|settings|env|credentials)\??$", re.IGNORECASE)
_WORDS = frozenset({"properties", "required", "type"})
"""Words of JSON Schema that are asked for in what a schema was converted to."""
_OBJECT_METHODS = frozenset(
    ["values", "keys", "entries", "get", "has", "forEach", "set", "add", "hasOwnProperty"]
)


def is_need(holder: str, name: str) -> bool:
    """Whether a member is a credential or an address in the settings of a server: `config.apiKey`."""
    written = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    found = CREDENTIAL.search(written)
    whole = found is not None and (found.start() == 0 or written[found.start() - 1] == "_")
    return whole and _SETTINGS.search(holder) is not None


def member(engine: "Engine", value: object, name: str) -> object:
    """What a value has under a name."""
    from mcpaudit.manifests.javascript.classes import instance_member, static_member

    if isinstance(value, Obj):
        if name in value.props:
            return engine.got(value.props[name])
        if name in ("size", "length"):
            return UNKNOWN if value.open else len(value.props)
        if name in _OBJECT_METHODS:
            return Bound(value, name)
        return UNKNOWN if value.open else UNDEFINED
    if isinstance(value, Arr):
        if name in ("length", "size"):
            return UNKNOWN if value.open or any(one.switch for one in value.items) else len(value.items)
        if name.isdigit():
            return engine.element(value, f"#{name}")
        return Bound(value, name)
    if isinstance(value, str):
        return len(value) if name == "length" else Bound(value, name)
    if isinstance(value, Ns):
        return exported(engine, value.source, name)
    if isinstance(value, Inst):
        return instance_member(engine, value, name)
    if isinstance(value, Cls):
        return static_member(engine, value, name)
    if isinstance(value, Shape):
        fields = value.schema.get("properties")
        if name == "shape" and isinstance(fields, dict):
            return Obj({key: _field(value, key) for key in fields})
        if name in ("shape", "_def", "schema", "unwrap"):
            return value
        field = fields.get(name) if isinstance(fields, dict) else None
        if isinstance(field, dict):
            return Shape(field)
        if name in _WORDS and name in value.schema:
            return expressions.from_json(value.schema[name], 0)
        return value.schema["const"] if name == "value" and "const" in value.schema else Bound(value, name)
    if isinstance(value, Func):
        return Bound(value, name) if name in ("bind", "call", "apply") else UNDEFINED
    if value is CAPABILITIES:
        engine.trace.append(f"client capability {name}")
        return UNDEFINED
    if value is FLAGS:
        from mcpaudit.manifests.javascript.flags import defaults

        option = expressions.dashed(name)
        engine.trace.append(f"--{option}")
        return defaults(engine).get(option, UNDEFINED)
    if isinstance(value, Ext):
        if value.path in (
            "process.env",
            "globalThis.process.env",
            "process.process.env",
            "import.meta.env",
        ):
            if CREDENTIAL.search(name):
                engine.trace.append(NEEDS + name)
                return UNKNOWN
            engine.trace.append(name)
            return UNDEFINED
        return Ext(f"{value.path}.{name}") if len(value.path) < 200 else UNKNOWN
    return UNKNOWN


def _field(of: Shape, name: str) -> Shape:
    """The schema of one field, optional where the object does not require it."""
    fields, needed = of.schema.get("properties"), of.schema.get("required")
    field = fields.get(name) if isinstance(fields, dict) else None
    required = isinstance(needed, list) and name in needed
    return Shape(field if isinstance(field, dict) else {}, not required)
