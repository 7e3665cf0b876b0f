"""A profile held against one agent: what meets its needs, what is given beyond them, and the smallest set."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.cover_search import Solver
from mcpaudit.analysis.legs import KINDS, Part, parts_of
from mcpaudit.analysis.minimum_set import minimum_cover
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.action import closure, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Need, Profile
from mcpaudit.model.fact import LEGS, LegName
from mcpaudit.model.minimum import Atom, Candidate, Cover, Privilege
from mcpaudit.model.pattern import Match
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import BUILTIN


@dataclass(frozen=True, slots=True)
class Needed:
    """A profile held against one agent."""

    profile: Profile
    agent: str
    candidates: Mapping[str, Candidate]
    """By installation."""
    cover: Cover
    keep: frozenset[str]
    """The one of the cheapest sets that is advised."""
    unmet: tuple[str, ...]
    """Needs that nothing installed is known to meet, in words."""
    may: frozenset[str]
    """Installations of which it is not known whether they meet what nothing else does."""

    def atoms_in_words(self, atoms: frozenset[Atom]) -> str:
        """What atoms stand for: `read google:**, create slack:**`."""
        return ", ".join(_in_words(self.profile, atoms))


def needed(
    access: AccessGraph, rows: Sequence[Access], profile: Profile, agent: str, solver: Solver | None = None
) -> Needed:
    """The cheapest installations of one agent that meet a profile."""
    own = [row for row in rows if row.agent == agent and row.runs and not row.server.startswith(BUILTIN)]
    candidates = candidates_of(profile, own, lambda row: row.installation, profile.server_price)
    atoms = frozenset(atom for index, need in enumerate(profile.needs) for atom in _atoms(index, need))
    cover = minimum_cover(atoms, candidates, profile.flow_price, solver=solver)
    wide = {row.installation for row in own if row.universal}
    keep = min(cover.sets, key=lambda some: _preference(access, wide, some))
    may = frozenset(row.installation for row in own if _may(profile, cover.unmet, row))
    return Needed(profile, agent, candidates, cover, keep, _in_words(profile, cover.unmet), may)


def _may(profile: Profile, unmet: frozenset[Atom], row: Access) -> bool:
    """Whether unknown reach may be what an unmet need wants."""
    if row.certainty is not Certainty.UNKNOWN or row.universal or row.transitive:
        return False
    stranger = row.resource.provider == "unknown"
    return any(
        (action == "*" or action in row.actions)
        and (stranger or profile.needs[index].resource.match(row.resource) is not Match.NONE)
        for index, action in unmet
    )


def candidates_of(
    profile: Profile, rows: Sequence[Access], owner: Callable[[Access], str], price: int, weight: int = 1
) -> dict[str, Candidate]:
    """What each owner of rows (an installation, or a tool) meets and gives beyond the need."""
    meets: dict[str, set[Atom]] = defaultdict(set)
    outside: dict[str, set[Privilege]] = defaultdict(set)
    legs: dict[str, set[LegName]] = defaultdict(set)
    by_need: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows:
        name = owner(row)
        within: set[str] = set()
        for index, need in enumerate(profile.needs):
            given = need.actions & row.actions
            if not meets_need(need, row.resource):
                continue
            if need.resource.match(row.resource) is not Match.OVERLAPS:
                # Reading lists as well: what a need brings along is not beyond it.
                within |= closure(need.actions) & row.actions
            if given and counts(row):
                by_need[name, index] |= given
        outside[name] |= {(str(row.resource), action) for action in row.actions - within}
        legs[name] |= _legs(row)
    for (name, index), offered in by_need.items():
        need = profile.needs[index]
        if not need.together:
            meets[name] |= {(index, action) for action in offered}
        elif need.actions <= offered:
            meets[name].add((index, "*"))
    return {
        name: Candidate(
            name, frozenset(meets[name]), price, frozenset(outside[name]), weight, frozenset(legs[name])
        )
        for name in sorted(outside)
    }


def counts(row: Access) -> bool:
    """Universal, conditional, denied and unknown reach never meets a need; nor do the client's own tools,
    whose reach is wider than any server that is confined to the need."""
    wide = row.universal or row.transitive or row.server.startswith(BUILTIN)
    return row.runs and not wide and row.certainty is not Certainty.UNKNOWN


def meets_need(need: Need, resource: Resource) -> bool:
    """Whether a resource overlaps what is needed; for a need of `all`, whether it holds the whole of it."""
    match = need.resource.match(resource)
    if not need.all or match in (Match.NONE, Match.OVERLAPS):
        return match is not Match.NONE
    wanted = tuple(takewhile(lambda part: "*" not in part, need.resource.path))
    kinds = resource.provider == "sql" or resource.kind in ("", need.resource.kind)
    whole = any(path == wanted[: len(path)] for path in (resource.path, *resource.aliases))
    return match is Match.WITHIN and kinds and whole


def _legs(row: Access) -> set[LegName]:
    """The legs of a trifecta that an access surely or possibly is."""
    parts: frozenset[Part] = frozenset(
        part for part, sure in parts_of(row).items() if sure is not Certainty.UNKNOWN
    )
    return {leg for leg in LEGS if not parts.isdisjoint(KINDS["trifecta"][leg])}


def _preference(
    access: AccessGraph, wide: set[str], some: frozenset[str]
) -> tuple[int, int, int, tuple[str, ...]]:
    """Of sets that cost the same: no shell or the like, local before remote, fewer secrets, then by name."""
    remote = [name for name in some if access.installations[name].server.transport != "stdio"]
    secrets = sum(len(access.credentials.get(name, ())) for name in some)
    return len(some & wide), len(remote), secrets, tuple(sorted(some))


def _atoms(index: int, need: Need) -> list[Atom]:
    return [(index, "*")] if need.together else [(index, action) for action in need.actions]


def _in_words(profile: Profile, atoms: frozenset[Atom]) -> tuple[str, ...]:
    by_need: dict[int, list[str]] = defaultdict(list)
    for index, action in sorted(atoms):
        by_need[index].append(action)
    return tuple(
        f"{in_words(need.actions if actions == ['*'] else actions)} {need.resource.text}"
        for need, actions in ((profile.needs[index], actions) for index, actions in by_need.items())
    )
