"""Limits that someone stated at a place, and what each keeps from the agent.

Lacking a tool is no restriction: only a switch, a root, a read-only mount or a client rule is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mcpaudit.access.graph import AccessGraph
from mcpaudit.model.access import Access, Restriction
from mcpaudit.model.action import EVERYTHING, Actions, in_words
from mcpaudit.model.decision import Verdict
from mcpaudit.model.resource import UNKNOWN, Resource
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
    """What a client rule denies; the default refusals of a mode are no statement."""
    for row in rows:
        rule = row.decision.rule
        if (
            row.decision.verdict not in (Verdict.DENY, Verdict.HIDDEN)
            or rule is None
            or rule.effect != "deny"
        ):
            continue
        yield Restriction(
            agent=row.agent,
            installation=row.installation,
            server=row.server,
            resource=row.resource,
            permitted=frozenset(),
            withheld=row.actions,
            kind="rule",
            place=rule.place,
            sentence=f"the rule `{rule.pattern}` denies `{row.tool}` of `{installation.name}`",
            certainty=row.certainty,
            tool=row.tool,
        )


def _reached(rows: list[Access]) -> dict[Resource, Actions]:
    reached: dict[Resource, Actions] = {}
    for row in rows:
        reached[row.resource] = reached.get(row.resource, frozenset()) | row.actions
    return reached
