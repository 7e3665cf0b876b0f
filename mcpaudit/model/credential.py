"""Secrets that configuration holds or refers to; never their values."""

from dataclasses import dataclass
from typing import Literal

from mcpaudit.model.place import Place

Lifetime = Literal["static", "expiring", "refreshing", "unknown"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret value as the parser reports it: what it looks like and where it stands."""

    kind: str
    """The pack's credential id (`classic_pat`, `bot`) or a shape (`bearer`, `password`, `key`)."""
    place: Place
    name: str
    """The variable, header or argument that carries it."""
    literal: bool
    """Whether the value itself stands in the file; otherwise a variable or a file is named."""
    provider: str = ""
    length: int = 0
    group: int = 0
    """Literals with the same value share a number; assigned by sorted place, so it tells nothing else."""
    expires: str = ""
    """ISO date, where the value itself says so (JWT `exp`)."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that an installation or a rule holds, with what is known of its reach."""

    id: str
    holder: str
    """The installation id, or the place of the rule that contains it."""
    secret: Secret
    agents: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    """`None` where they cannot be known from files: bounded only by what the provider holds."""
    lifetime: Lifetime = "unknown"
    refresh: bool | None = None
    """Whether something renews it; `None` where that cannot be seen."""
