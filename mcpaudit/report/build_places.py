"""Places with lines and columns, for the spots that a report speaks of."""

from collections.abc import Mapping
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Edge
from mcpaudit.model.place import Location, Place
from mcpaudit.model.step import Step
from mcpaudit.parsing.document import Document


@dataclass(slots=True)
class Places:
    """Works out lines and columns, and only for the files that a report speaks of."""

    documents: Mapping[str, Document]
    stops: Mapping[Place, tuple[int, int]]
    """Where the parser stopped, for files that are no documents."""
    _kept: dict[Place, Location] = field(default_factory=dict)
    _steps: dict[int, Step] = field(default_factory=dict)
    """By the edge's own identity: many witnesses share edges, which live as long as the facts."""
    _names: dict[str, str] = field(default_factory=dict)

    def location(self, place: Place) -> Location:
        """A place with its line and column; 0 where the file has none to give."""
        found = self._kept.get(place)
        if found is None:
            document = self.documents.get(place.file)
            line, column = self.stops.get(place, (0, 0))
            if document is not None and not line:
                line, column = document.locate(place.route, place.on_key)
            found = self._kept[place] = Location(place.file, line, column, place.route)
        return found

    def optional(self, place: Place | None) -> Location | None:
        """The same, where there may be no place."""
        return self.location(place) if place is not None else None

    def step(self, edge: Edge) -> Step:
        """One edge of a witness."""
        found = self._steps.get(id(edge))
        if found is None:
            found = self._steps[id(edge)] = Step(
                edge.kind,
                self._name(edge.source),
                self._name(edge.target),
                edge.reason,
                edge.certainty.value,
                self.optional(edge.place),
            )
        return found

    def _name(self, node: str) -> str:
        """A node without the prefix that tells its kind."""
        if node not in self._names:
            kind, _, rest = node.partition(":")
            self._names[node] = rest if kind in _KINDS else node
        return self._names[node]


_KINDS = {"agent", "installation", "tool", "credential", "resource", "rule", "scope"}
