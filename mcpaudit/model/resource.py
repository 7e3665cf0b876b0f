"""What can be reached, and whether two descriptions of it speak of the same thing."""

from dataclasses import field
from functools import lru_cache
from urllib.parse import quote

from mcpaudit.dataclass import dataclass
from mcpaudit.model.relation import Relation, combine
from mcpaudit.model.tenant import UNKNOWN, tenants

__all__ = ["UNKNOWN", "Relation", "Resource", "contains", "overlaps", "relation"]

FILES = {"file", "worktree", "file.secret", "file.startup", "memory"}
"""The kinds of `local` whose paths are places of one file tree."""
_CASELESS = {"sql", "nosql", "git"}
"""Providers whose servers settle whether names ignore case, so that nothing here can tell."""
FORGES = {"git", "github", "gitlab"}


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
    _text: str = field(default="", init=False, compare=False, repr=False)
    """Written once: every analysis and report names its resources."""

    def __str__(self) -> str:
        if not self._text:
            object.__setattr__(self, "_text", self._written())
        return self._text

    def _written(self) -> str:
        kind = (self.kind,) if self.kind and self.provider != "sql" else ()
        parts = (self.tenant, *kind, *(self.aliases[-1] if self.aliases else self.path))
        return f"{self.provider}:" + "/".join(_encode(part) for part in parts)


@lru_cache(maxsize=16384)
def _encode(part: str) -> str:
    return part if part == UNKNOWN else quote(part, safe="~.@:+ -_$(){}<>,=&!'*", errors="surrogatepass")


def relation(a: Resource, b: Resource) -> Relation:
    """How `a` stands to `b`; `possible` as soon as an unknown part decides it."""
    if a.provider != b.provider:
        return _by_forge(a, b)
    kinds = _by_kind(a, b)
    if a.kind == b.kind or (a.provider == "local" and {a.kind, b.kind} <= FILES):
        paths = _by_path(a.provider, a.path, b.path)
    else:
        paths = _free_path(a, b, kinds)
    return combine(tenants(a.provider, a.tenant, b.tenant), kinds, paths)


def overlaps(a: Resource, b: Resource) -> bool:
    """Whether the two certainly or possibly share something."""
    return relation(a, b) is not Relation.DISJOINT


def contains(a: Resource, b: Resource) -> bool:
    """Whether the first certainly holds all of the second."""
    return relation(a, b) in (Relation.EQUAL, Relation.CONTAINS)


def _by_forge(a: Resource, b: Resource) -> Relation:
    """A remote whose host is not known may be a repository of any forge."""
    unknown = any(one.provider == "git" and one.tenant == UNKNOWN for one in (a, b))
    return Relation.POSSIBLE if unknown and {a.provider, b.provider} <= FORGES else Relation.DISJOINT


def _by_kind(a: Resource, b: Resource) -> Relation:
    if a.kind == b.kind:
        return Relation.EQUAL
    if a.provider == "local" and {a.kind, b.kind} <= FILES:
        return _by_file(a, b)
    if not a.kind or a.kind in b.lineage:
        return Relation.CONTAINS
    if not b.kind or b.kind in a.lineage:
        return Relation.WITHIN
    return Relation.DISJOINT


def _by_file(a: Resource, b: Resource) -> Relation:
    """Kinds that share the file tree: with a place the place decides, else the wider kind contains."""
    if a.path and b.path:
        return Relation.EQUAL
    if a.kind == "file" and not a.path:
        return Relation.CONTAINS
    return Relation.WITHIN if b.kind == "file" and not b.path else Relation.POSSIBLE


def _free_path(a: Resource, b: Resource, kinds: Relation) -> Relation:
    """Paths below different types cannot be compared part by part: only the outer one's can narrow."""
    outer = a if kinds is Relation.CONTAINS else b
    return Relation.POSSIBLE if outer.path else kinds


def _by_path(provider: str, a: tuple[str, ...], b: tuple[str, ...]) -> Relation:
    found = Relation.EQUAL
    for mine, theirs in zip(a, b, strict=False):
        if UNKNOWN in (mine, theirs):
            return Relation.POSSIBLE
        if mine != theirs:
            found = combine(found, _by_name(provider, mine, theirs))
            if found is Relation.DISJOINT:
                return found
    if len(a) == len(b):
        return found
    # A `?` further down is "some part of it", so inside the shorter path all the same.
    return combine(found, Relation.CONTAINS if len(a) < len(b) else Relation.WITHIN)


def _by_name(provider: str, a: str, b: str) -> Relation:
    same = provider in _CASELESS and a.casefold() == b.casefold()
    return Relation.POSSIBLE if same else Relation.DISJOINT
