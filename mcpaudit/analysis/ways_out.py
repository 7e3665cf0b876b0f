"""What removes conflicts over limits: state the limit for both, take the other route away, or give it up.

Dropping a limit removes the fact as well, and no access; it comes last, since it removes what someone wanted.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.remedies import Remedies, Taken
from mcpaudit.analysis.routes import Route
from mcpaudit.model.access import Access, Restriction
from mcpaudit.model.action import Actions
from mcpaudit.model.decision import Effect, Rule
from mcpaudit.model.remedy import Remedy, listed

_STATED = ("switch", "url")
_PLACES = ("root", "mount")
_STRICT: tuple[Effect, ...] = ("hide", "deny", "ask", "allow")


def going_round(
    hits: Sequence[tuple[Route, Restriction, Actions]], taken: Taken, remedies: Remedies
) -> Iterator[Remedy]:
    """For a bypass: one installation's routes, the limits that they go round, and what they give."""
    yield from remedies.taking(taken)
    cost = sum(len(given) for _, _, given in hits)
    route, first, _ = hits[0]
    if all(limit.kind in _STATED and limit.server == at.server for at, limit, _ in hits):
        said = f"state for `{route.name}` the limit that holds for `{first.installation.partition('/')[2]}`"
        yield remedies.changing("limit", {route.installation: said}, cost)
    if all(limit.kind in _PLACES and not at.universal and at.resource.path for at, limit, _ in hits):
        roots = listed(dict.fromkeys(_place(limit) for _, limit, _ in hits))
        yield remedies.changing("narrow", {route.installation: f"narrow `{route.name}` to {roots}"}, cost)


def _place(limit: Restriction) -> str:
    return f"{limit.resource}{', read-only' if limit.kind == 'mount' else ''}"


def giving_up(access: AccessGraph, limits: Sequence[Restriction], remedies: Remedies) -> Iterator[Remedy]:
    """Drop the rule, where a single one states all of it."""
    places = {limit.place for limit in limits}
    rules = [rule for rule in access.configs[limits[0].agent].rules if rule.place in places]
    if len(places) == 1 and rules:
        yield remedies.dropping(limits[0].agent, rules[0], "give-up")


def contradicting(
    agent: str, winner: Rule, loser: Rule, hits: Sequence[Access], remedies: Remedies
) -> Iterator[Remedy]:
    """For two rules of one agent: drop the one that allows more, or give the limit up."""
    strict = winner if _STRICT.index(winner.effect) < _STRICT.index(loser.effect) else loser
    for rule in (winner, loser):
        if rule is winner and any(len({one.effect for one in hit.decision.beats}) > 1 for hit in hits):
            continue  # without the winner, those that lost contradict each other
        cost = sum(len(hit.actions) for hit in hits) if rule is winner and strict is loser else 0
        yield remedies.dropping(agent, rule, "give-up" if rule is strict else "drop", cost)


def limited_here(
    access: AccessGraph,
    limits: Sequence[Restriction],
    hits: Sequence[tuple[Restriction, Route]],
    remedies: Remedies,
) -> Iterator[Remedy]:
    """For one server in two agents, limited in one: limit it in the other as well, or give the limits up."""
    taken: dict[str, set[str]] = defaultdict(set)
    for limit, route in hits:
        taken[route.installation] |= {limit.tool} if limit.tool else route.giving(limit.withheld).tools
    yield from remedies.taking(taken)
    if not any(limit.tool for limit in limits):
        here = access.configs[limits[0].agent].agent.title
        phrases = {
            route.installation: f"state the limits that `{route.name}` has in {here}" for _, route in hits
        }
        cost = sum(len(route.actions & limit.withheld) for limit, route in hits)
        yield remedies.changing("limit", phrases, cost)
    yield from giving_up(access, limits, remedies)


def asked_here(
    access: AccessGraph, asking: Sequence[Access], silent: Sequence[Access], remedies: Remedies
) -> Iterator[Remedy]:
    """For tools that ask in one agent and run unasked in another: ask in both, or give the question up."""
    taken: dict[str, set[str]] = defaultdict(set)
    for row in silent:
        taken[row.installation].add(row.tool)
    names = access.installations
    phrases = {
        one: f"ask before {listed(f'`{tool}`' for tool in sorted(tools))} of `{names[one].name}`"
        for one, tools in taken.items()
    }
    yield remedies.changing("ask", phrases)
    yield from remedies.taking(taken)
    rules = {rule.place: rule for row in asking if (rule := row.decision.rule) is not None}
    if len(rules) == 1:
        yield remedies.dropping(asking[0].agent, next(iter(rules.values())), "give-up")
