"""The trees of servers, tools and access, which hold one another; each server's is built once."""

from collections.abc import Sequence
from dataclasses import field
from functools import partial

from mcpaudit.analysis.facts import Facts, ToolFact
from mcpaudit.analysis.launch import listens_everywhere, remote_code
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.look_alike import resembles
from mcpaudit.model.access import Access
from mcpaudit.model.action import in_order
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import MODES, Verdict
from mcpaudit.model.resource import UNKNOWN
from mcpaudit.model.server import Installation
from mcpaudit.policy.expression import UNLISTED, Shared, Tree, Value
from mcpaudit.policy.index import Index
from mcpaudit.policy.trees import (
    credential_tree,
    in_repository,
    is_broad,
    loopback,
    probe_tree,
    recorded,
    resource_tree,
)


@dataclass(slots=True)
class LinkedTrees:
    """Builds what subjects of several kinds have in common."""

    facts: Facts
    index: Index
    _servers: dict[str, Tree] = field(default_factory=dict)
    _shell_tools: frozenset[tuple[str, str]] | None = None
    _resources: dict[int, Tree] = field(default_factory=dict)
    """By the resource's own identity: accesses share it, and live as long as the facts."""
    _rows: dict[int, Tree] = field(default_factory=dict)
    """The same of accesses: each is a subject and stands in its server's list."""

    def servers(self, installed: Sequence[Installation]) -> Value:
        """Servers as a list, each once."""
        return [self.server(server) for server in sorted({one.server.id for one in installed})]

    def _tools_of(self, server: str, complete: bool) -> Value:
        known = [self.tool(fact) for fact in self.index.tools.get(server, ())]
        return known if complete else [*known, UNLISTED]

    def accesses(self, rows: Sequence[Access], complete: bool) -> Value:
        """Access as a list, which ends with `UNLISTED` where there may be more."""
        known = [_as_known(self.access(row), row) for row in rows]
        return known if complete else [*known, UNLISTED]

    def server(self, server: str) -> Tree:
        """One server, with its tools, access and credentials; built once."""
        if server not in self._servers:
            self._servers[server] = Shared(self._server_tree(server))
        return self._servers[server]

    def _server_tree(self, server: str) -> Tree:
        installed = self.index.installed[server]
        first = installed[0]
        manifest = self.facts.access.manifests[first.id]
        package = first.server.package
        note = self.facts.configuration.server(server)
        reached = [one for one in installed if one.reachable]
        local, log = loopback(first.server.url), recorded(reached or installed)
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
                "resembles": resembles(server),
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
            "accesses": partial(self.accesses, self.index.rows.get(server, ()), manifest.complete),
            "credentials": [
                self.credential(held) for one in installed for held in self.index.credentials.get(one.id, ())
            ],
            "probes": [probe_tree(fact) for fact in self.index.probes.get(server, ())],
            **({} if local is None else {"local_only": local}),
            **({} if log is None else {"recorded": log}),
        }

    def credential(self, one: Credential) -> Tree:
        """A credential, with what the configuration declares of its server."""
        tree = credential_tree(one, self.index.sharing[one.secret.group], self.index.servers)
        declared = self.facts.configuration.server(self.server_of(one.holder)).operations
        return {**tree, "refresh": True} if "refresh" in declared else tree

    def server_of(self, holder: str) -> str:
        """The server of an installation, or the place of the rule that holds a secret."""
        installation = self.facts.access.installations.get(holder)
        return installation.server.id if installation else holder

    def tool(self, fact: ToolFact) -> Tree:
        """A tool, with what each agent's client decides."""
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
        found = self._resources.get(id(row.resource))
        if found is None:
            found = Shared(resource_tree(row.resource, sorted(row.labels)))
            self._resources[id(row.resource)] = found
        return found

    def access(self, row: Access) -> Tree:
        """What an agent may do to a resource through a tool."""
        found = self._rows.get(id(row))
        if found is None:
            found = self._rows[id(row)] = self._row(row)
        return found

    def _row(self, row: Access) -> Tree:
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

    def installation(self, one: Installation) -> Tree:
        """A server as one agent has it."""
        bounds = self.facts.access.bounds[one.id]
        site = self.facts.collected.site
        home = tuple(filter(None, str(site.home).split("/"))) if site.home else ()
        broad = [str(named.resource) for named in bounds.named if is_broad(named, home)]
        hidden = any(UNKNOWN in named.resource.path for named in bounds.of("local"))
        listens, log = listens_everywhere(one), recorded([one])
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
            "server": self.server(one.server.id),
            "bounds": [resource_tree(named.resource, ()) for named in bounds.named],
            "remote_code": list(remote_code(one)),
            **({} if listens is None else {"listens_everywhere": list(listens)}),
            **({} if log is None else {"recorded": log}),
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
