"""All conflicts of an installation: one cause is one fact, and one fact names all its agents."""

from collections import defaultdict
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
from mcpaudit.model.fact import CONFLICT_KINDS, Conflict
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
    parties: list[frozenset[str]] = []
    of: dict[str, list[int]] = defaultdict(list)
    """Which of the kept facts each party is in."""
    for fact in sorted(facts, key=_rank):
        own = _parties(fact)
        owner = next(
            (
                number
                for number in min((of[party] for party in own), key=len)
                if kept[number].kind != fact.kind
                and not kept[number].by_itself
                and own <= parties[number]
                and _same(kept[number], fact)
            ),
            None,
        )
        if owner is None:
            for party in own:
                of[party].append(len(kept))
            kept.append(fact)
            parties.append(own)
        elif fact.kind not in kept[owner].also:
            kept[owner] = replace(kept[owner], also=(*kept[owner].also, fact.kind))
    return kept


def _parties(fact: Conflict) -> frozenset[str]:
    return frozenset(f"{role.agent}/{role.name}" for role in fact.roles)


def _same(stronger: Conflict, weaker: Conflict) -> bool:
    """Two facts about one pair speak of the same thing unless one goes through an integration."""
    return stronger.transitive == weaker.transitive


def _merge_agents(facts: Sequence[Conflict]) -> list[Conflict]:
    """The same servers in many agents' files are one fact with its agents."""
    by_id: dict[str, list[Conflict]] = defaultdict(list)
    for fact in facts:
        by_id[fact.id].append(fact)
    return [_merged(same) if len(same) > 1 else same[0] for same in by_id.values()]


def _merged(same: Sequence[Conflict]) -> Conflict:
    return replace(
        same[0],
        agents=tuple(sorted({agent for fact in same for agent in fact.agents})),
        roles=tuple(dict.fromkeys(role for fact in same for role in fact.roles)),
        certainty=strongest(*(fact.certainty for fact in same)),
        silent=any(fact.silent for fact in same),
        resources=tuple(dict.fromkeys(name for fact in same for name in fact.resources)),
        also=tuple(dict.fromkeys(kind for fact in same for kind in fact.also)),
        remedies=joined(*(fact.remedies for fact in same)),
    )
