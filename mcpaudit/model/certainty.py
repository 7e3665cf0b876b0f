"""How sure a statement is: one scale for edges, access, facts and decisions."""

from enum import StrEnum


class Certainty(StrEnum):
    """`certain` is shown by evidence, `possible` may hold, `unknown` could not be worked out."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


_RANK = {Certainty.CERTAIN: 0, Certainty.POSSIBLE: 1, Certainty.UNKNOWN: 2}


def weakest(*certainties: Certainty) -> Certainty:
    """The certainty of a chain: that of its weakest link; a chain of nothing is certain."""
    return max(certainties, key=_RANK.__getitem__, default=Certainty.CERTAIN)


def strongest(*certainties: Certainty) -> Certainty:
    """The certainty of alternatives: that of the best of them; no alternative at all is unknown."""
    return min(certainties, key=_RANK.__getitem__, default=Certainty.UNKNOWN)
