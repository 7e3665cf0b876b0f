"""Single facts as the trees that policies speak of."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from mcpaudit.access.bounds import Reachable
from mcpaudit.analysis.facts import Facts
from mcpaudit.model.access import Edge
from mcpaudit.model.action import in_order
from mcpaudit.model.configuration import ServerNote
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import Rule
from mcpaudit.model.fact import Conflict, Excess, Role
from mcpaudit.model.place import Place
from mcpaudit.model.resource import Resource
from mcpaudit.policy.expression import Tree, Value


def server_note(server: str, notes: Sequence[ServerNote]) -> ServerNote:
    """What `mcpaudit.yaml` says of a server; the first entry whose identity matches."""
    for note in notes:
        if note.identity == server or fnmatchcase(server, note.identity):
            return note
    return ServerNote(server)


def places_of(witness: Sequence[Edge]) -> tuple[Place, ...]:
    """The places that a witness names, each once."""
    return tuple(dict.fromkeys(edge.place for edge in witness if edge.place is not None and edge.place.route))


def in_repository(place: Place) -> bool:
    """Whether a place belongs to the audited project."""
    return not place.file.startswith(("~", "/", "C:"))


def loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def is_broad(named: Reachable, home: tuple[str, ...]) -> bool:
    """The whole disk, a home folder, or a folder that holds home folders."""
    path = named.resource.path
    if named.resource.provider != "local" or named.resource.kind != "file" or not named.resource.tenant == "host":
        return False
    parents = {(), ("home",), ("Users",), ("C:",), ("C:", "Users"), ("c:",), ("c:", "users"), ("mnt", "c"), ("root",)}
    return path in parents or path == home or (len(path) == 2 and path[0] in ("home", "Users"))


def resource_tree(resource: Resource, labels: Sequence[str]) -> Tree:
    """One resource as policies see it."""
    return {
        "id": str(resource),
        "provider": resource.provider,
        "tenant": resource.tenant,
        "kind": resource.kind,
        "kinds": [resource.kind, *resource.lineage],
        "path": list(resource.aliases[-1] if resource.aliases else resource.path),
        "labels": list(labels),
    }


def conflict_tree(fact: Conflict, facts: Facts) -> Tree:
    """One conflict as policies see it."""
    resource = next((row.resource for row in facts.rows if str(row.resource) == fact.resource), None)
    parts = fact.resource.partition(":")
    shown = (
        resource_tree(resource, fact.labels)
        if resource is not None
        else {
            **resource_tree(Resource(parts[0], *parts[2].split("/")[:2]), fact.labels),
            "id": fact.resource,
        }
    )
    tree: dict[str, Value] = {
        "kind": fact.kind,
        "agents": list(fact.agents),
        "resource": shown,
        "resources": list(fact.resources or (fact.resource,)),
        "servers": list(fact.servers),
        "roles": [_role(role) for role in fact.roles],
        "limits": [role.sentence for role in fact.roles if role.part == "restricted"],
        "certainty": fact.certainty.value,
        "transitive": fact.transitive,
        "silent": fact.silent,
        "builtin": any(
            role.server.startswith("builtin:") for role in fact.roles if role.part not in ("restricted", "loser")
        ),
    }
    for role in fact.roles:
        if role.part in ("restricted", "bypass"):
            tree.setdefault(role.part, _role(role))
    return tree


def _role(role: Role) -> Tree:
    return {
        "part": role.part,
        "agent": role.agent,
        "server": role.server,
        "name": role.name,
        "tools": list(role.tools),
        "actions": list(in_order(role.actions)),
        "verdict": role.verdict,
        "says": role.sentence,
        "how": role.how,
    }


def excess_tree(fact: Excess) -> Tree:
    """One excess as policies see it."""
    return {
        "level": fact.level,
        "kind": fact.kind,
        "subject": fact.subject,
        "name": fact.name,
        "agents": list(fact.agents),
        "profile": fact.profile,
        "reason": fact.reason,
        "certainty": fact.certainty.value,
    }


def rule_tree(rule: Rule) -> Tree:
    """One client rule as policies see it."""
    return {
        "agent": rule.agent,
        "effect": rule.effect,
        "pattern": rule.pattern,
        "level": rule.level,
        "subject": rule.subject,
        "problem": rule.problem,
    }


def credential_tree(one: Credential, all_of_them: Sequence[Credential]) -> Tree:
    """One credential as policies see it; what files do not tell is left out."""
    secret = one.secret
    same = {other.holder for other in all_of_them if other.secret.group == secret.group} - {one.holder}
    tree: dict[str, Value] = {
        "holder": one.holder,
        "name": secret.name,
        "provider": secret.provider,
        "kind": secret.kind,
        "literal": secret.literal,
        "in_repository": in_repository(secret.place),
        "in_url": "url" in map(str, secret.place.route[-1:]),
        "shared_with": sorted(same),
        "expires": secret.expires or None,
    }
    if one.scopes is not None:
        tree["scopes"] = list(one.scopes)
    if one.lifetime != "unknown":
        tree["lifetime"] = one.lifetime
    if one.refresh is not None:
        tree["refresh"] = one.refresh
    return tree
