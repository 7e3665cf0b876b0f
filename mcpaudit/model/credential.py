"""Secrets that configuration holds or refers to; never their values."""

from typing import Literal

from mcpaudit.dataclass import dataclass
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
    """ISO date, where the value itself or the file that holds it says so (JWT `exp`)."""
    file: str = ""
    """The credential file that holds the value, as people name it; empty where it is in no such file."""
    line: int = 0
    """Where it stands in that file; 0 where that is not known."""
    lifetime: Lifetime = "unknown"
    """What its form or its file says; a pack may know it where neither does."""
    refresh: bool | None = None
    """Whether a token that renews it is stored with it; `None` where that cannot be seen."""
    scopes: tuple[str, ...] | None = None
    """What its claims or its file say that it was granted; `None` where they say nothing."""
    correlation: str = ""
    """The same for the same value on every machine that is audited with one correlation key; else empty."""


ScopeSource = Literal[
    "token", "file", "declared", "manifest", "introspect", "opaque", "policy", "all", "none", "unknown"
]
"""Who says what a credential may do: its own claims, the file that stores it, the entry or the code that
asks for it. Where nobody does: whether its provider could be asked (`introspect`), only its owner knows
(`opaque`), a policy at the provider decides, or it may do everything (`all`) or one fixed thing (`none`)."""
TOLD: tuple[ScopeSource, ...] = ("token", "file", "declared", "manifest")


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
    scope_source: ScopeSource = "unknown"
    scope_place: Place | None = None
    """Where the scopes are written, if they are."""
    lifetime: Lifetime = "unknown"
    refresh: bool | None = None
    """Whether something renews it; `None` where that cannot be seen."""
