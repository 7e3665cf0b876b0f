"""Scopes as the trees that policies speak of."""

from mcpaudit.model.scope import ScopeFact, ScopeUse
from mcpaudit.policy.expression import Tree


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
