"""Flows: untrusted words in, private data read, and a way out or a change, all within one agent.

The lethal trifecta (Simon Willison, 16 June 2025) and the agents rule of two (Meta, 31 October 2025). In one
session any source can lead to any private data and on to any sink, so three lists are the whole of it, and no
path is enumerated.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from mcpaudit.access.effective import decide_row
from mcpaudit.access.graph import AccessGraph
from mcpaudit.analysis.cut import cheapest_cut
from mcpaudit.analysis.legs import KINDS, Step, Steps, complete, legs_of, steps_of
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.decision import MODES, Verdict
from mcpaudit.model.fact import LEGS, Flow, FlowKind, Leg, LegName, Through


def flows(access: AccessGraph, rows: Sequence[Access]) -> tuple[Flow, ...]:
    """The flows of every agent; the same servers in several agents are one fact."""
    by_agent: dict[str, list[Step]] = defaultdict(list)
    for step in steps_of(rows):
        by_agent[step.row.agent].append(step)
    found = [
        flow for agent in sorted(by_agent) for kind in KINDS for flow in _flows(access, kind, by_agent[agent])
    ]
    return tuple(sorted(_merged(found), key=lambda flow: flow.id))


def _flows(access: AccessGraph, kind: FlowKind, steps: Steps) -> Iterator[Flow]:
    """What the servers complete by themselves; where they do not surely, also with the client's tools."""
    by_server = [step for step in steps if not step.own]
    flow = _flow(access, kind, "servers", by_server, steps)
    if flow is not None:
        yield flow
    if flow is None or flow.certainty is Certainty.UNKNOWN:
        alone = complete(kind, [step for step in steps if step.own and step.row.runs])
        wider = _flow(access, kind, "own tools" if alone else "servers and own tools", steps, steps)
        # Where the client's tools make it no surer, it is the flow that the servers complete already.
        if wider is not None and (flow is None or wider.certainty is not Certainty.UNKNOWN):
            yield wider


def _flow(access: AccessGraph, kind: FlowKind, through: Through, steps: Steps, every: Steps) -> Flow | None:
    legs = legs_of(kind, [step for step in steps if step.row.runs])
    if not all(legs.values()):
        return None
    legs = {leg: sorted(own, key=partial(_rank, kind, leg)) for leg, own in legs.items()}
    best = {leg: own[0] for leg, own in legs.items()}
    sure = {leg: step.sure(kind, leg) or Certainty.UNKNOWN for leg, step in best.items()}
    if strongest(*sure.values()) is Certainty.UNKNOWN:
        return None  # nothing at all is known of these servers, which is a fact of its own
    able = legs_of(kind, steps)
    modes = [
        mode
        for mode in MODES
        # One that runs is enough for each leg, and is mostly among the first.
        if all(any(decide_row(access, one.row, mode).verdict.runs for one in own) for own in able.values())
    ]
    title = access.configs[steps[0].row.agent].agent.title
    sources, private, sinks = (_shown(access, kind, leg, legs[leg]) for leg in LEGS)
    return Flow(
        kind=kind,
        through=through,
        agents=(steps[0].row.agent,),
        modes=tuple(modes),
        sources=sources,
        private=private,
        sinks=sinks,
        cuts=(cheapest_cut(access.installations, title, kind, legs, every),),
        silent=_silent(legs),
        certainty=weakest(*sure.values()),
        witness=tuple(dict.fromkeys(edge for step in best.values() for edge in step.row.witness)),
    )


def _rank(kind: FlowKind, leg: LegName, step: Step) -> tuple[str, bool, str]:
    """The surest first, then what runs without asking."""
    return step.sure(kind, leg) or "", step.row.decision.verdict is not Verdict.ALLOW, step.row.id


def _silent(legs: Mapping[LegName, Steps]) -> bool | None:
    verdicts = [{step.row.decision.verdict for step in own} for own in legs.values()]
    if all(Verdict.ALLOW in own for own in verdicts):
        return True
    return None if all(own & {Verdict.ALLOW, Verdict.UNKNOWN} for own in verdicts) else False


def _shown(access: AccessGraph, kind: FlowKind, leg: LegName, steps: Steps) -> tuple[Leg, ...]:
    """One row for the tools of a server that serve on one resource, named after the surest, the first."""
    groups: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in steps:
        groups[step.row.installation, str(step.row.resource)].append(step)
    return tuple(
        Leg(
            agent=first.row.agent,
            server=first.row.server,
            name=access.installations[installation].name,
            tool=first.row.tool,
            others=len({step.row.tool for step in own} - {first.row.tool}),
            resource=resource,
            actions=first.row.actions,
            verdict=first.row.decision.verdict.value,
            egress=any("egress" in step.played.sure for step in own),
            certainty=first.sure(kind, leg) or Certainty.UNKNOWN,
        )
        for (installation, resource), own in groups.items()
        for first in own[:1]
    )


def _merged(found: Sequence[Flow]) -> Iterator[Flow]:
    """One fact for the same servers; each agent keeps its own cut, since its client decides otherwise."""
    by_id: dict[str, Flow] = {}
    for flow in found:
        same = by_id.get(flow.id)
        if same is None:
            by_id[flow.id] = flow
            continue
        by_id[flow.id] = replace(
            same,
            agents=(*same.agents, *flow.agents),
            modes=tuple(mode for mode in MODES if mode in {*same.modes, *flow.modes}),
            sources=tuple(dict.fromkeys((*same.sources, *flow.sources))),
            private=tuple(dict.fromkeys((*same.private, *flow.private))),
            sinks=tuple(dict.fromkeys((*same.sinks, *flow.sinks))),
            cuts=(*same.cuts, *flow.cuts),
            silent=_either(same.silent, flow.silent),
            certainty=strongest(same.certainty, flow.certainty),
            witness=tuple(dict.fromkeys((*same.witness, *flow.witness))),
        )
    yield from by_id.values()


def _either(a: bool | None, b: bool | None) -> bool | None:
    return True if a or b else None if a is None or b is None else False
