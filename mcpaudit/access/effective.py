"""Who can do what to which resource: the graph's paths under each client's decisions."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple

from mcpaudit.access.graph import AccessGraph
from mcpaudit.access.reaches import carried_over
from mcpaudit.clients.decisions import asked
from mcpaudit.clients.outcome import outcome
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.access import Access, Edge, Witness, certainty_of
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.decision import Decision, Mode, Verdict
from mcpaudit.model.pattern import Match
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import Installation

_OUTCOMES = {
    Verdict.ALLOW: "runs without asking",
    Verdict.ASK: "asks first",
    Verdict.UNKNOWN: "may run",
    Verdict.DENY: "is denied",
    Verdict.HIDDEN: "is hidden",
}


def decide(access: AccessGraph, installation: Installation, tool_node: str, mode: Mode) -> Decision:
    """What the agent's client does with one tool in one mode."""
    decided = access.decisions[mode]
    found = decided.get(tool_node)
    if found is None:
        found = outcome(access.configs[installation.agent], installation, access.tools[tool_node], mode)
        found = decided[tool_node] = access.shared.setdefault(_alike(found), found)
    return found


def _alike(one: Decision) -> tuple[object, ...]:
    """What makes two decisions one; by the identity of rules and places, which the one that is kept keeps."""
    beats = tuple(map(id, one.beats))
    return one.verdict, one.reason, id(one.rule), one.certainty, beats, id(one.stated), one.here


def decide_row(access: AccessGraph, row: Access, mode: Mode) -> Decision:
    """What the agent's client does with one access in another mode than the audited one."""
    installation = access.installations[row.installation]
    decision = decide(access, installation, row.witness[1].target, mode)
    return _here_or_elsewhere(installation, row.tool, row.resource, decision, mode)


def access_rows(
    access: AccessGraph, packs: Packs, configuration: Configuration, mode: Mode
) -> tuple[Access, ...]:
    """Every access of every agent in one mode, each with its witness, in a fixed order."""
    walk = _Walk(access, packs, configuration, mode)
    rows = [row for agent in sorted(access.configs) for row in walk.agent(agent)]
    return tuple(sorted(rows, key=lambda row: row.id))


class _Reached(NamedTuple):
    """What is known of a resource wherever it is reached."""

    resource: Resource
    labels: frozenset[str]
    universal: bool


@dataclass(slots=True)
class _Walk:
    """One walk over the graph, from the agents to the resources."""

    access: AccessGraph
    packs: Packs
    configuration: Configuration
    mode: Mode
    known: dict[str, _Reached] = field(default_factory=dict)
    """Resources by their nodes."""
    credentials: dict[str, str] = field(default_factory=dict)

    def agent(self, agent: str) -> Iterator[Access]:
        for _, loads, _ in self.access.edges_from(f"agent:{agent}", "loads"):
            installation = self.access.installations[loads.target.removeprefix("installation:")]
            for _, offers, _ in self.access.edges_from(loads.target, "offers"):
                yield from self.tool(installation, loads, offers)

    def tool(self, installation: Installation, loads: Edge, offers: Edge) -> Iterator[Access]:
        decision = decide(self.access, installation, offers.target, self.mode)
        reached: dict[tuple[str, Certainty], tuple[Actions, list[Edge]]] = {}
        for node, edge, actions in self.access.edges_from(offers.target, "acts-on"):
            before, edges = reached.get((node, edge.certainty), (frozenset(), []))
            reached[node, edge.certainty] = (before | actions, [*edges, edge])
        # What is only possible must not pass for certain beside what is, nor be said twice.
        said: dict[tuple[str, str], Actions] = defaultdict(frozenset)
        tool = self.access.tools[offers.target].name
        decides = _decides(loads.source, offers.target, tool, decision)
        for (node, _), (every, edges) in sorted(reached.items()):
            decided = _here_or_elsewhere(installation, tool, self.access.resources[node], decision, self.mode)
            acts = min(edges, key=lambda edge: edge.reason)
            here = decides if decided is decision else _decides(loads.source, offers.target, tool, decided)
            path = (loads, offers, here, acts)
            if actions := every - said[node, ""]:
                said[node, ""] |= actions
                yield self.row(installation, tool, actions, node, decided, path)
            for far, reaches, reach in self.access.edges_from(node, "reaches"):
                if carried := carried_over(every, reach) - said[node, far]:
                    said[node, far] |= carried
                    yield self.row(installation, tool, carried, far, decided, (*path, reaches))

    def row(
        self,
        installation: Installation,
        tool: str,
        actions: Actions,
        node: str,
        decision: Decision,
        path: Witness,
    ) -> Access:
        reached = self.known.get(node) or self.reached(node)
        transitive = path[-1].kind == "reaches"
        return Access(
            agent=installation.agent,
            installation=installation.id,
            server=installation.server.id,
            tool=tool,
            actions=actions,
            resource=reached.resource,
            labels=reached.labels,
            decision=decision,
            mode=self.mode,
            certainty=certainty_of(path),
            witness=path,
            credential=self.credential_of(installation.id),
            transitive=transitive,
            universal=reached.universal,
            conditional=transitive and path[-1].certainty is not Certainty.CERTAIN,
        )

    def credential_of(self, installation: str) -> str:
        """The first credential that an installation is given; empty where it is given none."""
        if installation not in self.credentials:
            held = next(self.access.edges_from(f"installation:{installation}", "authenticates-with"), None)
            self.credentials[installation] = held[0].removeprefix("credential:") if held else ""
        return self.credentials[installation]

    def reached(self, node: str) -> _Reached:
        """What stands behind a node, with its labels: its pack's, and those that `mcpaudit.yaml` gives it."""
        resource = self.access.resources[node]
        own = set(self.packs.labels(resource.provider, resource.kind))
        for note in self.configuration.resources:
            if note.pattern.match(resource) in (Match.WITHIN, Match.OVERLAPS):
                own.update(note.labels)
        universal = bool(self.packs.covers(resource.provider, resource.kind))
        found = self.known[node] = _Reached(resource, frozenset(own), universal)
        return found


def _decides(agent: str, node: str, tool: str, decision: Decision) -> Edge:
    """The client's part of the path; a client that may ask or allow lets the call run either way."""
    doubt = decision.certainty if decision.verdict is Verdict.UNKNOWN else Certainty.CERTAIN
    stated = decision.rule.place if decision.rule else decision.stated
    reason = f"`{tool}` {_OUTCOMES[decision.verdict]}: {decision.reason}"
    return Edge("decides", agent, node, reason, doubt, stated)


def _here_or_elsewhere(
    installation: Installation, tool: str, resource: Resource, decision: Decision, mode: Mode
) -> Decision:
    """A client's own tool that runs silently in its working directory asks before it leaves it."""
    if not decision.here or resource.kind != "file" or resource.path or not installation.server.builtin:
        return decision
    return asked(
        mode, f"`{tool}` runs silently inside the working directory only", certainty=decision.certainty
    )
