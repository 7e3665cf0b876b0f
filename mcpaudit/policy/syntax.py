"""What a CEL expression is made of: a small tree, read from the form in which the CEL runtime writes one.

The runtime parses; nothing here knows CEL's grammar. Its serialised form is a protobuf message, of which only
the fields that matter are read, without protobuf's classes, whose import costs more than all the rest.

Source: `cel/expr/syntax.proto` and `checked.proto` of the CEL specification, for the numbers of the fields.
"""

import json
import struct
from collections.abc import Iterator
from typing import Literal as OneOf

from mcpaudit.dataclass import dataclass

Scalar = str | bool | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written."""

    value: Scalar
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: the subject, `params`, or what `exists` and its kin bind."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Select:
    """A field of something; `test` where `has()` only asks for it."""

    operand: "Expression"
    field: str
    test: bool
    offset: int
    """Of the dot, for `has()` of the parenthesis."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator, by the name that CEL gives it: `_&&_`, `_==_`, `!_`, `@in`, `within`."""

    function: str
    target: "Expression | None"
    arguments: tuple["Expression", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list that is written out."""

    items: tuple["Expression", ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Fold:
    """`list.exists(variable, body)` and its kin."""

    kind: OneOf["exists", "all", "exists_one", "map", "filter"]
    operand: "Expression"
    variable: str
    body: "Expression"
    offset: int


@dataclass(frozen=True, slots=True)
class Other:
    """Whatever policies have no use for: a message or map that is written out."""

    offset: int


Expression = Literal | Name | Select | Call | Items | Fold | Other

_OPERATORS = {
    **{f"_{sign}_": sign for sign in ("&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%")},
    "@in": "in",
}


def read(serialised: bytes) -> Expression:
    """The tree of an expression that the runtime has serialised, checked or only parsed."""
    packed = _last(serialised)
    message = _last(_bytes(packed[2]))
    info, expression = (5, 4) if _text(packed[1]).endswith(".CheckedExpr") else (3, 2)
    positions: dict[int, int] = {}
    for number, value in _message(_bytes(message[info])):
        if number == 4:
            pair = _last(_bytes(value))
            positions[_int(pair.get(1, 0))] = _int(pair.get(2, 0))
    return _Reader(positions).expression(message[expression])


def start(node: Expression) -> int:
    """The offset of the first character that belongs to it, but for parentheses."""
    return min(part.offset for part in walk(node))


def walk(node: Expression) -> Iterator[Expression]:
    """It and all its parts."""
    yield node
    for part in parts(node):
        yield from walk(part)


def parts(node: Expression) -> tuple[Expression, ...]:
    """What it is directly made of."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return (*((node.target,) if node.target else ()), *node.arguments)
        case Items():
            return node.items
        case Fold():
            return (node.operand, node.body)
        case _:
            return ()


def path(node: Expression) -> tuple[str, ...]:
    """The names of a plain dotted path, `("conflict", "resource", "id")`; empty for anything else."""
    match node:
        case Name():
            return tuple(node.name.split("."))
        case Select(test=False):
            above = path(node.operand)
            return (*above, node.field) if above else ()
        case _:
            return ()


def text(node: Expression) -> str:
    """It as CEL on one line; equal trees have equal texts."""
    match node:
        case Literal():
            return _literal(node.value)
        case Name():
            return node.name
        case Select():
            shown = f"{_inner(node.operand)}.{node.field}"
            return f"has({shown})" if node.test else shown
        case Items():
            return f"[{', '.join(map(text, node.items))}]"
        case Fold():
            return f"{_inner(node.operand)}.{node.kind}({node.variable}, {text(node.body)})"
        case Call(function="_?_:_"):
            condition, yes, no = map(_inner, node.arguments)
            return f"{condition} ? {yes} : {no}"
        case Call(function="!_" | "-_"):
            return f"{node.function[0]}{_inner(node.arguments[0])}"
        case Call(function="_[_]"):
            return f"{_inner(node.arguments[0])}[{text(node.arguments[1])}]"
        case Call() if node.function in _OPERATORS:
            return f" {_OPERATORS[node.function]} ".join(map(_inner, node.arguments))
        case Call():
            target = f"{_inner(node.target)}." if node.target else ""
            return f"{target}{node.function}({', '.join(map(text, node.arguments))})"
        case _:
            return "{...}"


def _inner(node: Expression) -> str:
    """In parentheses where it is an operation on two sides."""
    wide = isinstance(node, Call) and (node.function in _OPERATORS or node.function == "_?_:_")
    return f"({text(node)})" if wide else text(node)


def _literal(value: Scalar) -> str:
    return "b'...'" if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)


