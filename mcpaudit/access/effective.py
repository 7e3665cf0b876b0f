"""Who can do what to which resource: the graph's paths under each client's decisions."""

from collections.abc import Iterable

from mcpaudit.access.graph import AccessGraph, carried_over
from mcpaudit.clients.decisions import asked
from mcpaudit.clients.registry import DECIDES
from mcpaudit.knowledge.builtin import stays_here
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.access import Access, Edge, Witness, certainty_of
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.decision import Decision, Mode, Verdict
from mcpaudit.model.pattern import Match
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import Installation


def decide(access: AccessGraph, installation: Installation, tool_node: str, mode: Mode) -> Decision:
    """What the agent's client does with one tool in one mode."""
    key = (tool_node, mode)
    if key not in access.decisions:
        config = access.configs[installation.agent]
        access.decisions[key] = DECIDES[installation.client](config, installation, access.tools[tool_node], mode)
    return access.decisions[key]


def access_rows(access: AccessGraph, packs: Packs, configuration: Configuration, mode: Mode) -> tuple[Access, ...]:
    """Every access of every agent in one mode, each with its witness, in a fixed order."""
    rows: list[Access] = []
    for agent in sorted(access.configs):
        for _, loads, _ in access.edges_from(f"agent:{agent}", "loads"):
            installation = access.installations[loads.target.removeprefix("installation:")]
            credential = _credential(access, installation)
            for tool_node, offers, _ in access.edges_from(loads.target, "offers"):
                decision = decide(access, installation, tool_node, mode)
                rows += _of_tool(access, packs, configuration, installation, (loads, offers), decision, mode, credential)
    return tuple(sorted(rows, key=lambda row: row.id))


def _credential(access: AccessGraph, installation: Installation) -> str:
    found = access.edges_from(f"installation:{installation.id}", "authenticates-with")
    first = next(found, None)
    return first[0].removeprefix("credential:") if first else ""


def _of_tool(
    access: AccessGraph,
    packs: Packs,
    configuration: Configuration,
    installation: Installation,
    path: Witness,
    decision: Decision,
    mode: Mode,
    credential: str,
) -> Iterable[Access]:
    name = access.tools[path[-1].target].name
    direct: dict[str, tuple[Actions, list[Edge]]] = {}
    for node, edge, actions in access.edges_from(path[-1].target, "acts-on"):
        before, edges = direct.get(node, (frozenset(), []))
        direct[node] = (before | actions, [*edges, edge])
    for node, (actions, edges) in sorted(direct.items()):
        resource = access.resources[node]
        outcome = _here_or_elsewhere(installation, name, resource, decision, mode)
        witness = (*path, min(edges, key=lambda edge: (edge.certainty, edge.reason)))
        yield _row(access, installation, name, actions, resource, packs, configuration, outcome, mode, witness, credential)
        for far, reaches, reach in access.edges_from(node, "reaches"):
            carried = carried_over(actions, reach)
            if carried:
                yield _row(
                    access, installation, name, carried, access.resources[far], packs, configuration, decision, mode,
                    (*witness, reaches), credential,
                )  # fmt: skip


def _here_or_elsewhere(
    installation: Installation, tool: str, resource: Resource, decision: Decision, mode: Mode
) -> Decision:
    """A client's own tool that runs silently in its working directory asks before it leaves it."""
    if decision.verdict is not Verdict.ALLOW or decision.rule is not None or not stays_here(installation.client, tool):
        return decision
    if not installation.server.builtin or resource.kind != "file" or resource.path:
        return decision
    return asked(mode, f"`{tool}` runs silently inside the working directory only", certainty=decision.certainty)


def _row(
    access: AccessGraph,
    installation: Installation,
    tool: str,
    actions: Actions,
    resource: Resource,
    packs: Packs,
    configuration: Configuration,
    decision: Decision,
    mode: Mode,
    witness: Witness,
    credential: str,
) -> Access:
    transitive = witness[-1].kind == "reaches"
    return Access(
        agent=installation.agent,
        installation=installation.id,
        server=installation.server.id,
        tool=tool,
        actions=actions,
        resource=resource,
        labels=labels_of(access, resource, packs, configuration),
        decision=decision,
        mode=mode,
        certainty=weakest(certainty_of(witness), _doubt(decision)),
        witness=witness,
        credential=credential,
        transitive=transitive,
        universal=bool(packs.covers(resource.provider, resource.kind)),
        conditional=transitive and witness[-1].certainty != "certain",
    )


def _doubt(decision: Decision) -> Certainty:
    """A client that may ask or allow lets the call run either way; one that is not known may refuse it."""
    return decision.certainty if decision.verdict is Verdict.UNKNOWN else Certainty.CERTAIN


def labels_of(
    access: AccessGraph, resource: Resource, packs: Packs, configuration: Configuration
) -> frozenset[str]:
    """The labels of a resource: its pack's, and those that `mcpaudit.yaml` gives it."""
    if resource in access.labels:
        return access.labels[resource]
    own = set(packs.labels(resource.provider, resource.kind))
    for note in configuration.resources:
        if note.pattern.match(resource) in (Match.WITHIN, Match.OVERLAPS):
            own.update(note.labels)
    access.labels[resource] = frozenset(own)
    return access.labels[resource]
