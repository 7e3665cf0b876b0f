"""Beyond the need: tools of kept servers that a profile does not use, and roots wider than it takes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile

from mcpaudit.access.bounds import Reachable
from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.deny import deny_place, deny_rule
from mcpaudit.analysis.excess import loads, merged
from mcpaudit.analysis.needs import Needed
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.analysis.tool_set import tool_id, tools_of
from mcpaudit.model.access import Access, Edge, certainty_of
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.configuration import Need
from mcpaudit.model.fact import Excess
from mcpaudit.model.pattern import Match
from mcpaudit.model.remedy import listed
from mcpaudit.model.resource import FILES, UNKNOWN, Resource
from mcpaudit.model.server import Installation

Path = tuple[str, ...]


def beyond(access: AccessGraph, rows: Sequence[Access], held: Sequence[Needed]) -> list[Excess]:
    """What the servers that a profile keeps give beyond it, tool by tool and root by root."""
    own: dict[str, list[Access]] = defaultdict(list)
    for row in rows:
        if row.runs and not row.transitive:
            own[row.installation].append(row)
    facts: list[Excess] = []
    remedies = Remedies(access, rows)
    for needed in held:
        facts += _tools(access, rows, needed, remedies)
        for name in sorted(needed.keep):
            facts += _roots(access, own[name], access.installations[name], needed, remedies)
    return merged(facts)


def _tools(
    access: AccessGraph, rows: Sequence[Access], needed: Needed, remedies: Remedies
) -> Iterator[Excess]:
    spare = tools_of(needed, rows).spare
    by_tool: dict[str, list[Access]] = defaultdict(list)
    for row in rows:
        if row.installation in needed.keep and tool_id(row) in spare:
            by_tool[tool_id(row)].append(row)
    for _, found in sorted(by_tool.items()):
        one, tool = access.installations[found[0].installation], found[0].tool
        actions: Actions = frozenset().union(*(row.actions for row in found))
        rule, where = deny_rule(access, one, tool), deny_place(one)
        yield replace(
            _fact(access, one, needed),
            level="tool",
            tool=tool,
            actions=actions,
            reason=f"nothing in the profile `{needed.profile.id}` needs it",
            certainty=weakest(*(row.certainty for row in found), _sure(needed)),
            witness=found[0].witness,
            setting=f"`{rule}` in {where}" if rule else "",
            remedies=tuple(islice(remedies.taking({one.id: {tool}}), 1)),
        )


def _roots(
    access: AccessGraph, rows: Sequence[Access], one: Installation, needed: Needed, remedies: Remedies
) -> Iterator[Excess]:
    """The named roots and databases of which the needs take nothing, or parts that can be named instead."""
    profile = needed.profile
    roots = [
        named
        for named in access.bounds[one.id].named
        if _narrows(named.resource) and any(_about(row.resource, named.resource) for row in rows)
    ]
    takes = {
        named: [need for need in profile.needs if need.resource.match(named.resource) is not Match.NONE]
        for named in roots
    }
    for named, needs in takes.items():
        parts = [_part(need, named.resource) for need in needs]
        shown = sorted({part for part in parts if part})
        if None in parts or not (parts or any(takes.values())):
            continue
        much = (
            f"no more of {named.resource} than {' and '.join(shown)}"
            if shown
            else f"nothing of {named.resource}"
        )
        yield replace(
            _fact(access, one, needed),
            level="path",
            path=str(named.resource),
            instead=", ".join(shown),
            reason=f"the profile `{profile.id}` takes {much}",
            certainty=weakest(named.certainty, _sure(needed)),
            witness=(loads(access, one), _names(one, named)),
            remedies=(remedies.changing("narrow", {one.id: _narrowed(one, named.resource, shown)}),),
        )


def _narrowed(one: Installation, resource: Resource, parts: Sequence[str]) -> str:
    return (
        f"narrow {resource} of `{one.name}` to {listed(parts)}"
        if parts
        else f"take {resource} from `{one.name}`"
    )


def _narrows(resource: Resource) -> bool:
    """Whether an entry can name a part in its place: a folder, or of a database server one database."""
    if resource.provider == "sql":
        return not resource.path
    return resource.provider == "local" and resource.kind in FILES and UNKNOWN not in resource.path


def _about(reached: Resource, named: Resource) -> bool:
    return (reached.provider, reached.tenant, reached.path) == (named.provider, named.tenant, named.path)


def _part(need: Need, resource: Resource) -> str | None:
    """The folder or database inside a resource that holds all that a need takes of it, if there is one."""
    wanted: Path = tuple(takewhile(lambda part: "*" not in part, need.resource.path))
    for path in (resource.path, *resource.aliases):
        if len(wanted) > len(path) and wanted[: len(path)] == path:
            inner = wanted[:1] if resource.provider == "sql" else wanted
            return str(replace(resource, path=inner, aliases=()))
    return None


def _fact(access: AccessGraph, one: Installation, needed: Needed) -> Excess:
    edge = loads(access, one)
    return Excess(
        level="server",
        kind="unneeded",
        subject=one.server.id,
        name=one.name,
        agents=(one.agent,),
        reason="",
        certainty=certainty_of((edge,)),
        witness=(edge,),
        profile=needed.profile.id,
    )


def _names(one: Installation, named: Reachable) -> Edge:
    target = f"resource:{named.resource}"
    return Edge("restricts", f"installation:{one.id}", target, named.sentence, named.certainty, named.place)


def _sure(needed: Needed) -> Certainty:
    """Whether another set would keep other servers, of which other tools would be spare."""
    cover = needed.cover
    whole = cover.proved and cover.all_ties and len(cover.sets) == 1 and not cover.unmet
    return Certainty.CERTAIN if whole else Certainty.POSSIBLE
