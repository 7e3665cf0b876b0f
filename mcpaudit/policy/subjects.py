"""Facts as the trees that policies speak of; unknown ones are left out, partial lists end with `UNLISTED`."""

from collections.abc import Callable, Iterator
from dataclasses import field
from functools import partial

from mcpaudit.analysis.facts import Facts
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import CHANGING
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import MODES, Verdict
from mcpaudit.model.drift import brief
from mcpaudit.model.fact import Conflict
from mcpaudit.model.place import Place
from mcpaudit.model.server import BUILTIN
from mcpaudit.policy.expression import Tree, Value
from mcpaudit.policy.index import Index
from mcpaudit.policy.linked_trees import LinkedTrees
from mcpaudit.policy.review_trees import review_subjects
from mcpaudit.policy.scope_trees import scope_subjects
from mcpaudit.policy.subject import Subject
from mcpaudit.policy.trees import (
    conflict_tree,
    excess_tree,
    flow_tree,
    in_repository,
    places_of,
    probe_tree,
    rule_tree,
    switch_tree,
)


@dataclass(slots=True)
class Subjects:
    """Builds the subjects of each kind, once an audit."""

    facts: Facts
    trees: LinkedTrees = field(init=False)

    def __post_init__(self) -> None:
        self.trees = LinkedTrees(self.facts, Index(self.facts))

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
            "file": self._files,
            "gap": self._gaps,
            "review": partial(review_subjects, self.facts),
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
        found = [rule for tool in tools for rule in self.trees.index.rules.get(tool, ())]
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
            yield Subject(
                identity, self.trees.access(row), row.certainty, (row.agent,), places, row.witness, row
            )

    def _states(self) -> Iterator[Subject]:
        for server in self._server_ids():
            installed = self.trees.index.installed[server]
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
            installed = [each for each in self.trees.index.installed.get(one.server, []) if each.reachable]
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

    def _files(self) -> Iterator[Subject]:
        for name, document in sorted(self.facts.collected.documents.items()):
            place = Place(name, ())
            installed = self.facts.access.installations.values()
            read_by = {one.agent for one in installed if one.place.file == name}
            read_by |= {fact.rule.agent for fact in self.facts.rules if fact.rule.place.file == name}
            tree: Tree = {
                "name": name,
                "in_repository": in_repository(place),
                "anyone_writes": document.anyone_writes,
            }
            yield Subject(name, tree, Certainty.CERTAIN, tuple(sorted(read_by)), (place,))

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
            server = self.trees.server_of(one.holder)
            tree = self.trees.credential(one)
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
            yield Subject(identity, self.trees.tool(fact), certainty, agents, places, (), fact)

    def _server_subjects(self) -> Iterator[Subject]:
        for server in self._server_ids():
            installed = self.trees.index.installed[server]
            agents = tuple(dict.fromkeys(one.agent for one in installed))
            places = tuple(one.place for one in installed if not one.server.builtin)
            tree = self.trees.server(server)
            yield Subject(server, tree, Certainty.CERTAIN, agents, places, (), installed[0].server)

    def _server_ids(self) -> list[str]:
        return sorted(self.trees.index.installed)

    def _installations(self) -> Iterator[Subject]:
        for _, one in sorted(self.facts.access.installations.items()):
            if not one.server.builtin:
                identity = f"{one.server.id} as {one.name}"
                yield Subject(
                    identity,
                    self.trees.installation(one),
                    Certainty.CERTAIN,
                    (one.agent,),
                    (one.place,),
                    (),
                    one,
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
                "servers": partial(self.trees.servers, own),
                "installed": sum(not one.server.builtin for one in own),
                "switches": [
                    switch_tree(one, config.agent, one is config.switch(one.name)) for one in config.switches
                ],
                "accesses": partial(self.trees.accesses, rows, not unknown),
                **({"silent_tools": len(silent)} if known else {}),
            }
            yield Subject(config.agent.id, tree, Certainty.CERTAIN, (config.agent.id,), places)
