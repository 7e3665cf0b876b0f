"""One secret of a credential file, as the readers of such files hand it on."""

import re
from dataclasses import field
from datetime import UTC, datetime

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import mask
from mcpaudit.model.credential import Lifetime
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Json

MOST = 200
"""Secrets of one file that are told apart; a file with more is no login."""
_LABEL = re.compile(r"[A-Za-z_][\w.@ -]{0,63}")
_RANDOM = re.compile(r"(?=[A-Za-z_-]*\d)[\w-]{24}|[\w-]{40}")


@dataclass(frozen=True, slots=True)
class Stored:
    """One secret of a file; `value` serves comparisons within one run and never output."""

    name: str
    """The key, variable or profile; empty where that could be a secret itself."""
    kind: str
    value: str = field(repr=False)
    provider: str = ""
    expires: str = ""
    lifetime: Lifetime = "unknown"
    refresh: bool | None = None
    scopes: tuple[str, ...] | None = None
    owners: tuple[str, ...] = ()
    """Names and addresses of the server that it is for, where its store keeps several."""
    line: int = 0
    route: Route = ()
    """Where it stands in a file with a syntax; `line` says it for the others."""
    inside: bool = True
    """Whether the file holds the secret itself; otherwise `value` only tells which login it speaks of."""


def named(name: str, text: str, packs: Packs, line: int = 0, route: Route = ()) -> list[Stored]:
    """The secrets of one value, as in a configuration's entry."""
    return [
        Stored(
            label(name), one.kind, one.value, one.provider, one.expires, one.lifetime,
            scopes=one.scopes, line=line, route=route,
        )
        for one in mask(text, name, packs).found
    ]  # fmt: skip


def label(name: str) -> str:
    """A key as reports may show it: short, and no secret by its form."""
    return name if _LABEL.fullmatch(name) and not _RANDOM.search(name) else ""


def day(ends: Json) -> str:
    """The date of a moment in seconds or milliseconds, or in the form of ISO 8601; empty where it is none."""
    try:
        if isinstance(ends, str):
            return datetime.fromisoformat(ends).date().isoformat()
        if isinstance(ends, int | float):
            seconds = ends / 1000 if ends > 10**11 else ends
            return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        pass
    return ""
