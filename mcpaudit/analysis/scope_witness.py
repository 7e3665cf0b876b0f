"""The paths that show a scope to be too much, or lacking: from the entry to the credential to its scopes."""

from collections.abc import Sequence

from mcpaudit.access.graph import AccessGraph
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access, Edge, Witness
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import Credential, ScopeSource
from mcpaudit.model.server import Installation

_SAYS = {
    "token": "the token itself says that it was granted {}",
    "file": "the file that stores it says that it was granted {}",
    "declared": "its entry asks for {}",
    "manifest": "the server's source asks for {}",
}


@dataclass(frozen=True, slots=True)
class ScopeWitness:
    """Builds the witnesses for what one installation was granted."""

    access: AccessGraph
    installation: Installation
    credentials: Sequence[Credential]
    granted: Sequence[str]
    source: ScopeSource

    @property
    def certainty(self) -> Certainty:
        """How sure it is that this was granted; of what source code asks for, as sure as the source runs."""
        manifest = self.access.manifests[self.installation.id]
        return manifest.certainty if self.source == "manifest" else Certainty.CERTAIN

    def excess(self, name: str, reason: str) -> Witness:
        """A scope is granted, and why it is not needed."""
        needs = Edge("needs", self._node, f"scope:{name}", f"`{name}`: {reason}", Certainty.CERTAIN)
        return (*self._held(), self.grants(), needs)

    def missing(self, row: Access, name: str, what: str) -> Witness:
        """A tool is enabled and needs a scope, and what was granted instead."""
        needs = Edge(
            "needs", f"tool:{row.installation}/{row.tool}", f"scope:{name}", f"to {what} takes `{name}`",
            row.certainty,
        )  # fmt: skip
        return (*row.witness, needs, self.grants())

    @property
    def _node(self) -> str:
        return f"installation:{self.installation.id}"

    def _held(self) -> tuple[Edge, ...]:
        found = [edge for _, edge, _ in self.access.edges_from(self._node, "authenticates-with")]
        own = {f"credential:{one.id}" for one in self._tellers()}
        held = tuple(edge for edge in found if edge.target in own)[:1]
        if held:
            return held
        loads = self.access.edges_from(f"agent:{self.installation.agent}", "loads")
        return tuple(edge for _, edge, _ in loads if edge.target == self._node)

    def _tellers(self) -> list[Credential]:
        return [one for one in self.credentials if one.scopes is not None] or list(self.credentials)

    def grants(self) -> Edge:
        """What was granted, by whose word."""
        listed = ", ".join(f"`{name}`" for name in sorted(self.granted)) or "nothing"
        tellers = self._tellers()
        place = tellers[0].scope_place if tellers else None
        source = f"credential:{tellers[0].id}" if tellers else self._node
        return Edge("grants", source, "scope:*", _SAYS[self.source].format(listed), self.certainty, place)
