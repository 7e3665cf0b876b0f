"""What a manifest file or a server's source says, before anybody has worked out what its tools can do."""

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.capability import RawTool
from mcpaudit.model.manifest import SharedState, Source
from mcpaudit.parsing.document import Document


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools that one file, or its source, lists for one server, as they stand there."""

    document: Document | None
    """The file; `None` for a server's source, which is many."""
    source: Source
    tools: tuple[RawTool, ...]
    complete: bool
    reason: str
    version: str = ""
    needs_env: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    proved: bool = False
    """Whether it is known to be of the very version that runs."""
    integrity: str = ""
    """The hash of the archive that it was read from, as its index writes it; empty for none."""
    state: tuple[SharedState, ...] = ()
    """What the source keeps between requests."""

    @property
    def file(self) -> str:
        """The file's name as reports show it; empty for a server's source."""
        return self.document.file if self.document else ""
