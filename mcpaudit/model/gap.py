"""What could not be read: data that stays visible in every report."""

from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place

GapKind = Literal[
    "unreadable",  # the file is there but cannot be opened, is not a file, or is over a limit
    "malformed",  # the text breaks its format's grammar
    "ignored",  # it parses, but the client throws it away
    "wrong-type",  # one value is not what the client expects there
    "duplicate-key",  # two entries share a key; clients differ in which one wins
    "not-understood",  # well-formed, but this version of mcpaudit does not know what it means
    "without-effect",  # the client is known to pass it over: nothing is missing from the audit
]


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of the input that the audit could not take into account, with the reason."""

    kind: GapKind
    place: Place
    reason: str
    client: str = ""
    """The client whose configuration this is, where that is known."""
    line: int = 0
    column: int = 0
    """Where the parser stopped, for a malformed file; else the place's own position is used."""
