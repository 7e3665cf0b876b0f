"""Finds every mistake in the expressions of a policy before anything is evaluated.

The CEL runtime checks types. Beyond that: texts that a field can never have, params and variables that are
not there, patterns that cannot be read, and whatever would let one evaluation take unbounded time or memory.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import did_you_mean
from mcpaudit.model.configuration import Param
from mcpaudit.model.pattern import Pattern
from mcpaudit.policy import fields, syntax
from mcpaudit.policy.expansion import MAX_LENGTH, TooLong, expand
from mcpaudit.policy.fields import Field
from mcpaudit.policy.kinds import SCALARS, element, kind_of, param_field
from mcpaudit.policy.runtime import ANYTHING, PACKAGE, type_of, typed

MAX_TEXT = 4000
"""Characters of one expression."""
_TOLD = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(\d+):(\d+): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in an expression; line and column count from 1 inside of it."""

    line: int
    column: int
    message: str
    hint: str = ""
    variable: str = ""
    """The variable in whose expression it is; empty for the condition."""


def check(
    subject: str, text: str, params: Mapping[str, Param], variables: Mapping[str, str] | None = None
) -> list[Problem]:
    """Every problem of a condition and of the variables that it can use, with did-you-mean."""
    checker = _Checker(subject, params)
    for name, own in (variables or {}).items():
        checker.add(name, own)
    checker.condition(text)
    try:
        if not checker.problems:
            expand(text, params, variables or {})
    except TooLong:
        told = f"with its variables written out it is longer than {MAX_LENGTH} characters"
        checker.problems.append(Problem(1, 1, told))
    return checker.problems


