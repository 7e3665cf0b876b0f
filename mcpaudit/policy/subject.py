"""What a policy is put to."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Witness
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place
from mcpaudit.policy.expression import Tree


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a policy is put to."""

    id: str
    """Identities only: it goes into the fingerprint."""
    tree: Tree
    certainty: Certainty
    agents: tuple[str, ...]
    places: tuple[Place, ...] = ()
    witness: Witness = ()
    about: object = None
    """The fact itself, for what remedies it; `None` where no remedy knows it."""
