"""Limits that someone stated at a place, and what each keeps from the agent.

Lacking a tool is no restriction: only a switch, a root, a read-only mount, a client's rule or an entry's list
of tools is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mcpaudit.access.graph import AccessGraph
from mcpaudit.model.access import Access, Restriction
from mcpaudit.model.action import EVERYTHING, OBSERVING, Actions, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Verdict
from mcpaudit.model.place import Place
from mcpaudit.model.resource import UNKNOWN, Resource, contains
from mcpaudit.model.server import Installation


def restrictions(access: AccessGraph, rows: Iterable[Access]) -> tuple[Restriction, ...]:
    """Every stated restriction of every reachable installation, in a fixed order."""
    by_installation: dict[str, list[Access]] = {}
    for row in rows:
        by_installation.setdefault(row.installation, []).append(row)
    found: list[Restriction] = []
    for installation_id, own in sorted(by_installation.items()):
        installation = access.installations[installation_id]
        direct = [row for row in own if not row.transitive]
        found += _switches(access, installation, direct)
        found += _roots(access, installation, direct)
        found += _rules(installation, direct)
    return tuple(found)


def _switches(access: AccessGraph, installation: Installation, rows: list[Access]) -> Iterator[Restriction]:
    for limit in access.bounds[installation.id].limits:
        if limit.place is None:
            continue
        for resource, actions in _reached(rows).items():
            yield Restriction(
                agent=installation.agent,
                installation=installation.id,
                server=installation.server.id,
                resource=resource,
                permitted=actions,
                withheld=EVERYTHING - limit.permits - {"send"},
                kind="url" if limit.kind == "url" else "switch",
                place=limit.place,
                sentence=f"`{installation.name}` may only {in_words(limit.permits)}: {limit.sentence}",
                certainty=limit.certainty,
            )


def _roots(access: AccessGraph, installation: Installation, rows: list[Access]) -> Iterator[Restriction]:
    """A root withholds what lies outside it; a read-only mount is one, and withholds changes as well."""
    if any(row.universal for row in rows):
        return
    reached = _reached(rows)
    for named in access.bounds[installation.id].named:
        resource = named.resource
        if resource.provider != "local" or resource.kind not in ("file", "worktree"):
            continue
        if not resource.path or UNKNOWN in resource.path:
            continue
        actions: Actions = frozenset().union(
            *(has for at, has in reached.items() if at.path == resource.path)
        )
        mount = named.permits < EVERYTHING
        sentence = f"`{installation.name}` is confined to {resource}" + (
            ", mounted read-only" if mount else ""
        )
        confined = Restriction(
            agent=installation.agent,
            installation=installation.id,
            server=installation.server.id,
            resource=resource,
            permitted=actions,
            withheld=EVERYTHING,
            kind="root",
            place=named.place,
            sentence=sentence,
            certainty=named.certainty,
        )
        if mount:
            # First, since it is the narrower statement: where both are gone round, it stands for both.
            yield replace(confined, kind="mount", withheld=EVERYTHING - named.permits)
        yield confined


def _rules(installation: Installation, rows: list[Access]) -> Iterator[Restriction]:
    """What a client's rule or the entry's own list refuses; a mode's own refusals are no statement."""
    shown = _surely_shown(rows)
    for row in rows:
        stated = _refused_at(row)
        if stated is None:
            continue
        place, sentence = stated
        yield Restriction(
            agent=row.agent,
            installation=row.installation,
            server=row.server,
            resource=row.resource,
            permitted=frozenset(),
            withheld=row.actions - shown[row.resource],
            kind="rule",
            place=place,
            sentence=f"{sentence} `{row.tool}` of `{installation.name}`",
            certainty=row.certainty,
            tool=row.tool,
            refused=row.actions,
        )


def _refused_at(row: Access) -> tuple[Place, str] | None:
    """Where it is stated that a tool does not run, with the beginning of a sentence."""
    decision = row.decision
    if decision.verdict not in (Verdict.DENY, Verdict.HIDDEN):
        return None
    if decision.stated is not None:
        return decision.stated, f"`{decision.stated.route[-1]}` leaves out"
    if decision.rule is not None and decision.rule.effect in ("deny", "hide"):
        return decision.rule.place, f"the rule `{decision.rule.pattern}` denies"
    return None


def _surely_shown(rows: list[Access]) -> dict[Resource, Actions]:
    """What other tools surely show of each resource of which a tool is refused: that is not withheld."""
    shown = _reached([row for row in rows if row.runs and row.certainty is Certainty.CERTAIN])
    found: dict[Resource, Actions] = {}
    for resource in {row.resource for row in rows if not row.runs}:
        around = [does for at, does in shown.items() if contains(at, resource)]
        found[resource] = OBSERVING & frozenset().union(*around)
    return found


def _reached(rows: list[Access]) -> dict[Resource, Actions]:
    reached: dict[Resource, Actions] = {}
    for row in rows:
        reached[row.resource] = reached.get(row.resource, frozenset()) | row.actions
    return reached
