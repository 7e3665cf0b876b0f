"""All conflicts of an installation: one cause is one fact, and one fact names all its agents."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mcpaudit.access.graph import AccessGraph
from mcpaudit.access.restriction import restrictions
from mcpaudit.analysis import decision
from mcpaudit.analysis.ambiguous import ambiguous_routes
from mcpaudit.analysis.bypass import bypasses
from mcpaudit.analysis.concurrent import concurrent_writes
from mcpaudit.analysis.identity import identities
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.routes import routes
from mcpaudit.analysis.same_names import same_names
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import strongest
from mcpaudit.model.credential import Credential
from mcpaudit.model.fact import CONFLICT_KINDS, Conflict, Role
from mcpaudit.model.remedy import joined


def conflicts(
    access: AccessGraph, rows: Sequence[Access], credentials: Iterable[Credential], packs: Packs
) -> tuple[Conflict, ...]:
    """Find the conflicts of every kind, the strongest kind first for each pair of installations."""
    found = routes(access, rows)
    limits = restrictions(access, rows)
    held: dict[str, list[Credential]] = {}
    for credential in credentials:
        held.setdefault(credential.holder, []).append(credential)
    remedies = Remedies(access, rows)
    facts = [
        *bypasses(access, found, limits, packs, remedies),
        *decision.within_agents(access, rows, remedies),
        *decision.across_agents(access, rows, found, limits, remedies),
        *identities(found, held, remedies),
        *ambiguous_routes(found, remedies),
        *same_names(access, found, remedies),
        *concurrent_writes(found, remedies),
    ]
    return tuple(sorted(_merge_agents(_claim(facts)), key=lambda fact: (_rank(fact), fact.id)))


def _rank(fact: Conflict) -> int:
    return CONFLICT_KINDS.index(fact.kind)


def _claim(facts: Sequence[Conflict]) -> list[Conflict]:
    """Of several kinds that the same routes show, the first is the fact and the others its attributes."""
    kept: list[Conflict] = []
    for fact in sorted(facts, key=_rank):
        parties = _parties(fact)
        owner = next(
            (
                one
                for one in kept
                if one.kind != fact.kind
                and not one.by_itself
                and parties <= _parties(one)
                and _same(one, fact)
            ),
            None,
        )
        if owner is None:
            kept.append(fact)
        elif fact.kind not in owner.also:
            kept[kept.index(owner)] = replace(owner, also=(*owner.also, fact.kind))
    return kept


def _parties(fact: Conflict) -> frozenset[str]:
    return frozenset(f"{role.agent}/{role.name}" for role in fact.roles)


def _same(stronger: Conflict, weaker: Conflict) -> bool:
    """Two facts about one pair speak of the same thing unless one goes through an integration."""
    return stronger.transitive == weaker.transitive


def _merge_agents(facts: Sequence[Conflict]) -> list[Conflict]:
    """The same servers in many agents' files are one fact with its agents."""
    merged: dict[str, Conflict] = {}
    for fact in facts:
        same = merged.get(fact.id)
        if same is None:
            merged[fact.id] = fact
            continue
        merged[fact.id] = replace(
            same,
            agents=tuple(sorted({*same.agents, *fact.agents})),
            roles=_roles(same.roles, fact.roles),
            certainty=strongest(same.certainty, fact.certainty),
            silent=same.silent or fact.silent,
            resources=tuple(dict.fromkeys((*same.resources, *fact.resources))),
            also=tuple(dict.fromkeys((*same.also, *fact.also))),
            remedies=joined(same.remedies, fact.remedies),
        )
    return list(merged.values())


def _roles(first: tuple[Role, ...], second: tuple[Role, ...]) -> tuple[Role, ...]:
    return tuple(dict.fromkeys((*first, *second)))
