"""Patterns over resources, as policies, profiles and `mcpaudit.yaml` write them.

`*` stands for one part or a piece of one, `**` for any number of parts: `google:**/calendar.event/**`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

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
    """A resource pattern, split into its parts."""

    text: str
    provider: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Split `provider:tenant/type/path`; raises ValueError where there is no provider."""
        provider, colon, rest = text.partition(":")
        if not colon or not provider or "/" in provider:
            raise ValueError(f"a resource pattern starts with a provider and a colon, as in `google:**`: {text}")
        return cls(text, provider, tuple(part for part in rest.split("/") if part))

    def match(self, resource: Resource) -> Match:
        """How the resource stands to this pattern."""
        if not _glob(self.provider).fullmatch(resource.provider):
            return Match.NONE
        kinds = (resource.kind, *resource.lineage) if resource.kind and resource.provider != "sql" else ()
        best = Match.NONE
        for kind in kinds or ("",):
            middle = (kind,) if kind else ()
            for path in (resource.path, *resource.aliases):
                best = max(best, _match(self.parts, (resource.tenant, *middle, *path)))
        return best


@lru_cache(maxsize=4096)
def _glob(text: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if char == "*" else re.escape(char) for char in text.replace("**", "*")))


def _match(pattern: tuple[str, ...], parts: tuple[str, ...]) -> Match:
    """Compare part by part; both sides are short, so plain recursion will do."""
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
