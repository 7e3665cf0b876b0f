"""Excess: servers that a profile does not need, and servers that are installed twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.model.access import Access, Edge, certainty_of
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.configuration import Profile
from mcpaudit.model.fact import Excess
from mcpaudit.model.remedy import joined
from mcpaudit.model.server import Installation

if TYPE_CHECKING:
    from mcpaudit.analysis.cover_search import Solver
    from mcpaudit.analysis.needs import Needed


def unneeded(
    access: AccessGraph,
    rows: Sequence[Access],
    profiles: Sequence[Profile],
    solver: "Solver | None" = None,
) -> "tuple[list[Excess], list[Needed]]":
    """The servers that stand in no cheapest set of a profile, and how each profile was met."""
    if not profiles:
        return [], []
    # Imported here: most projects have no profile.
    from mcpaudit.analysis.needs import needed

    facts: list[Excess] = []
    met: list[Needed] = []
    does: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.runs and not row.transitive:
            does[row.installation] |= row.actions
    remedies = Remedies(access, rows)
    for profile in profiles:
        for agent in sorted(access.configs):
            if profile.agents and agent not in profile.agents:
                continue
            one = needed(access, rows, profile, agent, solver)
            met.append(one)
            facts += _unused_by(access, one, does, remedies)
    return merged(facts), met


def _unused_by(
    access: AccessGraph, held: "Needed", does: Mapping[str, Set[str]], remedies: Remedies
) -> Iterator[Excess]:
    cover, profile = held.cover, held.profile.id
    sure = cover.proved and cover.all_ties and not cover.unmet
    for installation in removable(access, held.agent):
        unsure = installation.id in held.may or access.manifests[installation.id].source == "none"
        if installation.id in cover.used or unsure:
            continue
        one = held.candidates.get(installation.id)
        reason = f"nothing in the profile `{profile}` needs it"
        if one is not None and one.meets:
            better = " and ".join(sorted({name.partition("/")[2] for name in cover.used}))
            reason = f"what it offers to the profile `{profile}` comes at less privilege from {better}"
        edge = loads(access, installation)
        certainty = weakest(
            certainty_of((edge,)),
            access.manifests[installation.id].certainty,
            Certainty.CERTAIN if sure else Certainty.POSSIBLE,
        )
        yield Excess(
            "server",
            "unneeded",
            installation.server.id,
            installation.name,
            (held.agent,),
            reason,
            certainty,
            (edge,),
            profile,
            actions=frozenset(does.get(installation.id, ())),
            remedies=tuple(remedies.removing([installation.id])),
        )


def removable(access: AccessGraph, agent: str) -> list[Installation]:
    """The servers that an agent has, which could be taken away."""
    return [
        one
        for _, one in sorted(access.installations.items())
        if one.agent == agent and one.reachable and not one.server.builtin
    ]


def loads(access: AccessGraph, installation: Installation) -> Edge:
    """The edge by which an agent has a server."""
    return access.loaded[installation.id]


def duplicates(access: AccessGraph) -> list[Excess]:
    """The same server with the same bounds, loaded twice by one agent."""
    facts = []
    remedies = Remedies(access, ())  # what goes is there twice, so that no access is taken away
    for agent in sorted(access.configs):
        seen: dict[tuple[str, ...], Installation] = {}
        for installation in removable(access, agent):
            bounds = access.bounds[installation.id]
            key = (
                installation.server.id,
                *sorted(f"{one.resource}{sorted(one.permits)}" for one in bounds.named),
                *sorted(limit.sentence for limit in bounds.limits),
                *sorted(f"{name}={word.text}" for name, word in installation.entry.env),
                *(word.text for word in installation.entry.server_args()),
                *sorted(f"{name}: {word.text}" for name, word in installation.entry.headers),
                # Masked words look alike: what tells two secrets apart is their group.
                *sorted(
                    f"{one.secret.name} {one.secret.group}"
                    for one in access.credentials.get(installation.id, ())
                ),
                str(installation.only_tools),
            )
            first = seen.setdefault(key, installation)
            if first is installation:
                continue
            reason = f"`{first.name}` already runs the same server with the same bounds"
            edges = (loads(access, first), loads(access, installation))
            unknown = installation.server.id.startswith(("command:", "url:?"))
            certainty = Certainty.POSSIBLE if unknown else Certainty.CERTAIN
            facts.append(
                Excess(
                    "server",
                    "duplicate",
                    installation.server.id,
                    installation.name,
                    (agent,),
                    reason,
                    certainty,
                    edges,
                    remedies=tuple(remedies.removing([installation.id])),
                )
            )
    return merged(facts)


def merged(facts: Iterable[Excess]) -> list[Excess]:
    """The same excess in several agents is one fact that names them."""
    found: dict[str, Excess] = {}
    for fact in facts:
        same = found.get(fact.id)
        if same is None:
            found[fact.id] = fact
            continue
        found[fact.id] = replace(
            same,
            agents=tuple(sorted({*same.agents, *fact.agents})),
            certainty=strongest(same.certainty, fact.certainty),
            witness=(*same.witness, *fact.witness),
            remedies=joined(same.remedies, fact.remedies),
        )
    return [found[key] for key in sorted(found)]
