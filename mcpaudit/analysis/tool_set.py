"""Which tools of the servers that stay the need does not use, and which give more than it takes.

What a tool touches is known by resource and action only: of two that read one database, one may run any query
and the other explain one. So no tool that meets the need is advised against; the exact optimum tells which of
them give more than others that do the same on the same resource.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.access.graph import ANY_TOOL
from mcpaudit.analysis.minimum_set import minimum_cover
from mcpaudit.analysis.needs import Needed, candidates_of, counts, meets_need
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.fact import LEGS, LegName
from mcpaudit.model.minimum import Atom, Candidate, Privilege


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of the kept servers by `INSTALLATION/TOOL`, told apart."""

    spare: dict[str, frozenset[Privilege]]
    """What the need does not use, with what it gives that the narrowest set of tools does not give."""
    wider: dict[str, frozenset[Privilege]]
    """What meets the need, but gives more than others that would do."""
    idle: frozenset[str]
    """What meets no need, but gives nothing more either."""
    unknown: frozenset[str]
    """What may do anything."""
    outside: frozenset[Privilege]
    """What is given outside the need once the spare ones are denied."""
    legs: frozenset[LegName]
    """The legs of a flow that are left then."""


def tools_of(held: Needed, rows: Sequence[Access]) -> Tools:
    """Tell the tools of the servers that stay apart."""
    own = [row for row in rows if row.installation in held.keep and row.runs and row.tool != ANY_TOOL]
    unknown = {tool_id(row) for row in own if row.certainty is Certainty.UNKNOWN}
    known = [row for row in own if tool_id(row) not in unknown]
    tools = _candidates(held, known)
    wanted: frozenset[Atom] = frozenset().union(*(one.meets for one in tools.values()))
    dear = len(tools) + 1
    cover = minimum_cover(wanted, tools, held.profile.flow_price * dear)
    chosen = [tools[name] for name in cover.sets[0]]
    least: frozenset[Privilege] = frozenset().union(*(one.outside for one in chosen))
    legs: frozenset[LegName] = frozenset().union(*(one.legs for one in chosen))
    free = legs if legs < set(LEGS) else frozenset(LEGS)
    more = {
        name: one.outside - least
        for name, one in tools.items()
        if name not in cover.sets[0] and not (one.outside <= least and one.legs <= free)
    }
    spare = {name: given for name, given in more.items() if not tools[name].meets}
    left = [one for name, one in tools.items() if name not in spare]
    return Tools(
        spare=spare,
        wider={name: given for name, given in more.items() if tools[name].meets and given},
        idle=frozenset(one.id for one in left if not one.meets),
        unknown=frozenset(unknown),
        outside=frozenset().union(*(one.outside for one in left)),
        legs=frozenset().union(*(one.legs for one in left)),
    )


def tool_id(row: Access) -> str:
    """A tool of one installation."""
    return f"{row.installation}/{row.tool}"


def _candidates(held: Needed, rows: Sequence[Access]) -> dict[str, Candidate]:
    """Tools as candidates, of which each meets a need on the very resource that it touches.

    A price of 1 beside privileges that cost more than all tools together: first the least privilege, then the
    fewest tools.
    """
    meets: dict[str, set[Atom]] = defaultdict(set)
    for row in rows:
        for index, need in enumerate(held.profile.needs):
            if counts(row) and meets_need(need, row.resource):
                given = need.actions & row.actions
                meets[tool_id(row)] |= {(index, f"{action} {row.resource}") for action in given}
    dear = len({tool_id(row) for row in rows}) + 1
    found = candidates_of(held.profile, rows, tool_id, 1, dear)
    return {name: replace(one, meets=frozenset(meets[name])) for name, one in found.items()}
