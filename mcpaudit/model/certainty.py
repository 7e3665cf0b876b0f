"""How sure a statement is: one scale for edges, access, facts and decisions."""

from enum import StrEnum


class Certainty(StrEnum):
    """`certain` is shown by evidence, `possible` may hold, `unknown` could not be worked out."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


def weakest(*certainties: Certainty) -> Certainty:
    """The certainty of a chain: that of its weakest link; a chain of nothing is certain."""
    if Certainty.UNKNOWN in certainties:
        return Certainty.UNKNOWN
    return Certainty.POSSIBLE if Certainty.POSSIBLE in certainties else Certainty.CERTAIN


def strongest(*certainties: Certainty) -> Certainty:
    """The certainty of alternatives: that of the best of them; no alternative at all is unknown."""
    if Certainty.CERTAIN in certainties:
        return Certainty.CERTAIN
    return Certainty.POSSIBLE if Certainty.POSSIBLE in certainties else Certainty.UNKNOWN