class _Checker:
    """Goes through variables in their order, then the condition: each may use those before it."""

    def __init__(self, subject: str, params: Mapping[str, Param]) -> None:
        self._subject = subject
        self._params = params
        self._variables: list[str] = []
        self._types: dict[str, Any] = {}
        self._scope: dict[str, Field | None] = {
            subject: Field(subject, fields.SUBJECTS[subject], repeated=False, nullable=False, doc="")
        }
        self.problems: list[Problem] = []
        for name, value in params.items():
            field = param_field(name, value)
            self._types[field.name] = type_of(field)
            self._scope[field.name] = field

    def add(self, name: str, text: str) -> None:
        """Check a variable, and know it from here on."""
        problems, result, tree = self._expression(text)
        self.problems += [
            Problem(one.line, one.column, one.message, one.hint, name) for one in _ordered(problems)
        ]
        self._variables.append(name)
        self._types[f"variables.{name}"] = ANYTHING if result is None else result
        self._scope[f"variables.{name}"] = kind_of(tree, self._scope) if tree else None

    def condition(self, text: str) -> None:
        """Check the condition itself."""
        problems, result, _ = self._expression(text)
        if result is not None and result.name().lower() not in ("bool", "dyn"):
            told = f"a condition is true or false, but this is {result.name()}"
            problems.append(Problem(1, 1, told))
        self.problems += _ordered(problems)

    def _expression(self, text: str) -> tuple[list[Problem], Any, syntax.Expression | None]:
        if len(text) > MAX_TEXT:
            return [Problem(1, 1, f"it is longer than {MAX_TEXT} characters")], None, None
        environment = typed(self._subject, self._types)
        problems: list[Problem] = []
        result = None
        try:
            compiled = environment.compile(text)
            result = compiled.return_type()
        except (RuntimeError, ValueError) as error:
            problems = self._told(text, str(error))
            try:
                compiled = environment.compile(text, disable_check=True)
            except (RuntimeError, ValueError):
                return problems[:1], None, None
        tree = syntax.read(compiled.serialize())
        problems += [
            _at(text, offset, message, hint) for offset, message, hint in self._walk(tree, self._scope, False)
        ]
        return problems, result, tree

    def _told(self, text: str, error: str) -> list[Problem]:
        found = dict.fromkeys(_TOLD.findall(error)) or {("1", "1", error): None}
        return [self._problem(text, int(line), int(column), message) for line, column, message in found]

    def _problem(self, text: str, line: int, column: int, message: str) -> Problem:
        message = message.replace(f"{PACKAGE}.", "").replace(" (in container '')", "")
        message = message.removesuffix(" [INVALID_ARGUMENT]")
        line, column = max(line, 1), max(column, 1)
        unknown = re.search(r"undefined field '(\w+)' not found in struct '(\w+)'", message)
        if unknown:
            known = fields.table()[unknown[2]].fields
            told = f"{unknown[2]} has no field `{unknown[1]}`"
            return Problem(line, column + 1, told, did_you_mean(unknown[1], known))
        undeclared = re.search(r"undeclared reference to '([\w.]+)'", message)
        if undeclared:
            name, _, rest = undeclared[1].partition(".")
            if name in ("params", "variables") and rest:
                own = self._params if name == "params" else self._variables
                told = f"the policy has no {name[:-1]} `{rest}`"
                if name == "variables":
                    told = f"no variable `{rest}` stands before this"
                return Problem(line, column + 1, told, did_you_mean(rest, own))
            names = [self._subject, "params", "variables", "as_of", "within", "globMatches", "changes"]
            # The runtime points to the dot or parenthesis after it.
            before = text.split("\n")[line - 1][:column]
            column = before.rfind(name) + 1 or column
            return Problem(line, column, f"`{name}` is not defined here", did_you_mean(name, names))
        if message.startswith("Syntax error"):
            message = re.sub(r" expecting \{.*\}", "", message)
        if "recursion" in message:
            message = "it is nested too deeply"
        return Problem(line, column, message)

    def _walk(
        self, node: syntax.Expression, scope: Mapping[str, Field | None], inside: bool
    ) -> Iterator[tuple[int, str, str]]:
        """Mistakes that types do not show: offset, message, hint. `inside`: in a body of `exists` or so."""
        if isinstance(node, syntax.Fold):
            yield from self._walk(node.operand, scope, inside)
            within = {**scope, node.variable: element(kind_of(node.operand, scope))}
            if node.variable in (self._subject, "params", "variables", "as_of"):
                told = f"`{node.variable}` has a meaning already: give the elements another name"
                yield syntax.start(node), told, ""
            body = kind_of(node.body, within)
            if node.kind == "map" and (body is None or body.repeated or body.type not in SCALARS):
                yield syntax.start(node.body), "`map` makes lists of texts, numbers or truth values only", ""
            yield from self._walk(node.body, within, True)
            return
        for part in syntax.parts(node):
            yield from self._walk(part, scope, inside)
        if isinstance(node, syntax.Call):
            yield from self._call(node, scope, inside)
        elif isinstance(node, syntax.Items):
            if inside and not all(isinstance(item, syntax.Literal) for item in node.items):
                yield node.offset, "inside of `exists` and its kin a list holds plain values only", ""
        elif isinstance(node, syntax.Other):
            yield node.offset, "messages and maps cannot be made here", ""

    def _call(
        self, node: syntax.Call, scope: Mapping[str, Field | None], inside: bool
    ) -> Iterator[tuple[int, str, str]]:
        if node.function in ("_==_", "_!=_", "@in"):
            left, right = node.arguments
            yield from self._compared(left, right, scope)
            if node.function != "@in":
                yield from self._compared(right, left, scope)
            kinds = [kind_of(one, scope) for one in node.arguments]
            if any(kind is not None and kind.type not in SCALARS for kind in kinds):
                told = "what may be known in part is not compared as a whole: compare a field of it"
                yield node.offset, told, ""
        elif node.function == "_+_" and inside:
            if any(kind is None or kind.type != "int" or kind.repeated for kind in self._kinds(node, scope)):
                yield node.offset, "inside of `exists` and its kin only numbers are added", ""
        elif node.function in ("within", "overlaps") and node.arguments:
            for pattern, offset in self._texts(node.arguments[0]):
                try:
                    Pattern.parse(pattern)
                except ValueError as error:
                    yield offset, str(error), ""

    def _kinds(self, node: syntax.Call, scope: Mapping[str, Field | None]) -> list[Field | None]:
        return [kind_of(one, scope) for one in node.arguments]

    def _texts(self, node: syntax.Expression) -> Iterator[tuple[str, int]]:
        """The texts of a literal or param, and where they stand."""
        if isinstance(node, syntax.Literal) and isinstance(node.value, str):
            yield node.value, node.offset + 1
        path = syntax.path(node)
        if len(path) == 2 and path[0] == "params":
            value = self._params.get(path[1])
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    yield text, syntax.start(node)

    def _compared(
        self, left: syntax.Expression, right: syntax.Expression, scope: Mapping[str, Field | None]
    ) -> Iterator[tuple[int, str, str]]:
        """Texts that the field on the left can never have: `conflict.kind == "bypas"`."""
        field = kind_of(left, scope)
        listed = right.items if isinstance(right, syntax.Items) else (right,)
        if isinstance(left, syntax.Literal) and (field := element(kind_of(right, scope))):
            left, listed = right, (left,)
        for one in listed:
            value = one.value if isinstance(one, syntax.Literal) else None
            if field and field.values and isinstance(value, str) and value not in field.values:
                known = ", ".join(filter(None, field.values))
                hint = did_you_mean(value, field.values) or f"it can be {known}"
                yield one.offset + 1, f"`{syntax.text(left)}` is never `{value}`", hint


def _ordered(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda one: (one.line, one.column))


def _at(text: str, offset: int, message: str, hint: str) -> Problem:
    before = text[:offset]
    return Problem(before.count("\n") + 1, offset - before.rfind("\n"), message, hint)
