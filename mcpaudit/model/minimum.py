"""What a search for the smallest set is given, and what it answers."""

from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.fact import LegName

Atom = tuple[int, str]
"""One need's index and one of its actions; for a need that one server must meet alone, the action is `*`."""
Privilege = tuple[str, str]
"""A resource and an action on it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server or tool with what it meets and what it would cost to keep."""

    id: str
    meets: frozenset[Atom]
    price: int
    """At least 1, so that nothing is kept for nothing."""
    outside: frozenset[Privilege] = frozenset()
    """What it gives beyond the need; what several give is paid for once."""
    weight: int = 1
    """What each privilege costs."""
    legs: frozenset[LegName] = frozenset()
    """The legs of a flow that it can be."""


ReductionKind = Literal["irrelevant", "forced", "dominated"]


@dataclass(frozen=True, slots=True)
class Reduction:
    """What was settled about one candidate before any search."""

    kind: ReductionKind
    id: str
    by: str = ""
    """The one that does all that it does and costs less."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The answer: the cheapest sets, and what nothing can meet."""

    sets: tuple[frozenset[str], ...]
    cost: int
    bound: int
    """What no set can cost less than."""
    unmet: frozenset[Atom]
    all_ties: bool
    """Whether `sets` holds every set of that cost, as far as the search went."""
    reductions: tuple[Reduction, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether every cheaper alternative was ruled out."""
        return self.bound == self.cost

    @property
    def used(self) -> frozenset[str]:
        """The members of at least one cheapest set."""
        return frozenset().union(*self.sets)
