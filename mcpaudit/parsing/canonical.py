"""Any JSON value as the bytes of RFC 8785: equal values have equal digests, however they were written."""

import json
import math
from hashlib import sha256

from mcpaudit.parsing.document import Json

_EXACT = 2**53
"""Above it a double does not hold every whole number, and RFC 8785 knows doubles only."""
_PLAIN_DIGITS = 21
"""Numbers with more digits before the point are written with an exponent (ECMA-262, Number::toString)."""
_PLAIN_ZEROS = 6
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def digest(value: Json) -> str:
    """The SHA-256 of a value's canonical bytes."""
    return sha256(canonical(value)).hexdigest()


def canonical(value: Json) -> bytes:
    """A value by RFC 8785: keys sorted by UTF-16 code units, numbers as ECMAScript writes them."""
    # Half of a surrogate pair cannot be written as UTF-8; what others wrote may well contain one.
    return _text(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _text(value: Json) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_quoted(name)}:{_text(held)}" for name, held in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return _number(value)


def _number(value: int | float) -> str:
    if isinstance(value, int) and abs(value) <= _EXACT:
        return str(value)
    try:
        double = float(value)
    except OverflowError:
        return str(value)  # beyond every double: RFC 8785 has no form for it, and its digits will do
    if not math.isfinite(double):
        return "null"  # YAML has them, JSON has not
    if not double:
        return "0"
    # Imported here: schemas seldom hold fractions.
    from decimal import Decimal

    sign, parts, shift = Decimal(repr(double)).normalize().as_tuple()
    assert isinstance(shift, int)
    digits = "".join(map(str, parts))
    return ("-" if sign else "") + _placed(digits, len(digits) + shift)


def _placed(digits: str, point: int) -> str:
    """The digits with the decimal point after `point` of them, as ECMA-262 lays numbers out."""
    if len(digits) <= point <= _PLAIN_DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _PLAIN_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -_PLAIN_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
