"""Single facts as the trees that policies speak of."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict
from urllib.parse import urlsplit

from mcpaudit.access.bounds import Reachable
from mcpaudit.analysis.cut import cuts_in_words
from mcpaudit.analysis.facts import Facts, RuleFact
from mcpaudit.analysis.probed import ProbeFact
from mcpaudit.clients.client import Switch
from mcpaudit.model.access import Edge
from mcpaudit.model.action import in_order
from mcpaudit.model.credential import Credential
from mcpaudit.model.fact import Conflict, Excess, Flow, Leg, Role
from mcpaudit.model.place import Place
from mcpaudit.model.resource import Resource
from mcpaudit.model.server import BUILTIN, Agent, Installation
from mcpaudit.policy.expression import Tree, Value
from mcpaudit.policy.runtime import PARTS, written


def places_of(witness: Sequence[Edge]) -> tuple[Place, ...]:
    """The places that a witness names, each once."""
    return tuple(dict.fromkeys(edge.place for edge in witness if edge.place is not None and edge.place.route))


def in_repository(place: Place) -> bool:
    """Whether a place belongs to the audited project."""
    return not place.file.startswith(("~", "/", "C:"))


def recorded(installed: Iterable[Installation]) -> bool | None:
    """Whether a recording relay stands before all of these; `None` where that cannot be seen."""
    seen = [one.entry.relay is not None or _maybe(one.server.url) for one in installed]
    return False if False in seen else None if None in seen else bool(seen)


def _maybe(url: str) -> bool | None:
    """What an address says of a relay: one of this machine may be one."""
    return False if not url or loopback(url) is False else None


def loopback(url: str) -> bool | None:
    """Whether a URL points at this machine; `None` where a variable or a mask stands for the host."""
    host = urlsplit(url).hostname or ""
    if set(host) & set("${}*"):
        return None
    return host in _THIS_MACHINE or host.startswith("127.") or host.endswith(".localhost")


_THIS_MACHINE = ("localhost", "::1", "0.0.0.0", "host.docker.internal")


def is_broad(named: Reachable, home: tuple[str, ...]) -> bool:
    """The whole disk, a home folder, or a folder that holds home folders."""
    path = named.resource.path
    if named.resource.provider != "local" or named.resource.kind != "file" or named.resource.tenant != "host":
        return False
    parents = {
        (),
        ("home",),
        ("Users",),
        ("C:",),
        ("C:", "Users"),
        ("c:",),
        ("c:", "users"),
        ("mnt", "c"),
        ("root",),
    }
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
        PARTS: written(resource),
    }


def conflict_tree(fact: Conflict, facts: Facts) -> Tree:
    """One conflict as policies see it."""
    resource = facts.access.resources.get(f"resource:{fact.resource}")
    shown = resource_tree(resource or _resource_of(fact.resource), fact.labels)
    tree: dict[str, Value] = {
        "kind": fact.kind,
        "agents": list(fact.agents),
        "resource": shown,
        "resources": list(fact.resources or (fact.resource,)),
        "servers": list(fact.servers),
        "roles": [_role(role) for role in fact.roles],
        "limits": _clauses(role for role in fact.roles if role.part == "restricted"),
        "gives": _clauses(role for role in fact.roles if role.part != "restricted"),
        "certainty": fact.certainty.value,
        "transitive": fact.transitive,
        "builtin": any(
            role.server.startswith(BUILTIN) for role in fact.roles if role.part not in ("restricted", "loser")
        ),
    }
    if fact.silent or all(role.verdict != "unknown" for role in fact.roles):
        tree["silent"] = fact.silent
    for role in fact.roles:
        if role.part in ("restricted", "bypass"):
            tree.setdefault(role.part, _role(role))
    return tree


def _clauses(roles: Iterable[Role]) -> list[Value]:
    return list(dict.fromkeys(role.sentence for role in roles))


def _resource_of(text: str) -> Resource:
    """A fact may speak of a resource that no single row has, such as a type in any account."""
    provider, _, rest = text.partition(":")
    tenant, _, kind = rest.partition("/")
    return Resource(provider, tenant, kind)


def _role(role: Role) -> Tree:
    return {
        "part": role.part,
        "agent": role.agent,
        "server": role.server,
        "name": "the client's own tools" if role.server.startswith(BUILTIN) else role.name,
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
        "tool": fact.tool,
        "actions": list(in_order(fact.actions)),
        "path": fact.path,
        "instead": fact.instead,
        "setting": fact.setting,
        **(asdict(fact.idleness) if fact.idleness else {}),
    }


def flow_tree(fact: Flow) -> Tree:
    """One flow as policies see it."""
    tree: Tree = {
        "kind": fact.kind,
        "through": fact.through,
        "agents": list(fact.agents),
        "modes": list(fact.modes),
        "servers": [server for server in fact.servers if not server.startswith(BUILTIN)],
        "in_through": _through(fact.sources),
        "private_through": _through(fact.private),
        "out_through": _through(fact.sinks),
        "sources": [_leg(leg) for leg in fact.sources],
        "private": [_leg(leg) for leg in fact.private],
        "sinks": [_leg(leg) for leg in fact.sinks],
        "cuts": list[Value](cuts_in_words(fact.cuts)),
        "cut_proved": all(cut.proved for cut in fact.cuts),
        "certainty": fact.certainty.value,
    }
    return tree if fact.silent is None else {**tree, "silent": fact.silent}


def _through(legs: Iterable[Leg]) -> list[Value]:
    return list(dict.fromkeys(_holder(leg) for leg in legs))


def _holder(leg: Leg) -> str:
    return "the client's own tools" if leg.server.startswith(BUILTIN) else leg.name


def _leg(leg: Leg) -> Tree:
    return {
        "name": _holder(leg),
        "server": leg.server,
        "tool": leg.tool,
        "resource": leg.resource,
        "actions": list(in_order(leg.actions)),
        "verdict": leg.verdict,
        "egress": leg.egress,
        "builtin": leg.server.startswith(BUILTIN),
        "certainty": leg.certainty.value,
    }


def probe_tree(fact: ProbeFact) -> Tree:
    """One check of a running server."""
    probe = fact.probe
    return {
        "server": probe.server,
        "name": fact.installed[0].name,
        "test": probe.test,
        "check": probe.check,
        "verdict": probe.verdict,
        "says": probe.says,
        "day": probe.at[:10],
        "age_days": fact.age_days,
        "milliseconds": probe.milliseconds,
        "count": probe.count,
        "revision": probe.revision,
        "tool": probe.tool,
    }


def rule_tree(fact: RuleFact) -> Tree:
    """One client rule as policies see it; what it names is left out where that is not known."""
    rule = fact.rule
    return {
        **({} if fact.server_found is None else {"server_found": fact.server_found}),
        **({} if fact.tool_found is None else {"tool_found": fact.tool_found}),
        "agent": rule.agent,
        "effect": rule.effect,
        "pattern": rule.pattern,
        "level": rule.level,
        "subject": rule.subject,
        "problem": rule.problem,
        "nearest": _nearest(fact.nearest),
    }


def _nearest(name: str) -> str:
    return f"`{name}` is the nearest name that there is" if name else "nothing here has a name like it"


def switch_tree(switch: Switch, agent: Agent, wins: bool) -> Tree:
    """One client-wide setting as policies see it."""
    return {"agent": agent.id, "title": agent.title, "name": switch.name, "value": switch.value, "wins": wins}


def credential_tree(one: Credential, holders: Set[str], servers: Mapping[str, str]) -> Tree:
    """One credential as policies see it; what files do not tell is left out.

    `holders` are all that hold the same secret, `servers` are by holder.
    """
    secret = one.secret
    same = holders - {one.holder}
    server = servers.get(one.holder, one.holder)
    tree: dict[str, Value] = {
        "holder": one.holder,
        "server": server,
        "name": secret.name or secret.kind,
        "provider": secret.provider,
        "kind": secret.kind,
        "literal": secret.literal,
        "in_repository": in_repository(secret.place),
        "in_url": _in_url(secret.place),
        "in_rule": one.holder not in servers,
        "shared_with": sorted(same),
        "other_servers": sorted({servers.get(other, other) for other in same} - {server}),
        "expires": secret.expires or None,
        "file": secret.file,
    }
    if one.scope_source != "unknown":
        tree["scope_source"] = one.scope_source
    if one.scopes is not None:
        tree["scopes"] = list(one.scopes)
    if one.lifetime != "unknown":
        tree["lifetime"] = one.lifetime
    if one.refresh is not None:
        tree["refresh"] = one.refresh
    return tree


def _in_url(place: Place) -> bool:
    """Whether a secret is part of an entry's own URL, however its client spells the key; no variable."""
    *above, key = map(str, place.route or ("",))
    variable = above[-1:] in (["env"], ["environment"], ["headers"])
    return key.lower() in ("url", "httpurl", "serverurl") and not variable
