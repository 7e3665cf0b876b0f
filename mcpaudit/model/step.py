"""One step of a witness, as reports show it."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a witness, as a sentence with its place."""

    kind: str
    source: str
    target: str
    reason: str
    certainty: str
    location: Location | None
