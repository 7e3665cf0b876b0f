"""What a part of an expression gives: worked out from the table of fields, also where the types are wrong."""

from collections.abc import Mapping
from dataclasses import replace

from mcpaudit.model.configuration import Param
from mcpaudit.policy import fields, syntax
from mcpaudit.policy.fields import Field

SCALARS = ("string", "bool", "int")
_TRUTH = Field("", "bool", repeated=False, nullable=False, doc="")
_NUMBER = Field("", "int", repeated=False, nullable=False, doc="")
_TEXT = Field("", "string", repeated=False, nullable=False, doc="")
_TESTS = (
    *("&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in"),
    *("within", "overlaps", "globMatches", "changes", "contains", "startsWith", "endsWith", "matches"),
)


def param_field(name: str, value: Param) -> Field:
    """A param as a field: its own value says what it can be."""
    one = value[0] if isinstance(value, tuple) and value else value
    kind = "bool" if isinstance(one, bool) else "int" if isinstance(one, int) else "string"
    return Field(f"params.{name}", kind, isinstance(value, tuple), nullable=False, doc="")


def element(field: Field | None) -> Field | None:
    """One element of what a repeated field holds."""
    return replace(field, repeated=False, doc="") if field is not None and field.repeated else None


def kind_of(node: syntax.Expression, scope: Mapping[str, Field | None]) -> Field | None:
    """What an expression gives, as a field would; `None` where the table of fields does not tell."""
    path = ".".join(syntax.path(node))
    if path in scope:
        return scope[path]
    match node:
        case syntax.Literal(value=bool()):
            return _TRUTH
        case syntax.Literal(value=int()):
            return _NUMBER
        case syntax.Literal(value=str()):
            return _TEXT
        case syntax.Select(test=False):
            above = kind_of(node.operand, scope)
            message = fields.table().get(above.type) if above and not above.repeated else None
            return message.fields.get(node.field) if message else None
        case syntax.Fold(kind="filter"):
            return kind_of(node.operand, scope)
        case syntax.Fold(kind="exists" | "all" | "exists_one") | syntax.Select(test=True):
            return _TRUTH
        case syntax.Call(function="_+_" | "_-_" | "_*_" | "_/_" | "_%_" | "-_"):
            return kind_of(node.arguments[0], scope)
        case syntax.Call(function="_?_:_"):
            return kind_of(node.arguments[1], scope)
        case syntax.Call(function="_[_]"):
            return element(kind_of(node.arguments[0], scope))
        case syntax.Call(function="size"):
            return _NUMBER
        case syntax.Call(function="string"):
            return _TEXT
        case syntax.Call() if node.function.strip("_@") in _TESTS:
            return _TRUTH
        case _:
            return None


_TESTS = (
    *("&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in"),
    *("within", "overlaps", "globMatches", "changes", "contains", "startsWith", "endsWith", "matches"),
)
