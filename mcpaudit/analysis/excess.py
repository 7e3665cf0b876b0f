"""Excess: servers that a profile does not need, and servers that are installed twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.minimum_set import Atom, Candidate, Cover, minimum_cover
from mcpaudit.model.access import Access, Edge, certainty_of
from mcpaudit.model.action import in_words
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.configuration import Need, Profile
from mcpaudit.model.fact import Excess
from mcpaudit.model.pattern import Match
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import Installation

# What keeping one more server costs, beside each (resource, action) that it gives outside the need.
SERVER_PRICE = 10


@dataclass(frozen=True, slots=True)
class Needed:
    """A profile held against one agent."""

    profile: Profile
    agent: str
    cover: Cover
    unmet: tuple[str, ...]
    """Needs that nothing installed is known to meet, in words."""


def unneeded(
    access: AccessGraph, rows: Sequence[Access], profiles: Sequence[Profile]
) -> tuple[list[Excess], list[Needed]]:
    """The servers that stand in no cheapest set of a profile, and how each profile was met."""
    facts: list[Excess] = []
    met: list[Needed] = []
    for profile in profiles:
        for agent in sorted(access.configs):
            if profile.agents and agent not in profile.agents:
                continue
            own = [row for row in rows if row.agent == agent and _counts(row)]
            cover = _cover(profile, own)
            met.append(Needed(profile, agent, cover, _unmet(profile, cover)))
            facts += _unused_by(access, profile, agent, cover, own)
    return _merge(facts), met


def _counts(row: Access) -> bool:
    """Universal, conditional, denied and unknown reach never meets a need; nor do the client's own tools,
    whose reach is wider than any server that is confined to the need."""
    wide = row.universal or row.transitive or row.server.startswith("builtin:")
    return row.runs and not wide and row.certainty is not Certainty.UNKNOWN


def _cover(profile: Profile, rows: Sequence[Access]) -> Cover:
    atoms = frozenset(atom for index, need in enumerate(profile.needs) for atom in _atoms(index, need))
    meets: dict[str, set[Atom]] = defaultdict(set)
    outside: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        needed: set[str] = set()
        for index, need in enumerate(profile.needs):
            if not _meets(need, row.resource):
                continue
            given = need.actions & row.actions
            needed |= given
            if not need.together:
                meets[row.installation] |= {(index, action) for action in given}
        outside[row.installation] |= {(str(row.resource), action) for action in row.actions - needed}
    for index, need in enumerate(profile.needs):
        if need.together:
            for installation in {row.installation for row in rows}:
                if need.actions <= _given(rows, installation, need):
                    meets[installation].add((index, "*"))
    candidates = {
        name: Candidate(name, frozenset(met), SERVER_PRICE + len(outside[name]))
        for name, met in meets.items()
    }
    return minimum_cover(atoms, candidates)


def _meets(need: Need, resource: Resource) -> bool:
    """Whether a resource overlaps what is needed; for a need of `all`, whether it holds the whole of it."""
    match = need.resource.match(resource)
    if not need.all or match in (Match.NONE, Match.OVERLAPS):
        return match is not Match.NONE
    wanted = tuple(takewhile(lambda part: "*" not in part, need.resource.path))
    kinds = resource.provider == "sql" or resource.kind in ("", need.resource.kind)
    whole = any(path == wanted[: len(path)] for path in (resource.path, *resource.aliases))
    return match is Match.WITHIN and kinds and whole


def _given(rows: Sequence[Access], installation: str, need: Need) -> frozenset[str]:
    own = [row for row in rows if row.installation == installation and _meets(need, row.resource)]
    return frozenset().union(*(row.actions for row in own))


def _atoms(index: int, need: Need) -> list[Atom]:
    return [(index, "*")] if need.together else [(index, action) for action in need.actions]


def _unmet(profile: Profile, cover: Cover) -> tuple[str, ...]:
    by_need: dict[int, list[str]] = defaultdict(list)
    for index, action in sorted(cover.unmet):
        by_need[index].append(action)
    return tuple(
        f"{in_words(need.actions if actions == ['*'] else actions)} {need.resource.text}"
        for need, actions in ((profile.needs[index], actions) for index, actions in by_need.items())
    )


def _unused_by(
    access: AccessGraph, profile: Profile, agent: str, cover: Cover, rows: Sequence[Access]
) -> Iterator[Excess]:
    for installation in _removable(access, agent):
        if installation.id in cover.used or access.manifests[installation.id].source == "none":
            continue
        instead = sorted({name.partition("/")[2] for name in cover.used})
        also_met = any(row.installation == installation.id and _wanted(profile, row) for row in rows)
        reason = f"nothing in the profile `{profile.id}` needs it"
        if also_met:
            better = " and ".join(instead)
            reason = f"what it offers to the profile `{profile.id}` comes at less privilege from {better}"
        edge = _loads(access, installation)
        certainty = weakest(
            certainty_of((edge,)),
            access.manifests[installation.id].certainty,
            Certainty.CERTAIN if cover.proved and not cover.unmet else Certainty.POSSIBLE,
        )
        yield Excess(
            "server",
            "unneeded",
            installation.server.id,
            installation.name,
            (agent,),
            reason,
            certainty,
            (edge,),
            profile.id,
        )


def _wanted(profile: Profile, row: Access) -> bool:
    return any(need.actions & row.actions and need.resource.match(row.resource) for need in profile.needs)


def _removable(access: AccessGraph, agent: str) -> list[Installation]:
    return [
        one
        for _, one in sorted(access.installations.items())
        if one.agent == agent and one.reachable and not one.server.builtin
    ]


def _loads(access: AccessGraph, installation: Installation) -> Edge:
    node = f"installation:{installation.id}"
    return next(
        edge
        for _, edge, _ in access.edges_from(f"agent:{installation.agent}", "loads")
        if edge.target == node
    )


def duplicates(access: AccessGraph) -> list[Excess]:
    """The same server with the same bounds, loaded twice by one agent."""
    facts = []
    for agent in sorted(access.configs):
        seen: dict[tuple[str, ...], Installation] = {}
        for installation in _removable(access, agent):
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
            edges = (_loads(access, first), _loads(access, installation))
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
                )
            )
    return _merge(facts)


def _merge(facts: Sequence[Excess]) -> list[Excess]:
    """The same excess in several agents is one fact that names them."""
    merged: dict[str, Excess] = {}
    for fact in facts:
        same = merged.get(fact.id)
        if same is None:
            merged[fact.id] = fact
        else:
            merged[fact.id] = Excess(
                same.level, same.kind, same.subject, same.name, tuple(sorted({*same.agents, *fact.agents})),
                same.reason, strongest(same.certainty, fact.certainty),
                (*same.witness, *fact.witness), same.profile,
            )  # fmt: skip
    return [merged[key] for key in sorted(merged)]
