"""The canonical report as bytes and back: RFC 8785 JSON, read strictly by the types of the model."""

import json
import types
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from mcpaudit.errors import ReportError
from mcpaudit.model.access_review import ANSWERS
from mcpaudit.model.finding import SAFETIES, SEVERITIES, STATUSES
from mcpaudit.model.patch import TREES
from mcpaudit.model.report import SCHEMA, Report
from mcpaudit.report.json_rows import COUNTED, Writer

COUNTS = tuple[tuple[str, int], ...]
"""Counts by name: an object in JSON, read back in the order that the model gives the names."""

CHOICES: dict[str, tuple[str, ...]] = {
    "severity": SEVERITIES,
    "status": STATUSES,
    "safety": SAFETIES,
    "tree": TREES,
    "answer": ANSWERS,
}
"""Fields that every format sorts by, so that nothing else can be read into them."""

_TOGETHER = 50
"""How many rows are encoded at once: enough to be quick, few enough to be small."""

_LARGEST = 2**53 - 1
"""The largest number that JSON carries exactly everywhere (RFC 8785, 3.2.2.3)."""

_NAMES: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    float: "a fraction",
    types.NoneType: "null",
}


def to_json(report: Report) -> bytes:
    """The report file: the canonical bytes and a line feed, which the digest does not cover."""
    return b"".join(file_pieces(report))


def file_pieces(report: Report) -> Iterator[bytes]:
    """The same piece by piece."""
    yield from pieces(report)
    yield b"\n"


def digest(report: Report) -> str:
    """The SHA-256 of the canonical bytes; every other format names the report by it."""
    total = sha256()
    for piece in pieces(report):
        total.update(piece)
    return total.hexdigest()


def canonical(report: Report) -> bytes:
    """The report by RFC 8785: every key is ASCII, for which Python sorts as UTF-16 code units do."""
    return b"".join(pieces(report))


def pieces(report: Report) -> Iterator[bytes]:
    """The canonical bytes in order, piece by piece, so that a large report is never held twice."""
    text = Writer().text
    for number, name in enumerate(sorted(report.__slots__)):
        yield f'{"," if number else "{"}"{name}":'.encode()
        held = getattr(report, name)
        if not isinstance(held, tuple):
            yield _bytes(text(held))
            continue
        yield b"["
        for start in range(0, len(held), _TOGETHER):
            yield b"," * (start > 0) + _bytes(text(held[start : start + _TOGETHER])[1:-1])
        yield b"]"
    yield b"}"


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair cannot be written as UTF-8; a configuration may well contain one.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def from_json(raw: bytes) -> Report:
    """Read a report file back; anything that is not one raises `ReportError` with a sentence."""
    return read_back(raw, Report, SCHEMA, "report")


Row = TypeVar("Row")


def read_back(raw: bytes, row: type[Row], schema: str, what: str) -> Row:
    """Read a file of one of the schemas back; `what` is its name in the sentences of `ReportError`."""
    try:
        found: Row = _row(_tree(raw, schema), row, "$")
    except ReportError as error:
        raise ReportError(str(error).replace("report", what, 1)) from None
    return found


def _tree(raw: bytes, schema: str) -> dict[str, Any]:
    try:
        tree = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise ReportError(f"this is no report: byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ReportError(f"this is no report: it is not JSON at {where}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ReportError("this is no report: it is nested too deeply or holds a monstrous number") from None
    if not isinstance(tree, dict):
        raise ReportError("this is no report: its outermost value is not an object")
    if tree.get("schema") != schema:
        found = f"the schema {json.dumps(tree['schema'])[:60]}" if "schema" in tree else "no schema"
        raise ReportError(f'this version cannot read this report: it has {found}, expected "{schema}"')
    return tree


@cache
def hints(row: Any) -> dict[str, Any]:
    """The fields of a row with their types, in the order of the model."""
    known = get_type_hints(row)
    return {field.name: known[field.name] for field in fields(row)}


def _row(value: Any, row: Any, path: str) -> Any:
    expected = hints(row)
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    for name in value:
        if name not in expected:
            raise _unreadable(f"{path} has the key {_quote(name)}, which its schema does not know")
    for name in expected:
        if name not in value:
            raise _unreadable(f'{path} lacks the key "{name}"')
    return row(**{name: _value(value[name], hint, f"{path}.{name}") for name, hint in expected.items()})


def _value(value: Any, hint: Any, path: str) -> Any:
    if hint == COUNTS:
        return _counts(value, path)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        return tuple(_value(item, get_args(hint)[0], f"{path}[{index}]") for index, item in enumerate(value))
    if get_origin(hint) in (Union, types.UnionType):
        return _one_of(value, get_args(hint), path)
    if is_dataclass(hint):
        return _row(value, hint, path)
    # `bool` is an `int` to Python, but `true` is no number to JSON.
    if type(value) is not hint or (hint is int and abs(value) > _LARGEST):
        raise _wrong(path, _NAMES[hint], value)
    choices = CHOICES.get(path.rpartition(".")[2], ())
    if choices and value not in choices:
        raise _unreadable(f"{path} is {_quote(value)}, expected one of {', '.join(choices)}")
    return value


def _one_of(value: Any, choices: tuple[Any, ...], path: str) -> Any:
    if value is None and types.NoneType in choices:
        return None
    choices = tuple(choice for choice in choices if choice is not types.NoneType)
    for choice in choices:
        if type(value) is choice:
            return _value(value, choice, path)
    if len(choices) > 1:
        raise _wrong(path, " or ".join(_NAMES[choice] for choice in choices), value)
    return _value(value, choices[0], path)


def _counts(value: Any, path: str) -> tuple[tuple[str, int], ...]:
    names = COUNTED[path.rpartition(".")[2]]
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    for name in value:
        if name not in names:
            raise _unreadable(f"{path} counts {_quote(name)}, which is none of {', '.join(names)}")
    return tuple((name, _value(value[name], int, f"{path}.{name}")) for name in names if name in value)


def _wrong(path: str, expected: str, value: Any) -> ReportError:
    found = "a number out of range" if expected == _NAMES[int] and type(value) is int else _NAMES[type(value)]
    return _unreadable(f"{path} is {found}, expected {expected}")


def _unreadable(sentence: str) -> ReportError:
    return ReportError(f"this report cannot be read: {sentence}")


def _quote(name: str) -> str:
    return json.dumps(name if len(name) <= 60 else f"{name[:60]}...")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ReportError(f"this is no report: the key {_quote(twice)} stands twice in one object")
    return found


def _no_constant(name: str) -> Callable[[], None]:
    raise ReportError(f"this is no report: {name} is not JSON")