Fields = dict[int, int | bytes]


class _Reader:
    """Builds the tree from the messages of an expression."""

    def __init__(self, positions: dict[int, int]) -> None:
        self._positions = positions

    def expression(self, raw: int | bytes) -> Expression:
        fields = _last(_bytes(raw))
        offset = self._positions.get(_int(fields.get(2, 0)), 0)
        for number, body in fields.items():
            if number != 2:
                return self._of(number, _bytes(body), offset)
        return Other(offset)

    def _of(self, number: int, body: bytes, offset: int) -> Expression:
        if number == 3:
            return Literal(_constant(body), offset)
        fields = _last(body)
        if number == 4:
            return Name(_text(fields[1]), offset)
        if number == 5:
            return Select(self.expression(fields[1]), _text(fields[2]), bool(fields.get(3)), offset)
        if number == 6:
            target = self.expression(fields[1]) if 1 in fields else None
            arguments = tuple(self.expression(value) for key, value in _message(body) if key == 3)
            return Call(_text(fields[2]), target, arguments, offset)
        if number == 7:
            return Items(tuple(self.expression(value) for key, value in _message(body) if key == 1), offset)
        return self._fold(fields, offset) if number == 9 else Other(offset)

    def _fold(self, fields: Fields, offset: int) -> Expression:
        """Undo the expansion of a macro (CEL language definition, section "Macros")."""
        variable, operand = _text(fields[1]), self.expression(fields[2])
        start_value, step = self.expression(fields[4]), self.expression(fields[6])
        assert isinstance(step, Call)
        body = step.arguments[-1]
        if step.function == "_||_":
            return Fold("exists", operand, variable, body, offset)
        if step.function == "_&&_":
            return Fold("all", operand, variable, body, offset)
        if step.function == "_?_:_":
            kind: OneOf["exists_one", "filter"] = "filter" if isinstance(start_value, Items) else "exists_one"
            return Fold(kind, operand, variable, step.arguments[0], offset)
        assert isinstance(body, Items)
        return Fold("map", operand, variable, body.items[0], offset)


def _constant(body: bytes) -> Scalar:
    """A constant's value; a field that is left out has its default, and null is a field of its own."""
    for number, value in _message(body):
        if number == 2:
            return bool(value)
        if number in (3, 4):
            whole = _int(value)
            return whole - (1 << 64) if number == 3 and whole >= 1 << 63 else whole
        if number == 5:
            (double,) = struct.unpack("<d", _int(value).to_bytes(8, "little"))
            return float(double)
        if number in (6, 7):
            return _text(value) if number == 6 else _bytes(value)
    return None


def _text(value: int | bytes) -> str:
    return _bytes(value).decode()


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _int(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value


def _last(raw: bytes) -> Fields:
    """The fields of a message; of a repeated one the last."""
    return dict(_message(raw))


def _message(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message by number (protobuf's wire format: varints, fixed and length-delimited)."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        if tag & 7 == 0:
            value, at = _varint(raw, at)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(tag & 7, 0)
        if not size:
            size, at = _varint(raw, at)
            yield tag >> 3, raw[at : at + size]
        else:
            yield tag >> 3, int.from_bytes(raw[at : at + size], "little")
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (raw[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if raw[at - 1] < 128:
            return value, at
