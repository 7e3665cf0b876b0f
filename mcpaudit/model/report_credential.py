"""The parts of a report that speak of credentials: where they are, how long they last, what they may do."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location
from mcpaudit.model.step import Step


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """A secret in the configuration; never its value."""

    id: str
    holder: str
    agents: tuple[str, ...]
    provider: str
    kind: str
    name: str
    literal: bool
    length: int
    group: int
    correlation: str
    """The same for the same secret in every report made with one `--correlation-key`; empty without one."""
    file: str
    """The credential file that holds it, where that is another than the configuration."""
    line: int
    scopes: tuple[str, ...] | None
    scope_source: str
    """Who says so: `token`, `file`, `declared`; else who could, or `all` or `none` (model/credential.py)."""
    scope_location: Location | None
    expires: str
    lifetime: str
    refresh: bool | None
    location: Location


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One scope: granted, needed, or both; `null` is not known."""

    name: str
    granted: bool | None
    needed: bool | None
    reason: str
    certainty: str
    tools: tuple[str, ...]
    """The enabled tools that need it or use it."""
    instead: tuple[str, ...]
    """Smaller scopes that would do."""
    witness: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ScopeUseRow:
    """The credentials of one provider that some installations hold, and what these need of it."""

    id: str
    provider: str
    servers: tuple[str, ...]
    installations: tuple[str, ...]
    agents: tuple[str, ...]
    kinds: tuple[str, ...]
    group: int
    """As in `credentials`; 0 where no credential was found."""
    source: str
    """As `scope_source` in `credentials`."""
    granted: tuple[str, ...] | None
    at_most: str
    """Where it is not known what was granted: the resources that bound it, as a pattern; else empty."""
    needed: tuple[str, ...]
    """The least scopes for all that the enabled tools do, as far as that is known."""
    scopes: tuple[ScopeRow, ...]
    undecided: tuple[str, ...]
    """Enabled tools of which it is not known what scopes they need."""
