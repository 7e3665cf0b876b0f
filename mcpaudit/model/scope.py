"""What a credential was granted, held against what the enabled tools of its servers need."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Witness
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import ScopeSource


@dataclass(frozen=True, slots=True)
class ScopeFact:
    """One scope of one use of credentials: granted, needed, or both; `None` is not known."""

    name: str
    """As its provider's pack names it; as it was granted, where the pack does not know it."""
    granted: bool | None
    needed: bool | None
    reason: str
    """Why it is needed or not, as one clause."""
    certainty: Certainty
    tools: tuple[str, ...] = ()
    """The enabled tools that need it or use it."""
    instead: tuple[str, ...] = ()
    """Smaller scopes that would do, where it is wider than what is needed."""
    witness: Witness = ()
    known: bool = True
    """Whether anything is known of what it grants."""


@dataclass(frozen=True, slots=True)
class ScopeUse:
    """The credentials of one provider that some installations hold, and what these need of it."""

    provider: str
    servers: tuple[str, ...]
    installations: tuple[str, ...]
    agents: tuple[str, ...]
    kinds: tuple[str, ...]
    """Kinds of the credentials."""
    group: int
    """The group of the first of them, as in the list of credentials; 0 where none was found."""
    source: ScopeSource
    """Who says what was granted, or who could."""
    granted: tuple[str, ...] | None
    """`None` where nobody says: at most all that the provider has."""
    needed: tuple[str, ...]
    """The least scopes for all that the enabled tools do, as far as that is known."""
    scopes: tuple[ScopeFact, ...]
    undecided: tuple[str, ...]
    """Enabled tools of which it is not known what scopes they need."""

    @property
    def id(self) -> str:
        """Made of identities only."""
        return f"{self.provider} for {' + '.join(self.servers)}"
