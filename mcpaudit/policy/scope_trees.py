"""Scopes as the trees that policies speak of."""

from collections.abc import Iterator

from mcpaudit.analysis.facts import Facts
from mcpaudit.model.scope import ScopeFact, ScopeUse
from mcpaudit.policy.expression import Tree
from mcpaudit.policy.subject import Subject
from mcpaudit.policy.trees import places_of


def scope_subjects(facts: Facts) -> Iterator[Subject]:
    """Every scope that was granted or that is missing, where somebody tells what was granted."""
    for use in facts.scopes:
        entries = tuple(facts.access.installations[name].place for name in use.installations)
        for one in use.scopes:
            places = places_of(one.witness) or entries
            identity = f"{use.id}: {one.name}"
            yield Subject(identity, scope_tree(use, one), one.certainty, use.agents, places, one.witness)


def scope_tree(use: ScopeUse, one: ScopeFact) -> Tree:
    """One scope of one use of credentials; what is not known is left out."""
    return {
        "name": one.name,
        "known": one.known,
        "provider": use.provider,
        "servers": list(use.servers),
        "agents": list(use.agents),
        "credentials": list(use.kinds),
        "source": use.source,
        "instead": list(one.instead),
        "least": list(use.needed),
        "tools": list(one.tools),
        "reason": one.reason,
        "certainty": one.certainty.value,
        **({} if one.granted is None else {"granted": one.granted}),
        **({} if one.needed is None else {"needed": one.needed}),
    }
