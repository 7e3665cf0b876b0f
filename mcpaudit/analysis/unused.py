"""Unused: servers and tools that usage evidence shows no call of, or none in the later half of its window.

Whether such a window is long enough to say anything is for a policy to judge.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.called import Calls
from mcpaudit.analysis.excess import loads, removable
from mcpaudit.analysis.remedies import Remedies
from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access, Edge, certainty_of
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.decision import Verdict
from mcpaudit.model.fact import Excess, Idleness
from mcpaudit.model.remedy import Remedy, joined
from mcpaudit.model.server import Installation
from mcpaudit.model.usage import ToolUse, Usage, Window


@dataclass(frozen=True, slots=True)
class Evidence:
    """What became of the usage evidence of an audit."""

    usage: Usage
    silent: tuple[str, ...]
    """Agents with servers of which no evidence says anything."""
    strangers: tuple[tuple[str, str], ...]
    """Clients and servers that were called and are not installed here."""
    seen: tuple[tuple[str, str, Idleness], ...] = ()
    """For each installation, and for each of its tools where the logs name them: what the evidence says."""


@dataclass(frozen=True, slots=True)
class _Covered:
    """The window in which a call of one installation would have shown."""

    days: tuple[str, ...]
    sessions: int
    certainty: Certainty


def unused(
    access: AccessGraph, rows: Sequence[Access], usage: Usage, project: str, as_of: date
) -> tuple[list[Excess], Evidence]:
    """Servers that are not called; of those that are, tools that are not."""
    calls = Calls.of(usage)
    tools = _callable(rows)
    remedies = Remedies(access, rows)
    found: list[Excess] = []
    silent: list[str] = []
    seen: list[tuple[str, str, Idleness]] = []
    for agent in sorted(access.configs):
        # What awaits approval could not be called; what has no manifest is never called excess.
        loaded = [one for one in removable(access, agent) if one.state == "loaded"]
        covered = {one.id: _covered(one, calls, usage, project, as_of) for one in loaded}
        if loaded and not any(covered.values()):
            silent.append(agent)
        for one in loaded:
            window = covered[one.id]
            if window is not None:
                seen += _seen(access, one, window, calls, tools[one.id], as_of)
            if window is not None and access.manifests[one.id].source != "none":
                idle = _of(access, one, window, calls, tools[one.id], as_of)
                found += (replace(fact, remedies=_remedies(one, fact, remedies)) for fact in idle)
    installed = [one for one in access.installations.values() if not one.server.builtin]
    strangers = tuple(sorted(set(calls.strangers(installed))))
    return _merge(found), Evidence(usage, tuple(silent), strangers, tuple(seen))


def _remedies(one: Installation, fact: Excess, remedies: Remedies) -> tuple[Remedy, ...]:
    """Remove the server, or deny the tool."""
    ways = remedies.taking({one.id: {fact.tool}}) if fact.tool else remedies.removing([one.id])
    return tuple(islice(ways, 1))


def _callable(rows: Iterable[Access]) -> dict[str, dict[str, Actions]]:
    """What each tool of each installation does, where its client may let it run."""
    found: dict[str, dict[str, Actions]] = defaultdict(dict)
    for row in rows:
        if not row.transitive and row.decision.verdict not in (Verdict.DENY, Verdict.HIDDEN):
            own = found[row.installation]
            own[row.tool] = own.get(row.tool, frozenset()) | row.actions
    return found


def _covered(one: Installation, calls: Calls, usage: Usage, project: str, as_of: date) -> _Covered | None:
    windows = list(calls.windows(one, project))
    days, seen = _days(windows, as_of), _days([own for own in windows if own.server], as_of)
    if not days:
        return None
    # It is proved that a call would have shown if the server was there on the first day and on the last.
    whole = bool(seen) and (seen[0], seen[-1]) == (days[0], days[-1])
    doubt = any(part.client in ("", one.client) for part in usage.unread)
    certainty = Certainty.CERTAIN if whole and not doubt else Certainty.POSSIBLE
    sessions = [sum(own.sessions for own in windows if bool(own.server) is named) for named in (True, False)]
    return _Covered(days, max(sessions), certainty)


def _days(windows: Iterable[Window], as_of: date) -> tuple[str, ...]:
    return tuple(sorted({day for own in windows for day in own.days if day <= as_of.isoformat()}))


def _of(
    access: AccessGraph,
    one: Installation,
    window: _Covered,
    calls: Calls,
    tools: dict[str, Actions],
    as_of: date,
) -> Iterator[Excess]:
    uses = list(calls.of_server(one))
    whole = _idleness(uses, window, as_of)
    if _idle(whole):
        does = frozenset().union(*tools.values())
        yield replace(_excess(access, one, window, whole), actions=does)
        return
    if any(not use.tool for use in uses):
        return  # the log does not say which tool was called
    for tool in access.manifests[one.id].tools:
        idleness = _idleness(list(calls.of_tool(one, tool, uses)), window, as_of)
        if tool.name in tools and _idle(idleness):
            fact = _excess(access, one, window, idleness)
            yield replace(fact, level="tool", tool=tool.name, actions=tools[tool.name])


def _seen(
    access: AccessGraph,
    one: Installation,
    window: _Covered,
    calls: Calls,
    tools: Collection[str],
    as_of: date,
) -> Iterator[tuple[str, str, Idleness]]:
    """What the evidence says of a server and of each tool that its client may let run."""
    uses = list(calls.of_server(one))
    yield one.id, "", _idleness(uses, window, as_of)
    if any(not use.tool for use in uses):
        return  # the log does not say which tool was called
    for tool in access.manifests[one.id].tools:
        if tool.name in tools:
            yield one.id, tool.name, _idleness(list(calls.of_tool(one, tool, uses)), window, as_of)


def _idle(found: Idleness) -> bool:
    return 2 * found.idle_days >= found.window_days


def _idleness(uses: Sequence[ToolUse], window: _Covered, as_of: date) -> Idleness:
    first, end = date.fromisoformat(window.days[0]), date.fromisoformat(window.days[-1])
    # A call without a time counts as the latest: it proves no idleness.
    last = max((use.last[:10] or window.days[-1] for use in uses), default="")
    span = (end - first).days + 1
    return Idleness(
        calls=sum(use.calls for use in uses),
        last_used=last,
        first_day=window.days[0],
        last_day=window.days[-1],
        window_days=span,
        active_days=len(window.days),
        sessions=window.sessions,
        idle_days=max(0, min(span, (end - date.fromisoformat(last)).days)) if last else span,
        age_days=(as_of - end).days,
    )


def _excess(access: AccessGraph, one: Installation, window: _Covered, found: Idleness) -> Excess:
    between = f"{found.first_day} to {found.last_day}"
    called = f"last called on {found.last_used}" if found.last_used else "not called once"
    shown = f"{called} in logs from {between}, which have records of {found.active_days} days"
    edge = loads(access, one)
    proof = Edge("calls", edge.target, f"server:{one.server.id}", shown, window.certainty)
    certainty = weakest(certainty_of((edge, proof)), access.manifests[one.id].certainty)
    return Excess(
        level="server",
        kind="unused",
        subject=one.server.id,
        name=one.name,
        agents=(one.agent,),
        reason=f"{called} in logs from {between}",
        certainty=certainty,
        witness=(edge, proof),
        idleness=found,
    )


def _merge(found: Iterable[Excess]) -> list[Excess]:
    """The same in several agents is one fact that names them, with the shortest of their idle times."""
    merged: dict[str, Excess] = {}
    for fact in found:
        same = merged.get(fact.id)
        if same is None:
            merged[fact.id] = fact
            continue
        least = min(same, fact, key=_rank)
        merged[fact.id] = replace(
            least,
            name=", ".join(sorted({*same.name.split(", "), fact.name})),
            agents=tuple(sorted({*same.agents, *fact.agents})),
            certainty=weakest(same.certainty, fact.certainty),
            witness=(*same.witness, *fact.witness),
            remedies=joined(same.remedies, fact.remedies),
        )
    return [merged[key] for key in sorted(merged)]


def _rank(fact: Excess) -> tuple[int, str]:
    return fact.idleness.idle_days if fact.idleness else 0, fact.agents[0]
