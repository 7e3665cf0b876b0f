"""What a manifest file says, before anybody has worked out what its tools can do."""

from dataclasses import dataclass

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.model.manifest import Source
from mcpaudit.parsing.document import Document


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools that one file lists for one server, as they stand there."""

    document: Document
    source: Source
    tools: tuple[RawTool, ...]
    complete: bool
    reason: str
    version: str = ""
    needs_env: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
