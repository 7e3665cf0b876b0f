"""TOML: values by `tomllib`, positions by an own walk over the tokens.

Source: TOML 1.0. Dates become ISO text; `inf` and `nan`, which JSON cannot hold, stay text.
"""

import datetime
import math
import re
import tomllib
from typing import Any

from mcpaudit.parsing.document import Irregularity, Json, Lines, Malformed, within_limits
from mcpaudit.parsing.limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES, MAX_TABLES
from mcpaudit.parsing.toml_positions import positions, tokens

__all__ = ["parse", "positions"]

_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_QUOTING = {
    "Cannot declare": "a table is declared twice",
    "Cannot mutate immutable namespace": "a table is extended that was complete",
    "Cannot redefine namespace": "a table is declared twice",
    "Duplicate inline table key": "a key is given twice in an inline table",
    "Unescaped": "a backslash starts no escape",
}
"""What `tomllib` says before it quotes the file, in words that need no quotation."""


def parse(text: str) -> tuple[Json, tuple[Irregularity, ...]]:
    """The data of a TOML text; the grammar leaves no room for irregularities.

    Raises `Malformed` for broken syntax, integers over 64 bits, and passed limits.
    """
    _check_limits(text)
    try:
        data = _json(tomllib.loads(text, parse_float=_float))
    except tomllib.TOMLDecodeError as error:
        raise _explained(str(error), text) from None
    except ValueError:
        long = re.search(rf"[0-9_]{{{MAX_DIGITS},}}", text)
        raise Malformed("a number is too large", *Lines(text).at(long.start() if long else 0)) from None
    if not within_limits(data):
        raise Malformed(f"nested deeper than {MAX_DEPTH} levels, or more than {MAX_NODES:,} values")
    return data, ()


def _check_limits(text: str) -> None:
    """Stops what `tomllib` would recurse on or spend memory on without bounds."""
    depth = dots = tables = 0
    for token in tokens(text):
        if token.text in ("[", "{"):
            depth += 1
        elif token.text in ("]", "}"):
            depth -= 1
        elif token.text == ".":
            dots += 1
        elif token.text in ("=", ",") or token.kind == "newline":
            dots = 0
        tables += token.text in ("[", "{", ".")
        if max(depth, dots) > MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH} levels", *Lines(text).at(token.offset))
        if tables > MAX_TABLES:
            raise Malformed(f"more than {MAX_TABLES:,} tables", *Lines(text).at(token.offset))


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _json(value: Any) -> Json:
    """`tomllib`'s values as JSON has them; raises `ValueError` for an integer that TOML does not allow."""
    if isinstance(value, dict):
        return {key: _json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError
    plain: Json = value
    return plain


def _explained(complaint: str, text: str) -> Malformed:
    """A `tomllib` error without what it quotes."""
    where = _WHERE.search(complaint)
    message = complaint[: where.start()] if where else complaint
    if not message.startswith("Expected '"):
        message = re.split(r" *[('\"]", message)[0]
    message = _QUOTING.get(message, message[:1].lower() + message[1:])
    if where and where[1]:
        return Malformed(message, int(where[1]), int(where[2]))
    return Malformed(message, *Lines(text).at(len(text)))
