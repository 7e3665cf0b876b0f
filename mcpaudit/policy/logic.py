"""Whether a condition, or a part of it, can hold at all: sound, and silent where it cannot tell.

A condition becomes alternatives, each a set of claims on single fields; one in which claims on the same field
contradict each other cannot hold. Nothing is said of what is not known: there a condition never holds anyway.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from mcpaudit.dataclass import dataclass
from mcpaudit.policy import syntax
from mcpaudit.policy.fields import Field
from mcpaudit.policy.kinds import element, kind_of
from mcpaudit.policy.syntax import Call, Expression, Fold, Items, Literal

_MAX_ALTERNATIVES = 512

Scope = Mapping[str, Field | None]
Claim = tuple[Expression, bool]
Alternative = tuple[Claim, ...]
Constant = tuple[str, object]
"""A literal with its type: Python takes `True` and 1 for the same."""
_FLIPPED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_"}
_OPPOSITE = {"_<_": "_>=_", "_<=_": "_>_", "_>_": "_<=_", "_>=_": "_<_"}


class _TooMany(Exception):  # noqa: N818 - named for what is wrong
    """Indicates more alternatives than are looked at."""


@dataclass(frozen=True, slots=True)
class Logic:
    """Answers for one policy: what fields can be, and what its variables stand for."""

    scope: Scope
    variables: Mapping[str, Expression]

    def never(self, claims: Iterable[Claim], scope: Scope | None = None) -> bool:
        """Whether these parts can certainly not hold (or, where false, not hold) all at once."""
        within = self.scope if scope is None else scope
        try:
            alternatives = _together([self._alternatives(node, holds, within) for node, holds in claims])
        except _TooMany:
            return False
        return all(_contradicts(alternative, within) for alternative in alternatives)

    def inner(self, fold: Fold, scope: Scope) -> Scope:
        """The names that the body of `exists` and its kin can use."""
        return {**scope, fold.variable: element(kind_of(fold.operand, scope))}

    def _alternatives(self, node: Expression, holds: bool, scope: Scope) -> list[Alternative]:
        path = ".".join(syntax.path(node))
        if path.startswith("variables.") and path[10:] in self.variables:
            return self._alternatives(self.variables[path[10:]], holds, self.scope)
        match node:
            case Literal(value=bool()):
                return _constant(node.value is holds)
            case Call(function="!_"):
                return self._alternatives(node.arguments[0], not holds, scope)
            case Call(function="_&&_" | "_||_"):
                each = [self._alternatives(one, holds, scope) for one in node.arguments]
                return _together(each) if (node.function == "_&&_") is holds else _either(each)
            case Call(function="_?_:_"):
                condition, yes, no = node.arguments
                return _either(
                    _together(
                        [self._alternatives(condition, way, scope), self._alternatives(one, holds, scope)]
                    )
                    for way, one in ((True, yes), (False, no))
                )
            case Fold(kind="exists") if self.never([(node.body, True)], self.inner(node, scope)):
                return _constant(not holds)
            case Fold(kind="all") if self.never([(node.body, False)], self.inner(node, scope)):
                return _constant(holds)
            case _:
                return [((node, holds),)]


def _constant(holds: bool) -> list[Alternative]:
    return [()] if holds else []


def _either(each: Iterable[list[Alternative]]) -> list[Alternative]:
    return _limited(alternative for alternatives in each for alternative in alternatives)


def _together(each: list[list[Alternative]]) -> list[Alternative]:
    found: list[Alternative] = [()]
    for alternatives in each:
        found = _limited((*one, *other) for one, other in product(found, alternatives))
    return found


def _limited(alternatives: Iterable[Alternative]) -> list[Alternative]:
    found: list[Alternative] = []
    for alternative in alternatives:
        found.append(alternative)
        if len(found) > _MAX_ALTERNATIVES:
            raise _TooMany
    return found


@dataclass(slots=True)
class _Possible:
    """What one thing can still be."""

    allowed: set[Constant] | None = None
    """`None` for anything."""
    excluded: frozenset[Constant] = frozenset()
    low: int | None = None
    high: int | None = None

    def nothing(self) -> bool:
        """Whether no value is left."""
        if self.low is not None and self.high is not None and self.low > self.high:
            return True
        if self.allowed is None:
            return False
        return not any(self._fits(kind, value) for kind, value in self.allowed - self.excluded)

    def _fits(self, kind: str, value: object) -> bool:
        if self.low is None and self.high is None:
            return True
        if not isinstance(value, int) or kind != "int":
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def only(self, values: Iterable[Constant]) -> None:
        """It is one of these."""
        self.allowed = set(values) if self.allowed is None else self.allowed & set(values)


def _contradicts(claims: Alternative, scope: Scope) -> bool:
    known: dict[str, _Possible] = {}
    for node, holds in claims:
        subject, function, values = _read(node)
        key = syntax.text(subject)
        if key not in known:
            known[key] = _start(subject, scope)
        possible = known[key]
        if function in _FLIPPED:
            ((_, bound),) = values
            assert isinstance(bound, int)
            _bound(possible, function if holds else _OPPOSITE[function], bound)
        elif (function == "@in") is holds:
            possible.only(values)
        else:
            possible.excluded |= set(values)
    return any(possible.nothing() for possible in known.values())


def _bound(possible: _Possible, function: str, bound: int) -> None:
    if function in ("_<_", "_<=_"):
        high = bound - (function == "_<_")
        possible.high = high if possible.high is None else min(possible.high, high)
    else:
        low = bound + (function == "_>_")
        possible.low = low if possible.low is None else max(possible.low, low)


def _read(node: Expression) -> tuple[Expression, str, list[Constant]]:
    """A claim as a thing, `@in`, `@not in` or a comparison, and constants; a truth value is one of itself."""
    if isinstance(node, Call) and len(node.arguments) == 2:
        left, right = node.arguments
        function = node.function
        if isinstance(left, Literal) and function in ("_==_", "_!=_", *_FLIPPED):
            left, right, function = right, left, _FLIPPED.get(function, function)
        listed = right.items if isinstance(right, Items) and function == "@in" else (right,)
        values = list(_constants(listed))
        if len(values) == len(listed):
            whole = all(kind == "int" for kind, _ in values)
            if function in ("_==_", "_!=_"):
                return left, "@in" if function == "_==_" else "@not in", values
            if (function == "@in" and isinstance(right, Items)) or (function in _FLIPPED and whole):
                return left, function, values
        if function in ("_==_", "_!=_") and syntax.text(left) == syntax.text(right):
            same = Literal(function == "_==_", node.offset)
            return same, "@in", [("bool", True)]
    return node, "@in", [("bool", True)]


def _constants(nodes: Iterable[Expression]) -> Iterator[Constant]:
    for node in nodes:
        if isinstance(node, Literal) and not isinstance(node.value, float | bytes):
            yield type(node.value).__name__, node.value


def _start(node: Expression, scope: Scope) -> _Possible:
    """What a thing can be before anything is claimed of it."""
    if isinstance(node, Literal):
        return _Possible(allowed=set(_constants([node])) or None)
    if isinstance(node, Call) and node.function == "size":
        return _Possible(low=0)
    field = kind_of(node, scope)
    if field is None or field.repeated:
        return _Possible()
    values: list[Constant] = [("str", value) for value in field.values]
    if field.type == "bool":
        values = [("bool", True), ("bool", False)]
    if field.nullable and values:
        values.append(("NoneType", None))
    return _Possible(allowed=set(values) or None)
