"""Facts as the trees that policies speak of; unknown ones are left out, partial lists end with `UNLISTED`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from mcpaudit.analysis.facts import Facts, ToolFact
from mcpaudit.analysis.launch import listens_everywhere, remote_code
from mcpaudit.knowledge.words import words
from mcpaudit.model.access import Access
from mcpaudit.model.action import CHANGING, in_order
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import MODES, Verdict
from mcpaudit.model.drift import brief
from mcpaudit.model.fact import Conflict
from mcpaudit.model.place import Place
from mcpaudit.model.resource import UNKNOWN, Resource
from mcpaudit.model.server import BUILTIN, Installation
from mcpaudit.policy.expression import UNLISTED, Tree, Value
from mcpaudit.policy.index import Index
from mcpaudit.policy.scope_trees import scope_subjects
from mcpaudit.policy.subject import Subject
from mcpaudit.policy.trees import (
    conflict_tree,
    credential_tree,
    excess_tree,
    flow_tree,
    in_repository,
    is_broad,
    loopback,
    places_of,
    probe_tree,
    resource_tree,
    rule_tree,
    switch_tree,
)


@dataclass(slots=True)
class Subjects:
    """Builds the subjects of each kind, once an audit."""

    facts: Facts
    index: Index = field(init=False)
    _servers: dict[str, Tree] = field(default_factory=dict)
    _shell_tools: frozenset[tuple[str, str]] | None = None
    _resources: dict[Resource, Tree] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index(self.facts)

    def of(self, kind: str) -> Iterator[Subject]:
        """All subjects that a policy `for: KIND` is put to, one by one."""
        makers: dict[str, Callable[[], Iterator[Subject]]] = {
            "agent": self._agents,
            "installation": self._installations,
            "server": self._server_subjects,
            "tool": self._tools,
            "rule": self._rules,
            "switch": self._switches,
            "credential": self._credentials,
            "scope": partial(scope_subjects, self.facts),
            "access": self._accesses,
            "conflict": self._conflicts,
            "flow": self._flows,
            "excess": self._excess,
            "state": self._states,
            "drift": self._drifts,
            "probe": self._probes,
            "gap": self._gaps,
        }
        return makers[kind]()

    def _conflicts(self) -> Iterator[Subject]:
        for fact in self.facts.conflicts:
            places = tuple(dict.fromkeys((*places_of(fact.witness), *self._rules_for(fact))))
            yield Subject(
                fact.id, conflict_tree(fact, self.facts), fact.certainty, fact.agents, places, fact.witness,
                fact,
            )  # fmt: skip

    def _rules_for(self, fact: Conflict) -> Iterator[Place]:
        """The client rules that let the stronger routes run: what a person has to change."""
        tools = {
            (role.agent, role.server, tool)
            for role in fact.roles
            if role.part in ("bypass", "permissive", "route")
            for tool in role.tools
        }
        found = [rule for tool in tools for rule in self.index.rules.get(tool, ())]
        for _, place in sorted(found, key=lambda rule: rule[0]):
            yield place

    def _flows(self) -> Iterator[Subject]:
        for fact in self.facts.flows:
            yield Subject(
                fact.id, flow_tree(fact), fact.certainty, fact.agents, places_of(fact.witness), fact.witness,
                fact,
            )  # fmt: skip

    def _excess(self) -> Iterator[Subject]:
        for fact in self.facts.excess:
            yield Subject(
                fact.id, excess_tree(fact), fact.certainty, fact.agents, places_of(fact.witness),
                fact.witness, fact,
            )  # fmt: skip

    def _accesses(self) -> Iterator[Subject]:
        for row in self.facts.rows:
            # The resource and the tool identify an access across agents and renamed entries.
            identity = f"{row.server} {row.tool} {row.resource}"
            place = self.facts.access.installations[row.installation].place
            rule = row.decision.rule
            own_tool = row.server.startswith(BUILTIN)
            places = (rule.place,) if rule and own_tool else (place, rule.place) if rule else (place,)
            yield Subject(identity, self._access(row), row.certainty, (row.agent,), places, row.witness, row)

    def _states(self) -> Iterator[Subject]:
        for server in self._server_ids():
            installed = self.index.installed[server]
            agents = tuple(dict.fromkeys(one.agent for one in installed))
            places = tuple(one.place for one in installed)
            found = {one: self.facts.access.manifests[one.id] for one in installed}
            kept = {state: manifest for manifest in found.values() for state in manifest.state}
            for state, manifest in kept.items():
                tree: Tree = {
                    "server": server,
                    "name": state.name,
                    "words": list(words(state.name)),
                    "says": state.says,
                    "file": state.spot.file,
                    "line": state.spot.line,
                }
                yield Subject(f"{server} {state.name}", tree, manifest.certainty, agents, places)

    def _drifts(self) -> Iterator[Subject]:
        for one in self.facts.drift:
            installed = [each for each in self.index.installed.get(one.server, []) if each.reachable]
            tree: Tree = {
                "kind": one.kind,
                "server": one.server,
                "name": installed[0].name if installed else one.server,
                "tool": one.tool,
                "before": one.before,
                "after": one.after,
                "says": one.sentence,
            }
            # What it was and is belongs to the identity: accepting one change accepts no later one.
            states = " to ".join(filter(None, (brief(one.before), brief(one.after))))
            identity = " ".join(filter(None, (f"{one.kind}:", one.server, one.tool, states)))
            agents = tuple(dict.fromkeys(each.agent for each in installed))
            yield Subject(identity, tree, Certainty.CERTAIN, agents, tuple(each.place for each in installed))

    def _probes(self) -> Iterator[Subject]:
        for fact in self.facts.probed.facts if self.facts.probed else ():
            agents = tuple(dict.fromkeys(one.agent for one in fact.installed))
            places = tuple(one.place for one in fact.installed)
            identity = f"{fact.probe.server} as {fact.installed[0].name}: {fact.probe.check}"
            yield Subject(identity, probe_tree(fact), Certainty.CERTAIN, agents, places, (), fact)

    def _gaps(self) -> Iterator[Subject]:
        for gap in self.facts.gaps:
            key = gap.place.route[-1] if gap.place.route else ""
            tree = {
                "kind": gap.kind,
                "file": gap.place.file,
                "key": key if isinstance(key, str) else "",
                "client": gap.client,
                "reason": gap.reason,
            }
            identity = f"{gap.kind} {gap.place.file} {'.'.join(map(str, gap.place.route))}"
            yield Subject(
                identity, tree, Certainty.CERTAIN, (gap.client,) if gap.client else (), (gap.place,), (), gap
            )

    def _rules(self) -> Iterator[Subject]:
        for fact in self.facts.rules:
            rule = fact.rule
            identity = f"{rule.effect} {rule.pattern} {rule.level}"
            yield Subject(identity, rule_tree(fact), fact.certainty, (rule.agent,), (rule.place,), (), fact)

    def _switches(self) -> Iterator[Subject]:
        for config in self.facts.collected.agents:
            for one in config.switches:
                tree = switch_tree(one, config.agent, one is config.switch(one.name))
                yield Subject(
                    f"{one.name} = {one.value}", tree, Certainty.CERTAIN, (config.agent.id,), (one.place,),
                    (), one,
                )  # fmt: skip

    def _credentials(self) -> Iterator[Subject]:
        for one in self.facts.credentials:
            server = self._server_of(one.holder)
            tree = self._credential(one)
            identity = f"{server} {one.secret.name or one.secret.kind}"
            yield Subject(identity, tree, Certainty.CERTAIN, one.agents, (one.secret.place,), (), one)

    def _tools(self) -> Iterator[Subject]:
        for fact in self.facts.tools:
            installed = [self.facts.access.installations[one.installation] for one in fact.outcomes]
            agents = tuple(dict.fromkeys(one.agent for one in installed))
            places = tuple(one.place for one in installed if not one.server.builtin)
            mode = MODES.index(self.facts.mode)
            allowing = [rule for one in fact.outcomes if (rule := one.decisions[mode].rule)]
            places += tuple(rule.place for rule in allowing if rule.effect == "allow")
            certainty = Certainty(fact.certainty)
            manifests = [self.facts.access.manifests[one.installation].certainty for one in fact.outcomes]
            if certainty is Certainty.CERTAIN and Certainty.CERTAIN not in manifests:
                certainty = Certainty.POSSIBLE
            identity = f"{fact.server} {fact.tool.name}"
            yield Subject(identity, self._tool(fact), certainty, agents, places, (), fact)

    def _server_subjects(self) -> Iterator[Subject]:
        for server in self._server_ids():
            installed = self.index.installed[server]
            agents = tuple(dict.fromkeys(one.agent for one in installed))
            places = tuple(one.place for one in installed if not one.server.builtin)
            tree = self._server(server)
            yield Subject(server, tree, Certainty.CERTAIN, agents, places, (), installed[0].server)

    def _server_ids(self) -> list[str]:
        return sorted(self.index.installed)

    def _installations(self) -> Iterator[Subject]:
        for _, one in sorted(self.facts.access.installations.items()):
            if not one.server.builtin:
                identity = f"{one.server.id} as {one.name}"
                yield Subject(
                    identity, self._installation(one), Certainty.CERTAIN, (one.agent,), (one.place,), (), one
                )

    def _agents(self) -> Iterator[Subject]:
        for config in self.facts.collected.agents:
            places = tuple(one.place for one in config.installations if not one.server.builtin)
            places += tuple(switch.place for switch in config.switches)
            own = [one for one in config.installations if one.reachable]
            rows = [row for row in self.facts.rows if row.agent == config.agent.id]
            silent = {
                (r.installation, r.tool)
                for r in rows
                if r.decision.verdict == "allow" and r.actions & CHANGING
            }
            unknown = any(not self.facts.access.manifests[one.id].complete for one in own)
            known = all(row.decision.verdict is not Verdict.UNKNOWN for row in rows if row.actions & CHANGING)
            tree: dict[str, Value] = {
                "id": config.agent.id,
                "client": config.agent.client,
                "title": config.agent.title,
                "servers": partial(self._servers_of, own),
                "installed": sum(not one.server.builtin for one in own),
                "switches": [
                    switch_tree(one, config.agent, one is config.switch(one.name)) for one in config.switches
                ],
                "accesses": partial(self._accesses_of, rows, not unknown),
                **({"silent_tools": len(silent)} if known else {}),
            }
            yield Subject(config.agent.id, tree, Certainty.CERTAIN, (config.agent.id,), places)

    def _servers_of(self, installed: Sequence[Installation]) -> Value:
        return [self._server(server) for server in sorted({one.server.id for one in installed})]

    def _tools_of(self, server: str, complete: bool) -> Value:
        known = [self._tool(fact) for fact in self.index.tools.get(server, ())]
        return known if complete else [*known, UNLISTED]

    def _accesses_of(self, rows: Sequence[Access], complete: bool) -> Value:
        known = [_as_known(self._access(row), row) for row in rows]
        return known if complete else [*known, UNLISTED]

    def _server(self, server: str) -> Tree:
        if server not in self._servers:
            self._servers[server] = self._server_tree(server)
        return self._servers[server]

    def _server_tree(self, server: str) -> Tree:
        installed = self.index.installed[server]
        first = installed[0]
        manifest = self.facts.access.manifests[first.id]
        package = first.server.package
        note = self.facts.configuration.server(server)
        reached = [one for one in installed if one.reachable]
        local = loopback(first.server.url)
        return {
            "id": server,
            "name": first.name,
            "transport": first.server.transport,
            "url": first.server.url,
            "builtin": first.server.builtin,
            "package": {
                "ecosystem": package.ecosystem if package else "",
                "name": package.name if package else "",
                "version": package.version if package else "",
                "pinned": all(one.server.package.pinned for one in installed if one.server.package),
            },
            "manifest": {"source": manifest.source, "complete": manifest.complete, "reason": manifest.reason},
            "providers": list(self.facts.access.providers[first.id]),
            "owner": note.owner,
            "purpose": note.purpose,
            "trusted": note.trusted,
            "operations": list(note.operations),
            "agents": list(dict.fromkeys(one.agent for one in reached)),
            "tools": partial(self._tools_of, server, manifest.complete),
            "accesses": partial(self._accesses_of, self.index.rows.get(server, ()), manifest.complete),
            "credentials": [
                self._credential(held) for one in installed for held in self.index.credentials.get(one.id, ())
            ],
            "probes": [probe_tree(fact) for fact in self.index.probes.get(server, ())],
            **({} if local is None else {"local_only": local}),
        }

    def _credential(self, one: Credential) -> Tree:
        tree = credential_tree(one, self.index.sharing[one.secret.group], self.index.servers)
        declared = self.facts.configuration.server(self._server_of(one.holder)).operations
        return {**tree, "refresh": True} if "refresh" in declared else tree

    def _server_of(self, holder: str) -> str:
        """The server of an installation, or the place of the rule that holds a secret."""
        installation = self.facts.access.installations.get(holder)
        return installation.server.id if installation else holder

    def _tool(self, fact: ToolFact) -> Tree:
        mode = MODES.index(self.facts.mode)
        return {
            "name": fact.tool.name,
            "server": fact.server,
            "actions": list(in_order(fact.tool.actions)),
            "labels": list(fact.labels),
            "evidence": [text for touch in fact.tool.touches for text in touch.evidence],
            "certainty": fact.certainty,
            "shell": (fact.server, fact.tool.name) in self._shells(),
            "claims_read_only": fact.tool.hints.read_only,
            "claims_destructive": fact.tool.hints.destructive,
            "hint_mismatch": fact.hint_mismatch,
            "decisions": [
                {
                    "agent": self.facts.access.installations[one.installation].agent,
                    "installation": self.facts.access.installations[one.installation].name,
                    "reason": one.decisions[mode].reason,
                    **_known("verdict", one.decisions[mode].verdict),
                    **_known("without_hints", one.without_hints[mode].verdict),
                }
                for one in fact.outcomes
            ],
        }

    def _shells(self) -> frozenset[tuple[str, str]]:
        """The tools that run any command on this machine, each with its server."""
        if self._shell_tools is None:
            self._shell_tools = frozenset(
                (row.server, row.tool)
                for row in self.facts.rows
                if row.universal
                and not row.transitive
                and row.resource.provider == "local"
                and "execute" in row.actions
            )
        return self._shell_tools

    def _resource(self, row: Access) -> Tree:
        """One tree a resource: its labels are the same wherever it is reached."""
        if row.resource not in self._resources:
            self._resources[row.resource] = resource_tree(row.resource, sorted(row.labels))
        return self._resources[row.resource]

    def _access(self, row: Access) -> Tree:
        return {
            "agent": row.agent,
            "server": row.server,
            "name": self.facts.access.installations[row.installation].name,
            "tool": row.tool,
            "actions": list(in_order(row.actions)),
            "resource": self._resource(row),
            "rule": row.decision.rule.pattern if row.decision.rule else "",
            "certainty": row.certainty.value,
            "transitive": row.transitive,
            "universal": row.universal,
            "conditional": row.conditional,
            **_known("decision", row.decision.verdict),
        }

    def _installation(self, one: Installation) -> Tree:
        bounds = self.facts.access.bounds[one.id]
        site = self.facts.collected.site
        home = tuple(filter(None, str(site.home).split("/"))) if site.home else ()
        broad = [str(named.resource) for named in bounds.named if is_broad(named, home)]
        hidden = any(UNKNOWN in named.resource.path for named in bounds.of("local"))
        listens = listens_everywhere(one)
        return {
            "id": one.id,
            "agent": one.agent,
            "client": one.client,
            "name": one.name,
            "level": one.level,
            "state": one.state,
            "assumed": one.assumed,
            "reachable": one.reachable,
            "shadowed": one.shadowed_by is not None,
            "shadows": [place.file for place in one.shadows],
            "hides_user_server": in_repository(one.place) and any(not in_repository(p) for p in one.shadows),
            "server": self._server(one.server.id),
            "bounds": [resource_tree(named.resource, ()) for named in bounds.named],
            "remote_code": list(remote_code(one)),
            **({} if listens is None else {"listens_everywhere": list(listens)}),
            **({} if hidden and not broad else {"broad_roots": broad}),
        }


def _as_known(tree: Tree, row: Access) -> Tree:
    """A row that only bounds what is not known has every action: in a list it would answer for known ones."""
    if row.certainty is not Certainty.UNKNOWN:
        return tree
    hidden = ("actions", "resource") if row.resource.provider == "unknown" else ("actions",)
    return {name: value for name, value in tree.items() if name not in hidden}


def _known(field: str, verdict: Verdict) -> Tree:
    """A decision as a field that is left out where the client's decision is not known."""
    return {} if verdict is Verdict.UNKNOWN else {field: verdict.value}
