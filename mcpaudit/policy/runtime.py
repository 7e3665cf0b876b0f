"""Environments of the CEL project's own runtime, one to check types and one to evaluate, and our functions.

Source: the CEL language definition, section "Evaluation".
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel

from mcpaudit.model.action import changes
from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.resource import Resource
from mcpaudit.policy import fields

if TYPE_CHECKING:
    from mcpaudit.policy import syntax

_SCALARS = {"string": cel.Type.STRING, "bool": cel.Type.BOOL, "int": cel.Type.INT}


@lru_cache(maxsize=32)
def plain(subject: str) -> Any:
    """The environment that evaluates: everything is a map."""
    variables = {subject: cel.Type.DYN, "as_of": cel.Type.STRING}
    with _without_protobuf():
        return cel.NewEnv(variables=variables, functions=_functions(cel.Type.STRING))


def typed(subject: str, names: Mapping[str, Any]) -> Any:
    """The environment that checks: every subject is a message made from the field table.

    `names` are params and variables by their dotted names, with their types.
    """
    variables = {
        subject: cel.Type(f"{PACKAGE}.{fields.SUBJECTS[subject]}"),
        "as_of": cel.Type.STRING,
        **names,
    }
    functions = _functions(cel.Type(f"{PACKAGE}.Resource"))
    return cel.NewEnv(_descriptors(), variables=variables, functions=functions)


def parse(subject: str, text: str) -> "syntax.Expression":
    """The tree of an expression that is known to be right."""
    # Imported here: an audit evaluates and takes nothing apart.
    from mcpaudit.policy import syntax

    return syntax.read(plain(subject).compile(text, disable_check=True).serialize())


PACKAGE = "mcpaudit.policy"
ANYTHING = cel.Type.DYN


def type_of(field: fields.Field) -> Any:
    """The CEL type of a param."""
    scalar = _SCALARS[field.type]
    return cel.Type.List(scalar) if field.repeated else scalar


PARTS = "resource"
"""The key of a resource's tree under which all its parts stand as one text, for `within` and `overlaps`."""


def written(resource: Resource) -> str:
    """The parts of a resource as one text."""
    path = resource.aliases[-1] if resource.aliases else resource.path
    return json.dumps([resource.provider, resource.tenant, resource.kind, path, resource.lineage])


@lru_cache(maxsize=65536)
def _read(parts: str) -> Resource:
    provider, tenant, kind, path, lineage = json.loads(parts)
    return Resource(provider, tenant, kind, tuple(path), tuple(lineage))


def _within(resource: str, pattern: str) -> bool:
    return _pattern(pattern).match(_read(resource)) is Match.WITHIN


def _overlaps(resource: str, pattern: str) -> bool:
    return _pattern(pattern).match(_read(resource)) is not Match.NONE


_pattern = lru_cache(maxsize=1024)(Pattern.parse)


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


@lru_cache(maxsize=1)
def _descriptors() -> Any:
    # Imported here: only a check of policies needs protobuf, and it costs as much as all the rest of a start.
    from google.protobuf import descriptor_pb2, descriptor_pool, wrappers_pb2

    kinds = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": kinds.TYPE_STRING, "bool": kinds.TYPE_BOOL, "int": kinds.TYPE_INT64}
    wrapped = {"string": ".google.protobuf.StringValue", "bool": ".google.protobuf.BoolValue"}
    file = descriptor_pb2.FileDescriptorProto(
        name="mcpaudit/policy.proto",
        package=PACKAGE,
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
                row.type_name = wrapped[field.type] if field.nullable else f".{PACKAGE}.{field.type}"
            else:
                row.type = scalars[field.type]
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool
