"""Patterns over resources, as policies, profiles and `mcpaudit.yaml` write them.

`*` stands for one part or a piece of one, `**` for any number of parts: `google:**/calendar.event/**`.
"""

import re
from enum import IntEnum
from functools import lru_cache

from mcpaudit.dataclass import dataclass
from mcpaudit.model.resource import UNKNOWN, Resource


class Match(IntEnum):
    """How a resource stands to a pattern."""

    NONE = 0
    POSSIBLE = 1
    """An unknown part decides it."""
    OVERLAPS = 2
    """The resource is larger than what the pattern describes, and contains some of it."""
    WITHIN = 3
    """All of the resource is described by the pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A resource pattern, split into the same parts as a resource."""

    text: str
    provider: str
    tenant: str
    kind: str
    path: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Split `provider:tenant/type/path`; raises ValueError where there is no provider."""
        provider, colon, rest = text.partition(":")
        if not colon or not provider or "/" in provider:
            raise ValueError(
                f"a resource pattern starts with a provider and a colon, as in `google:**`: {text}"
            )
        parts = [part for part in rest.split("/") if part] or ["**"]
        # A leading `**` is any tenant; alone it is everything that the provider holds.
        tenant, rest_of = parts[0], parts[1:] or (["**"] if parts[0] == "**" else [])
        if provider == "sql":
            return cls(text, provider, tenant, "**", tuple(rest_of))
        kind = rest_of[0] if rest_of else "**"
        return cls(text, provider, tenant, kind, tuple(rest_of[1:]) or (("**",) if kind == "**" else ()))

    def match(self, resource: Resource) -> Match:
        """How the resource stands to this pattern."""
        if not _glob(self.provider).fullmatch(resource.provider):
            return Match.NONE
        paths = max(_match(self.path, path) for path in (resource.path, *resource.aliases))
        kinds = self._match_kind(resource)
        if kinds is Match.OVERLAPS and not resource.path:
            paths = max(paths, Match.OVERLAPS)
        return min(self._match_tenant(resource), kinds, paths)

    def _match_tenant(self, resource: Resource) -> Match:
        if self.tenant in ("*", "**"):
            return Match.WITHIN
        if resource.tenant == UNKNOWN:
            return Match.POSSIBLE
        return Match.WITHIN if _glob(self.tenant).fullmatch(resource.tenant) else Match.NONE

    def _match_kind(self, resource: Resource) -> Match:
        if self.kind in ("*", "**"):
            return Match.WITHIN
        if not resource.kind or self.kind.startswith(f"{resource.kind}."):
            return Match.OVERLAPS
        inside = any(_glob(self.kind).fullmatch(kind) for kind in (resource.kind, *resource.lineage))
        return Match.WITHIN if inside else Match.NONE


@lru_cache(maxsize=4096)
def _glob(text: str) -> re.Pattern[str]:
    first, *rest = map(re.escape, re.split(r"\*+", text))
    # The first place where a piece fits is as good as any later one: without a way back, time stays linear.
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(first + middle + (f".*{rest[-1]}" if rest else ""))


@lru_cache(maxsize=65536)
def _match(pattern: tuple[str, ...], parts: tuple[str, ...]) -> Match:
    """Compare a path part by part; both are short, so recursion will do, and each step is taken once."""
    if not pattern:
        return Match.WITHIN if not parts else Match.NONE
    if pattern[0] == "**":
        best = _match(pattern[1:], parts)
        return best if best is Match.WITHIN or not parts else max(best, _match(pattern, parts[1:]))
    if not parts:
        return Match.OVERLAPS
    if parts[0] == UNKNOWN and pattern[0] != "*":
        return min(Match.POSSIBLE, _match(pattern[1:], parts[1:]))
    if not _glob(pattern[0]).fullmatch(parts[0]):
        return Match.NONE
    return _match(pattern[1:], parts[1:])
