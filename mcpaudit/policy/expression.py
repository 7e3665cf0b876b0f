"""Conditions in CEL, by the CEL project's own runtime: checked against typed messages, run on plain trees.

A condition is type-checked against protobuf messages made from the field table, so that a typo is an error
with line and column. It is evaluated on maps from which unknown fields are left out: reading one is an
error, which CEL's `&&`, `||`, `exists` and `all` absorb exactly where the answer does not depend on it. An
error that is left over means that the policy cannot be decided.

Source: the CEL language definition, section "Evaluation".
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from mcpaudit.errors import did_you_mean
from mcpaudit.model.action import changes
from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.resource import Resource
from mcpaudit.policy import fields

Tree = Mapping[str, "Value"]
"""A subject as a tree; a field that is unknown is left out."""
Value = str | bool | int | None | Sequence["Value"] | Tree | Callable[[], "Value"]
"""A part of a tree; a large part is a function, called only where a condition or message names it."""

UNLISTED: Tree = {}
"""Stands at the end of a list that is known to be incomplete: reading any field of it is an error."""

_WHERE = re.compile(r"<input>:(\d+):(\d+): (.*)")
_COMPARED = re.compile(r"(\w+(?:\.\w+)+)\s*(?:==|!=)\s*\"([^\"]*)\"")
_COMPARED_TO = re.compile(r"\"([^\"]*)\"\s*(?:==|!=)\s*(\w+(?:\.\w+)+)")
_PATTERN = re.compile(r"\.(?:within|overlaps)\(\s*\"([^\"]*)\"")
_COUNTS = re.compile(r"\b(?:size|exists_one|map|filter)\b|[\w)\]]\[")
"""Conditions that may depend on how many equal elements a list has, or on where they stand."""
_TOO_LONG = "Iteration budget exceeded"
"""What the runtime says of lists of more than 10,000 elements (cel-cpp's `comprehension_max_iterations`)."""
_LISTED = re.compile(r"(\w+(?:\.\w+)+)\s+in\s+\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in an expression; line and column count from 1 inside the expression."""

    line: int
    column: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The condition depends on something that is not known."""

    reason: str


def check(subject: str, text: str, params: Mapping[str, object]) -> list[Problem]:
    """Type-check a condition; every problem that can be told apart, with did-you-mean where one is near."""
    try:
        compiled = _typed(subject).compile(text)
    except (RuntimeError, ValueError) as error:
        return [_problem(subject, str(error))]
    problems = [*_unknown_values(subject, text), *_unknown_params(text, params), *_wrong_patterns(text)]
    if compiled.return_type().name() not in ("BOOL", "DYN", "bool", "dyn"):
        problems.append(
            Problem(1, 1, f"a condition is true or false, but this is {compiled.return_type().name()}")
        )
    return problems


class Condition:
    """A compiled condition of one subject."""

    def __init__(self, subject: str, text: str) -> None:
        self._subject = subject
        self._program = _plain(subject).compile(text)
        # A field that the text does not name cannot be read: leaving it out saves building and converting it.
        self._names = frozenset(re.findall(r"[A-Za-z_]\w*", text))
        if self._names & {"within", "overlaps"}:
            self._names |= {"provider", "tenant", "kind", "kinds", "path"}
        # Of elements that are equal in all that it names, `exists` and `all` need one: long lists grow short.
        self._once = _COUNTS.search(text) is None

    def holds(self, tree: Tree, params: Mapping[str, object], as_of: str) -> bool | Undecided:
        """Evaluate it for one subject."""
        # CEL's runtime knows lists, not tuples.
        given = {name: list(value) if isinstance(value, tuple) else value for name, value in params.items()}
        activation = {self._subject: _named(tree, self._names, self._once), "params": given, "as_of": as_of}
        try:
            result = self._program.eval(data=activation)
        except RuntimeError as error:
            if _TOO_LONG not in str(error):
                raise
            return Undecided("it speaks of a list too long to go through")
        if result.type().name() == "ERROR":
            return Undecided(_missing(str(result.value())))
        return result.value() is True


def _named(value: Value, names: frozenset[str], once: bool) -> Value:
    """The part of a tree that a text with these names can speak of; `once`: of equal elements the first."""
    # Exact types first: trees are plain, and asking an abstract class for each of their leaves is slow.
    kind = type(value)
    if kind is str or kind is bool or kind is int or value is None:
        return value
    if isinstance(value, dict):
        return {key: _named(held, names, once) for key, held in value.items() if key in names}
    if isinstance(value, list):
        items = [_named(item, names, once) if isinstance(item, dict) else item for item in value]
        return list({repr(item): item for item in items}.values()) if once and len(items) > 1 else items
    return _named(value(), names, once) if callable(value) else value


def _missing(error: str) -> str:
    key = re.search(r'Key not found in map : "?(\w+)"?', error)
    return f"`{key[1]}` is not known here" if key else "a value that it needs is not known here"


def _problem(subject: str, error: str) -> Problem:
    found = _WHERE.search(error)
    line, column, message = (int(found[1]), int(found[2]), found[3]) if found else (1, 1, error)
    message = message.replace("mcpaudit.policy.", "").replace(" (in container '')", "")
    unknown = re.search(r"undefined field '(\w+)' not found in struct '(\w+)'", message)
    if unknown:
        known = fields.table()[unknown[2]].fields
        return Problem(
            line, column, f"{unknown[2]} has no field `{unknown[1]}`", did_you_mean(unknown[1], known)
        )
    undeclared = re.search(r"undeclared reference to '([\w.]+)'", message)
    if undeclared:
        names = [subject, "params", "as_of", "within", "globMatches", "changes"]
        name = undeclared[1].split(".")[0]
        return Problem(line, column, f"`{name}` is not defined here", did_you_mean(name, names))
    if message.startswith("Syntax error"):
        message = re.sub(r" expecting \{.*\}", "", message)
    return Problem(line, column, message)


def _unknown_values(subject: str, text: str) -> list[Problem]:
    """Texts that a field can never have: `conflict.kind == "bypas"`."""
    pairs = [(match[1], match[2], match.start(2)) for match in _COMPARED.finditer(text)]
    pairs += [(match[2], match[1], match.start(1)) for match in _COMPARED_TO.finditer(text)]
    for match in _LISTED.finditer(text):
        pairs += [
            (match[1], item[1], match.start(2) + item.start(1))
            for item in re.finditer(r'"([^"]*)"', match[2])
        ]
    problems = []
    for path, value, offset in pairs:
        field = fields.find(subject, path)
        # A name bound by `exists` or `all` has no path from the subject: its last step must do.
        known = field.values if field else fields.values_of(path.rpartition(".")[2])
        if known and value not in known:
            hint = did_you_mean(value, known) or f"it can be {', '.join(filter(None, known))}"
            problems.append(_at(text, offset, f"`{path}` is never `{value}`", hint))
    return problems


def _unknown_params(text: str, params: Mapping[str, object]) -> list[Problem]:
    return [
        _at(text, match.start(1), f"the policy has no param `{match[1]}`", did_you_mean(match[1], params))
        for match in re.finditer(r"\bparams\.(\w+)", text)
        if match[1] not in params
    ]


def _wrong_patterns(text: str) -> list[Problem]:
    """Resource patterns that cannot be read."""
    problems = []
    for match in _PATTERN.finditer(text):
        try:
            Pattern.parse(match[1])
        except ValueError as error:
            problems.append(_at(text, match.start(1), str(error), ""))
    return problems


def _at(text: str, offset: int, message: str, hint: str) -> Problem:
    before = text[:offset]
    return Problem(before.count("\n") + 1, offset - before.rfind("\n"), message, hint)


def _within(resource: Tree, pattern: str) -> bool:
    return Pattern.parse(pattern).match(_resource(resource)) is Match.WITHIN


def _overlaps(resource: Tree, pattern: str) -> bool:
    return Pattern.parse(pattern).match(_resource(resource)) is not Match.NONE


def _resource(tree: Tree) -> Resource:
    kinds, path = tree["kinds"], tree["path"]
    assert isinstance(kinds, Sequence)
    assert isinstance(path, Sequence)
    lineage = tuple(str(kind) for kind in kinds[1:])
    return Resource(
        str(tree["provider"]), str(tree["tenant"]), str(tree["kind"]), tuple(map(str, path)), lineage
    )


def _functions(resource: Any) -> list[Any]:
    texts = cel.Type.List(cel.Type.STRING)
    rows: tuple[tuple[str, str, list[Any], Callable[..., bool]], ...] = (
        ("within", "resource_within", [resource, cel.Type.STRING], _within),
        ("overlaps", "resource_overlaps", [resource, cel.Type.STRING], _overlaps),
        ("globMatches", "string_glob", [cel.Type.STRING, cel.Type.STRING], fnmatchcase),
        ("changes", "actions_change", [texts], changes),
    )
    return [
        cel.FunctionDecl(name, [cel.Overload(overload, cel.Type.BOOL, given, is_member=True, impl=run)])
        for name, overload, given, run in rows
    ]


@contextmanager
def _without_protobuf() -> Iterator[None]:
    """Keep the runtime from importing protobuf's Python classes, which maps do not need.

    The import costs as much as all other work on policies; the runtime does as if they were not installed.
    """
    name = "google.protobuf"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # None makes `import` raise (importlib docs)
    try:
        yield
    finally:
        del sys.modules[name]


@lru_cache(maxsize=32)
def _plain(subject: str) -> Any:
    """The environment that evaluates: everything is a map."""
    variables = {subject: cel.Type.DYN, "params": cel.Type.DYN, "as_of": cel.Type.STRING}
    with _without_protobuf():
        return cel.NewEnv(
            variables=variables, functions=_functions(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
        )


@lru_cache(maxsize=32)
def _typed(subject: str) -> Any:
    """The environment that checks: every subject is a message made from the field table."""
    variables = {
        subject: cel.Type(f"mcpaudit.policy.{fields.SUBJECTS[subject]}"),
        "params": cel.Type.DYN,
        "as_of": cel.Type.STRING,
    }
    functions = _functions(cel.Type("mcpaudit.policy.Resource"))
    return cel.NewEnv(_descriptors(), variables=variables, functions=functions)


@lru_cache(maxsize=1)
def _descriptors() -> Any:
    # Imported here: only a check of policies needs protobuf, and it costs as much as all the rest of a start.
    from google.protobuf import descriptor_pb2, descriptor_pool, wrappers_pb2

    kinds = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": kinds.TYPE_STRING, "bool": kinds.TYPE_BOOL, "int": kinds.TYPE_INT64}
    wrapped = {"string": ".google.protobuf.StringValue", "bool": ".google.protobuf.BoolValue"}
    file = descriptor_pb2.FileDescriptorProto(
        name="mcpaudit/policy.proto",
        package="mcpaudit.policy",
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    for message in fields.table().values():
        described = file.message_type.add(name=message.name)
        for number, field in enumerate(message.fields.values(), 1):
            row = described.field.add(name=field.name, number=number)
            row.label = kinds.LABEL_REPEATED if field.repeated else kinds.LABEL_OPTIONAL
            if field.nullable or field.type not in scalars:
                row.type = kinds.TYPE_MESSAGE
                row.type_name = wrapped[field.type] if field.nullable else f".mcpaudit.policy.{field.type}"
            else:
                row.type = scalars[field.type]
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool
