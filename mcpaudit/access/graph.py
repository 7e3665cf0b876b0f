"""The resource-access graph: agents, installations, tools, credentials and resources, joined by reasons.

Nodes are `agent:ID`, `installation:ID`, `tool:ID/NAME`, `credential:ID` and `resource:REF`. Every edge
carries an `Edge` with its sentence and place, so that any path through the graph is a witness.
"""

from collections.abc import Iterator
from dataclasses import field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mcpaudit.access.bounds import Bounds, bounds_of
from mcpaudit.access.clones import Clones
from mcpaudit.access.machine import Machine
from mcpaudit.access.paths import Anchors
from mcpaudit.access.reaches import Integrations, LinkUse
from mcpaudit.clients.client import AgentConfig, Collected
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.resolve import Manifests
from mcpaudit.model.access import Edge
from mcpaudit.model.action import EVERYTHING, OBSERVING, Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import MODES, Decision, Mode
from mcpaudit.model.manifest import Manifest, Tool, Touch
from mcpaudit.model.place import Place
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import Installation

if TYPE_CHECKING:
    import networkx as nx

ANY_TOOL = "(any tool)"
"""Stands for the tools of a server whose manifest is not known."""


@dataclass(slots=True)
class AccessGraph:
    """The graph, with the nouns behind its nodes."""

    edges: dict[str, list[tuple[Edge, Actions]]] = field(default_factory=dict)
    """By the node that they leave, in the order in which they were found."""
    configs: dict[str, AgentConfig] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    bounds: dict[str, Bounds] = field(default_factory=dict)
    loaded: dict[str, Edge] = field(default_factory=dict)
    """How each installation that can be reached comes to its agent."""
    tools: dict[str, Tool] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    """The installation of each tool's node."""
    resources: dict[str, Resource] = field(default_factory=dict)
    providers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    credentials: dict[str, list[Credential]] = field(default_factory=dict)
    """By the installation that holds them."""
    decisions: dict[Mode, dict[str, Decision]] = field(default_factory=lambda: {mode: {} for mode in MODES})
    """What clients decide in each mode by the tool's node, each worked out once."""
    shared: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    """One of all decisions that are equal, so that thousands of tools do not hold thousands."""
    links: tuple[LinkUse, ...] = ()
    """The links of `mcpaudit.yaml`, and what each came to."""

    def join(self, edge: Edge, actions: Actions = frozenset(), resource: Resource | None = None) -> None:
        """Add an edge; parallel edges of different reasons are kept."""
        self.edges.setdefault(edge.source, []).append((edge, actions))
        if resource is not None:
            self.resources.setdefault(edge.target, resource)

    def edges_from(self, node: str, kind: str) -> Iterator[tuple[str, Edge, Actions]]:
        """The edges of one kind that leave a node, in a fixed order."""
        found = [
            (edge.target, edge, actions) for edge, actions in self.edges.get(node, ()) if edge.kind == kind
        ]
        if len(found) > 1:
            found.sort(key=lambda row: (row[0], row[1].reason))
        return iter(found)

    def as_networkx(self) -> "nx.MultiDiGraph":
        """The same as a graph of networkx, for any question about paths that is not asked here.

        Nodes carry their `type` and `name`; edges `kind`, `reason`, `place`, `certainty` and `actions`.
        """
        # Imported here: an audit walks the dictionaries.
        import networkx as nx

        graph = nx.MultiDiGraph()
        for edge, actions in chain.from_iterable(self.edges.values()):
            for node in (edge.source, edge.target):
                kind, _, name = node.partition(":")
                graph.add_node(node, type=kind, name=name)
            graph.add_edge(
                edge.source,
                edge.target,
                kind=edge.kind,
                reason=edge.reason,
                place=edge.place,
                certainty=edge.certainty,
                actions=actions,
            )
        return graph


def build(
    collected: Collected, manifests: Manifests, packs: Packs, configuration: Configuration
) -> AccessGraph:
    """Join everything that was collected into one graph."""
    site = collected.site
    machine = Machine(site)
    anchors = Anchors(
        str(site.home) if site.home else "",
        site.folder,
        site.platform,
        machine.link,
    )
    access = AccessGraph()
    for config in collected.agents:
        access.configs[config.agent.id] = config
        for installation in config.installations:
            accounts = configuration.server(installation.server.id).accounts
            bounds = bounds_of(installation, packs, anchors, manifests.provider_ids(installation), accounts)
            access.bounds[installation.id] = bounds
            _add_installation(access, config, installation, manifests, packs, anchors)
    for credential in collected.credentials:
        if credential.holder in access.installations:
            secret = credential.secret
            access.credentials.setdefault(credential.holder, []).append(credential)
            edge = Edge(
                "authenticates-with",
                f"installation:{credential.holder}",
                f"credential:{credential.id}",
                f"it is given a {secret.kind} credential in `{secret.name or 'its URL'}`",
                Certainty.CERTAIN,
                credential.secret.place,
            )
            access.join(edge)
    _add_clones(access, packs, Clones(machine))
    _add_reaches(access, packs, configuration)
    return access


def _add_clones(access: AccessGraph, packs: Packs, clones: Clones) -> None:
    """Reading a work tree reads the repository that it is a clone of."""
    worktrees = [item for item in access.resources.items() if item[1].kind == "worktree"]
    for node, resource in sorted(worktrees, key=lambda item: item[0]):
        for name, found in clones.of(resource):
            target = replace(found, lineage=packs.lineage(found.provider, found.kind))
            reason = f"it is a clone: git's own configuration names {target} as `{name}`"
            edge = Edge("reaches", node, f"resource:{target}", reason, Certainty.POSSIBLE)
            access.join(edge, OBSERVING, target)


def _add_reaches(access: AccessGraph, packs: Packs, configuration: Configuration) -> None:
    """Resources of one provider through which another's can be reached (linked calendars, synced issues)."""
    access.links = tuple(map(LinkUse, configuration.links))
    integrations = Integrations(packs, access.links)
    for node, resource in sorted(access.resources.items(), key=lambda item: item[0]):
        for one in integrations.of(resource):
            target = f"resource:{one.target}"
            if target != node:
                edge = Edge("reaches", node, target, one.reason, one.certainty, one.place)
                access.join(edge, one.actions, one.target)


def _add_installation(
    access: AccessGraph,
    config: AgentConfig,
    installation: Installation,
    manifests: Manifests,
    packs: Packs,
    anchors: Anchors,
) -> None:
    manifest = manifests.of(installation)
    bounds = access.bounds[installation.id]
    access.installations[installation.id] = installation
    access.manifests[installation.id] = manifest
    access.providers[installation.id] = manifests.provider_ids(installation)
    if not installation.reachable:
        return
    node = f"installation:{installation.id}"
    place = None if installation.server.builtin else installation.place
    loads = Edge(
        "loads", f"agent:{config.agent.id}", node, _loads(config, installation), Certainty.CERTAIN, place
    )
    access.join(loads)
    access.loaded[installation.id] = loads
    spots: dict[tuple[str, str], tuple[_Spot, ...]] = {}
    permitted = EVERYTHING
    for limit in bounds.limits:
        # A switch of which it is not sure that it holds takes nothing away.
        if limit.certainty is Certainty.CERTAIN or limit.place is None:
            permitted &= limit.permits
    for tool in manifest.tools or (_any_tool(manifests, installation, bounds),):
        name = f"tool:{installation.id}/{tool.name}"
        access.tools[name] = tool
        access.offered[name] = installation.id
        access.join(Edge("offers", node, name, _offers(installation, manifest, tool), manifest.certainty))
        for touch in tool.touches:
            about = (touch.provider, touch.kind)
            if about not in spots:
                spots[about] = tuple(_spots(*about, installation, bounds, packs, anchors))
            for spot in spots[about]:
                if actions := touch.actions & permitted & spot.permits:
                    evidence = "; ".join(touch.evidence) or "its manifest says so"
                    certainty = weakest(touch.certainty, spot.certainty)
                    edge = Edge("acts-on", name, spot.node, f"{evidence}{spot.says}", certainty, spot.place)
                    access.join(edge, actions, spot.resource)


def _loads(config: AgentConfig, installation: Installation) -> str:
    title = config.agent.title
    if installation.server.builtin:
        return f"{title} brings its own tools"
    once = ", once its user approves it" if installation.assumed else ""
    return f"{title} loads `{installation.name}`{once}"


def _offers(installation: Installation, manifest: Manifest, tool: Tool) -> str:
    if tool.name == ANY_TOOL:
        return f"the tools of `{installation.name}` are not known: {manifest.reason}"
    if manifest.source == "builtin":
        return f"`{tool.name}` is one of them"
    return f"`{installation.name}` offers `{tool.name}`, by {manifest.reason}"


def _any_tool(manifests: Manifests, installation: Installation, bounds: Bounds) -> Tool:
    """An unknown tool may do anything, to the providers that the server is known to work with."""
    matches = manifests.providers(installation)
    touches = tuple(
        Touch(match.provider, "", EVERYTHING, Certainty.UNKNOWN, (match.reason,)) for match in matches
    )
    if any(one.resource.kind == "docker" for one in bounds.of("local")):
        why = ("whatever is handed Docker's socket can use it",)
        touches = (*touches, Touch("local", "docker", EVERYTHING, Certainty.POSSIBLE, why))
    nothing_known = Touch("unknown", "", EVERYTHING, Certainty.UNKNOWN, ("nothing says what it works with",))
    return Tool(ANY_TOOL, touches or (nothing_known,))


class _Spot(NamedTuple):
    """Where what a tool does to one kind of thing ends up here."""

    node: str
    resource: Resource
    says: str
    permits: Actions = EVERYTHING
    certainty: Certainty = Certainty.CERTAIN
    place: Place | None = None


def _spots(
    provider: str, kind: str, installation: Installation, bounds: Bounds, packs: Packs, anchors: Anchors
) -> Iterator[_Spot]:
    """What acting on a kind of a provider's things reaches here, under the entry's bounds."""
    lineage = packs.lineage(provider, kind)
    named = [one for one in bounds.of(provider) if _fits(one.resource, kind, lineage)]
    if installation.server.builtin and provider == "local" and kind == "file" and anchors.project:
        here = anchors.file(".")
        yield _Spot(f"resource:{here}", here, ", here")
    if provider == "sql" and not named:
        named = [one for one in bounds.of("local") if one.resource.kind == "file"]
    for one in named:
        reached = one.resource
        if kind and kind != reached.kind and reached.kind in lineage:
            reached = replace(reached, kind=kind, lineage=lineage)
        yield _Spot(
            f"resource:{reached}", reached, f"; {one.sentence}", one.permits, one.certainty, one.place
        )
    for account in () if named else bounds.accounts_of(provider):
        resource = Resource(provider, account.tenant or _default_tenant(provider), kind, (), lineage)
        said = "; the organisation says which account it signs in to" if account.place else ""
        yield _Spot(f"resource:{resource}", resource, said, place=account.place)


def _fits(resource: Resource, kind: str, lineage: tuple[str, ...]) -> bool:
    return not kind or not resource.kind or resource.kind in (kind, *lineage) or kind in resource.lineage


def _default_tenant(provider: str) -> str:
    return {"local": "host", "web": "internet", "search": "internet"}.get(provider, "?")
