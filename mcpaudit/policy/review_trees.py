"""The sign-off of a project as policies see it."""

from collections.abc import Iterator

from mcpaudit.analysis.facts import Facts
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place
from mcpaudit.policy.expression import Tree, Value
from mcpaudit.policy.subject import Subject

_FILE = "mcpaudit.yaml"


def review_subjects(facts: Facts) -> Iterator[Subject]:
    """The one sign-off, where the configuration asks for it."""
    one = facts.sign_off
    if one is None:
        return
    tree: dict[str, Value] = {
        "name": one.name,
        "reason": one.reason,
        "expires": one.expires.isoformat() if one.expires else None,
    }
    if one.stale is not None:
        tree["stale"] = list(one.stale)
    if one.signed is not None:
        tree["signed"] = one.signed
    if one.expires is not None:
        tree["days_left"] = (one.expires - facts.as_of).days
    known: Tree = tree
    yield Subject("sign-off", known, Certainty.CERTAIN, (), (Place(_FILE, ("review",)),))
