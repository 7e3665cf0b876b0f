"""What can be reached, and whether two descriptions of it speak of the same thing."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

UNKNOWN = "?"


class Relation(StrEnum):
    """How the first of two resources stands to the second."""

    EQUAL = "equal"
    CONTAINS = "contains"
    WITHIN = "within"
    POSSIBLE = "possible"
    DISJOINT = "disjoint"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that can be reached: `provider:tenant/type/path`.

    An unknown part is `?`; an empty `kind` is everything that the provider holds.
    """

    provider: str
    tenant: str = UNKNOWN
    """What makes two accounts the same: a host, a workspace, an account; for databases `HOST:PORT`."""
    kind: str = ""
    """The dotted type from the provider's pack: `calendar.event`, `repo.code`, `file`."""
    path: tuple[str, ...] = ()
    """The parts below the type: folders, database and table, owner and repository."""
    lineage: tuple[str, ...] = field(default=(), compare=False)
    """The types that contain `kind`, nearest first, as the pack's tree has them."""
    aliases: tuple[tuple[str, ...], ...] = field(default=(), compare=False)
    """The same path from other starting points (`~`, `.`), the one that reports show last."""

    def __str__(self) -> str:
        kind = (self.kind,) if self.kind and self.provider != "sql" else ()
        parts = (self.tenant, *kind, *(self.aliases[-1] if self.aliases else self.path))
        return f"{self.provider}:" + "/".join(_encode(part) for part in parts)


@lru_cache(maxsize=16384)
def _encode(part: str) -> str:
    return part if part == UNKNOWN else quote(part, safe="~.@:+ -_$(){}<>,=&!'*")


def relation(a: Resource, b: Resource) -> Relation:
    """How `a` stands to `b`; `possible` as soon as an unknown part decides it."""
    if a.provider != b.provider:
        return Relation.DISJOINT
    kinds = _by_kind(a, b)
    paths = _by_path(a.path, b.path) if a.kind == b.kind else _free_path(a, b, kinds)
    tenants = _by_tenant(a.tenant, b.tenant)
    return _combine(tenants, kinds, paths)


def overlaps(a: Resource, b: Resource) -> bool:
    """Whether the two certainly or possibly share something."""
    return relation(a, b) is not Relation.DISJOINT


def _by_tenant(a: str, b: str) -> Relation:
    if UNKNOWN in (a, b):
        return Relation.POSSIBLE
    return Relation.EQUAL if a == b else Relation.DISJOINT


def _by_kind(a: Resource, b: Resource) -> Relation:
    if a.kind == b.kind:
        return Relation.EQUAL
    if not a.kind or a.kind in b.lineage:
        return Relation.CONTAINS
    if not b.kind or b.kind in a.lineage:
        return Relation.WITHIN
    return Relation.DISJOINT


def _free_path(a: Resource, b: Resource, kinds: Relation) -> Relation:
    """Paths below different types cannot be compared part by part: only the outer one's can narrow."""
    outer = a if kinds is Relation.CONTAINS else b
    return Relation.POSSIBLE if outer.path else kinds


def _by_path(a: tuple[str, ...], b: tuple[str, ...]) -> Relation:
    for mine, theirs in zip(a, b, strict=False):
        if UNKNOWN in (mine, theirs):
            return Relation.POSSIBLE
        if mine != theirs:
            return Relation.DISJOINT
    if len(a) == len(b):
        return Relation.EQUAL
    # A `?` further down is "some part of it", so inside the shorter path all the same.
    return Relation.CONTAINS if len(a) < len(b) else Relation.WITHIN


def _combine(*relations: Relation) -> Relation:
    found = set(relations) - {Relation.EQUAL}
    if Relation.DISJOINT in found:
        return Relation.DISJOINT
    if not found:
        return Relation.EQUAL
    if len(found) == 1:
        return found.pop()
    return Relation.POSSIBLE
