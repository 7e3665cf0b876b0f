"""What of an audit is compared with another: rows and facts, of an audit just done or of a saved report."""

from collections.abc import Mapping, Sequence

from mcpaudit.analysis.facts import Facts
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.fact import Conflict, Flow


@dataclass(frozen=True, slots=True)
class State:
    """One state of the world, by what agents can do in it."""

    rows: Sequence[Access]
    names: Mapping[str, str]
    """The installations' names, by their ids."""
    conflicts: Sequence[Conflict]
    flows: Sequence[Flow]

    @classmethod
    def of(cls, facts: Facts) -> "State":
        """That of an audit."""
        names = {id: one.name for id, one in facts.access.installations.items()}
        return cls(facts.rows, names, facts.conflicts, facts.flows)
