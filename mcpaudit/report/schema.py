"""The JSON Schemas of what mcpaudit writes, taken from its dataclasses and docstrings."""

import ast
import inspect
import sys
import types
from dataclasses import is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from mcpaudit.model import access_review, diff, probe, record, review, usage
from mcpaudit.model.lock import FILE, FORMAT, FULL, INTEGRITY, MAY_BE_EMPTY, OBJECTS, Lock
from mcpaudit.model.report import SCHEMA, Report
from mcpaudit.report.canonical import CHOICES, COUNTS, hints
from mcpaudit.report.json_rows import COUNTED

Node = dict[str, Any]

_HASH = "^sha256:[0-9a-f]{64}$"
_TEXT = "^(sha256:[0-9a-f]{64})?$"
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}


def json_schema() -> Node:
    """JSON Schema 2020-12 of `report-v1`."""
    rows: dict[str, Node] = {}
    root = _row(Report, rows)
    root["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def lock_schema() -> Node:
    """JSON Schema 2020-12 of `mcpaudit.lock`."""
    rows: dict[str, Node] = {}
    root = _row(Lock, rows)
    root["properties"]["format"] = {"const": FORMAT}
    for name, *hashes in (
        ("LockedServer", "integrity", "digest"),
        ("LockedTool", "schema", "title", "description"),
    ):
        for key in hashes:
            form = _TEXT if key in MAY_BE_EMPTY else f"^({INTEGRITY})$" if key == "integrity" else _HASH
            rows[name]["properties"][key]["pattern"] = form
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FILE,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def usage_schema() -> Node:
    """JSON Schema 2020-12 of usage evidence."""
    rows: dict[str, Node] = {}
    root = _row(usage.Usage, rows)
    root["properties"]["schema"] = {"const": usage.SCHEMA}
    rows["Window"]["properties"]["days"]["items"]["format"] = "date"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": usage.SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def probes_schema() -> Node:
    """JSON Schema 2020-12 of probe evidence."""
    rows: dict[str, Node] = {}
    root = _row(probe.Probes, rows)
    root["properties"]["schema"] = {"const": probe.SCHEMA}
    rows["Probe"]["properties"]["at"]["format"] = "date-time"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": probe.SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def diff_schema() -> Node:
    """JSON Schema 2020-12 of `diff-v1`."""
    rows: dict[str, Node] = {}
    root = _row(diff.Diff, rows)
    root["properties"]["schema"] = {"const": diff.SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": diff.SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def access_review_schema() -> Node:
    """JSON Schema 2020-12 of `access-review-v1`."""
    rows: dict[str, Node] = {}
    root = _row(access_review.AccessReview, rows)
    root["properties"]["schema"] = {"const": access_review.SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": access_review.SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def verification_schema() -> Node:
    """JSON Schema 2020-12 of `mcpaudit review verify --format json`."""
    rows: dict[str, Node] = {}
    root = _row(review.Verification, rows)
    root["properties"]["schema"] = {"const": review.SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": review.SCHEMA,
        **root,
        "$defs": dict(sorted(rows.items())),
    }


def record_schema() -> Node:
    """JSON Schema 2020-12 of one line of a recording."""
    rows: dict[str, Node] = {}
    for line in (record.Header, record.Message, record.Lost, record.End):
        rows[line.__name__] = _row(line, rows)
    rows["Header"]["properties"]["format"] = {"const": record.FORMAT}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": record.FORMAT,
        "description": "One line: the header first, then messages, and an end where it ended in order.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in ("Header", "Message", "Lost", "End")],
        "$defs": dict(sorted(rows.items())),
    }


def _row(row: type, rows: dict[str, Node]) -> Node:
    about, fields = _docstrings(sys.modules[row.__module__])[row.__name__]
    properties: dict[str, Node] = {}
    for name, hint in hints(row).items():
        properties[name] = _value(name, hint, rows)
        if name in fields:
            properties[name]["description"] = fields[name]
    return {
        "type": "object",
        "description": about,
        "properties": properties,
        "required": [name for name in properties if name not in FULL],
        "additionalProperties": False,
    }


def _value(name: str, hint: Any, rows: dict[str, Node]) -> Node:
    if hint == COUNTS:
        counts = {counted: {"type": "integer", "minimum": 0} for counted in COUNTED[name]}
        return {"type": "object", "properties": counts, "additionalProperties": False}
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if name in OBJECTS:
        return {"type": "object", "additionalProperties": _value("", get_args(get_args(hint)[0])[1], rows)}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _value(name, get_args(hint)[0], rows)}
    if get_origin(hint) in (Union, types.UnionType):
        choices = [_value(name, choice, rows) for choice in get_args(hint)]
        if all(list(choice) == ["type"] and isinstance(choice["type"], str) for choice in choices):
            return {"type": [choice["type"] for choice in choices]}
        return {"anyOf": choices}
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in rows:
            rows[hint.__name__] = {}
            rows[hint.__name__] = _row(hint, rows)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if hint is date:
        return {"type": "string", "format": "date"}
    return {"enum": list(CHOICES[name])} if name in CHOICES else {"type": _TYPES[hint]}


@cache
def _docstrings(module: types.ModuleType) -> dict[str, tuple[str, dict[str, str]]]:
    """For each class of a module its docstring, and the strings that stand below its fields."""
    found = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef):
            fields = {}
            for field, text in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                    fields[ast.unparse(field.target)] = " ".join(str(ast.literal_eval(text.value)).split())
            found[node.name] = " ".join((ast.get_docstring(node) or "").split()), fields
    return found
