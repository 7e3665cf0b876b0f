"""Reads dataclasses back from a document, strictly: every key, no other, each of its own type."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from mcpaudit.errors import ConfigurationError, Mistake, did_you_mean
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import read

Row = TypeVar("Row")
Check = Callable[[Json, Route], str]
"""What is wrong with a value of the right type; empty where nothing is."""

_NAMES = {str: "a text", int: "a whole number", bool: "true or false"}


def read_file(path: Path, shown: str, row: type[Row], schema: str, check: Check) -> tuple[Row, Document]:
    """The JSON file as this dataclass; raises ConfigurationError at the first mistake."""
    document = read(path, shown, "json")
    if document is None:
        raise ConfigurationError([Mistake(shown, 0, 0, "there is no such file")])
    if isinstance(document, Gap):
        raise ConfigurationError([Mistake(shown, document.line, document.column, document.reason)])
    return read_rows(document, row, schema, check), document


def read_rows(document: Document, row: type[Row], schema: str, check: Check) -> Row:
    """The document as this dataclass; raises ConfigurationError at the first mistake."""
    found = document.data.get("schema") if isinstance(document.data, dict) else None
    if found != schema:
        raise _mistake(document, ("schema",), f"expected `{schema}`")
    whole: Row = _row(document, document.data, row, (), check)
    return whole


def _mistake(document: Document, route: Route, message: str, hint: str = "") -> ConfigurationError:
    line, column = document.locate(route)
    where = "/".join(map(str, route)) or "the file"
    return ConfigurationError([Mistake(document.file, line, column, f"{where}: {message}", hint)])


def _row(document: Document, value: Json, row: Any, route: Route, check: Check) -> Any:
    if not isinstance(value, dict):
        raise _mistake(document, route, "expected an object")
    hints = get_type_hints(row)
    names = [one.name for one in fields(row)]
    for name in value:
        if name not in names:
            raise _mistake(document, (*route, name), "no such key", did_you_mean(name, names))
    for name in names:
        if name not in value:
            raise _mistake(document, route, f"the key `{name}` is missing")
    return row(**{name: _value(document, value[name], hints[name], (*route, name), check) for name in names})


def _value(document: Document, value: Json, hint: Any, route: Route, check: Check) -> Any:
    if isinstance(hint, UnionType):
        if value is None and NoneType in get_args(hint):
            return None
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _mistake(document, route, "expected a list")
        inner = get_args(hint)[0]
        return tuple(_value(document, one, inner, (*route, at), check) for at, one in enumerate(value))
    if get_origin(hint) is Literal:
        allowed = get_args(hint)
        if value not in allowed:
            near = did_you_mean(value, allowed) if isinstance(value, str) else ""
            raise _mistake(document, route, f"expected one of {', '.join(allowed)}", near)
        return value
    if is_dataclass(hint):
        return _row(document, value, hint, route, check)
    if type(value) is not hint or (isinstance(value, int) and value < 0):
        raise _mistake(document, route, f"expected {_NAMES[hint]}")
    if wrong := check(value, route):
        raise _mistake(document, route, wrong)
    return value
