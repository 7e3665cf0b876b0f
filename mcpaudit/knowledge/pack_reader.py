"""The form of a provider pack and the reading of one from its YAML file."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from itertools import takewhile
from typing import Any, Literal

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import ACTIONS, Actions
from mcpaudit.model.credential import Lifetime
from mcpaudit.model.glob import globbed

Limit = Literal["", "own", "part"]
"""Nothing, what belongs to the user, or another part: what is public, what the app made."""


Vocabulary = Literal["scopes", "permissions"]
"""Scopes, or permissions that a provider has beside them: those of GitHub's fine-grained tokens and apps."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one scope allows: actions on a kind, or on a pattern over kinds."""

    on: str
    do: Actions
    limit: Limit = ""
    """To which part of the kind it is limited, if it is."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope, permission, role or policy of a provider."""

    name: str
    grants: tuple[Grant, ...] = ()
    implies: tuple[str, ...] = ()
    egress: str = ""
    """Where data can leave to through it (`email`, `http`, `public`); empty where it cannot."""
    level: int = 0
    """How much it opens, from 1 (least) to 5; see `level_of`."""


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """One sort of secret of a provider: how it is recognised and who knows what it may do."""

    id: str
    env: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    scopes: str = "opaque"
    """`declared`, `introspect`, `opaque`, `policy`, `all` or `none`."""
    lifetime: Lifetime = "unknown"
    vocabulary: Vocabulary = "scopes"
    """In which words its provider says what it may do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of resource in a provider's tree."""

    name: str
    parent: str = ""
    labels: frozenset[str] = frozenset()
    nouns: tuple[str, ...] = ()
    """The words of tool names that mean it: singular, in snake case."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Data of another kind that comes along with some kinds of this provider."""

    provider: str
    on: str
    do: Actions
    sources: tuple[str, ...]
    """The kinds of this provider through which it is reached."""
    when: str
    confidence: str
    """`documented`, `derived` or `conditional`: the last holds only if someone linked accounts."""


@dataclass(frozen=True, slots=True)
class Switch:
    """What in a configuration entry limits a server to some actions."""

    server: str
    permits: Actions
    arg: str = ""
    env: str = ""
    url: str = ""
    """A part of the path or query of a remote server's URL."""
    value: str = ""
    unless: str = ""
    """The value of `env` or of the flag `arg` that lifts the limit, which holds otherwise."""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a configuration entry says which part of a provider a server reaches."""

    server: str
    provider: str
    kind: str
    source: str
    """`positional`, `arg:NAME`, `env:NAME`, or `default:PATH` for what holds where no other is given."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that is known of one provider."""

    provider: str
    title: str
    hosts: tuple[str, ...]
    servers: tuple[str, ...]
    aliases: tuple[str, ...]
    tenant_env: tuple[str, ...]
    credentials: tuple[CredentialKind, ...]
    kinds: Mapping[str, Kind]
    scopes: Mapping[str, Scope]
    permissions: Mapping[str, Scope]
    unscoped: tuple[Grant, ...]
    """What takes no scope at all."""
    reaches: tuple[Reach, ...]
    switches: tuple[Switch, ...]
    bounds: tuple[Bound, ...]
    covers: Mapping[str, tuple[str, ...]]
    tools: tuple[tuple[str, str], ...] = ()
    """Server globs with the kind that their tools touch where names do not say it."""
    checked: frozenset[str] = frozenset()
    """The parts that were held against a source as a whole, such as `scopes`."""


def as_text(text: str) -> dict[str, Any]:
    """A part of a pack file as mappings, lists and text: YAML 1.1 would turn the key `on` into true."""
    import yaml

    found = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    if not isinstance(found, dict):
        raise ValueError("a pack must be a mapping")
    return found


def parts(text: str) -> tuple[str, str, str]:
    """The text up to the resources, from there to the sources, and what follows, mostly for readers."""
    body, _, notes = text.partition("\nsources:")
    head, mark, rest = body.partition("\nresources:")
    return head, mark + rest, notes


@dataclass(frozen=True, slots=True)
class Outline:
    """What it takes to recognise a provider; the rest of its pack is read when it turns up."""

    provider: str
    title: str
    hosts: tuple[str, ...]
    servers: tuple[str, ...]
    aliases: tuple[str, ...]
    tenant_env: tuple[str, ...]
    credentials: tuple[CredentialKind, ...]
    rest: str = field(repr=False)
    """The text from `resources` to `sources`."""
    notes: str = field(repr=False)
    """The text from `sources` on: what the pack rests on, mostly for readers."""


def outline(text: str) -> Outline:
    """The beginning of a pack file, up to its resources; the rest of it is kept as text."""
    head, rest, notes = parts(text)
    data = shipped.parsed(head, as_text)
    return Outline(
        provider=data["provider"],
        title=data["title"],
        hosts=tuple(host.lower() for host in data.get("hosts", ())),
        servers=tuple(data.get("servers", ())),
        aliases=tuple(data.get("aliases", ())),
        tenant_env=tuple(data.get("tenant", {}).get("env", ())),
        credentials=tuple(map(_credential, data.get("credentials", ()))),
        rest=rest,
        notes=notes,
    )


def _checked(notes: str) -> frozenset[str]:
    """The parts under `checked`, one a line: to parse all the notes would cost more than the rest."""
    lines = notes.partition("\nchecked:\n")[2].splitlines()
    own = takewhile(lambda line: line.startswith("  "), lines)
    return frozenset(line.strip().partition(":")[0] for line in own)


_STRENGTH: Mapping[str, int] = dict(zip(ACTIONS, (1, 1, 2, 2, 3, 3, 4, 4, 3), strict=True))
_WEIGHTY = frozenset({"private_data", "pii", "financial", "sensitive", "secret", "privileged", "executes"})


def matching(pattern: str, kinds: Iterable[str]) -> tuple[str, ...]:
    """The kinds that a kind or a pattern means: `repo`, `repo.**` (it and all in it), `*.message`."""
    stem = pattern.removesuffix(".**")
    if stem != pattern:
        return tuple(kind for kind in kinds if kind == stem or kind.startswith(f"{stem}."))
    return tuple(kind for kind in kinds if globbed(kind, pattern))


def level_of(grants: Iterable[Grant], kinds: Mapping[str, Kind]) -> int:
    """How much grants open, on the scale that Microsoft uses for its permissions, 1 to 5.

    The strongest action gives 1 (seeing), 2 (making, changing), 3 (deleting, sharing, sending) or 4
    (administering, running); kinds that hold what is private or give power over more add one, and so does
    all that there is.
    """
    found = [1]
    for grant in grants:
        labels = frozenset().union(*(_labels(name, kinds) for name in matching(grant.on, kinds)))
        weighs = grant.on == "**" or not labels.isdisjoint(_WEIGHTY)
        found.append(max((_STRENGTH[action] for action in grant.do), default=0) + weighs)
    return min(max(found), 5)


def _labels(name: str, kinds: Mapping[str, Kind]) -> frozenset[str]:
    """A kind's labels with those of the kinds that contain it."""
    found: frozenset[str] = frozenset()
    seen: set[str] = set()
    while name in kinds and name not in seen:
        seen.add(name)
        found |= kinds[name].labels
        name = kinds[name].parent
    return found


def complete(head: Outline) -> Pack:
    """The whole pack."""
    data = shipped.parsed(head.rest, as_text)
    kinds = {name: _kind(name, item) for name, item in data["resources"].items()}
    return Pack(
        provider=head.provider,
        title=head.title,
        hosts=head.hosts,
        servers=head.servers,
        aliases=head.aliases,
        tenant_env=head.tenant_env,
        credentials=head.credentials,
        kinds=kinds,
        scopes={name: _scope(name, item, kinds) for name, item in data.get("scopes", {}).items()},
        permissions={name: _scope(name, item, kinds) for name, item in data.get("permissions", {}).items()},
        unscoped=tuple(map(_grant, data.get("unscoped", ()))),
        reaches=tuple(map(_reach, data.get("reaches", ()))),
        switches=tuple(map(_switch, data.get("switches", ()))),
        bounds=tuple(map(_bound, data.get("bounds", ()))),
        covers={name: tuple(patterns) for name, patterns in data.get("covers", {}).items()},
        tools=tuple((item["server"], item["kind"]) for item in data.get("tools", ())),
        checked=_checked(head.notes),
    )


def _credential(item: dict[str, Any]) -> CredentialKind:
    return CredentialKind(
        id=item["id"],
        env=tuple(item.get("env", ())),
        prefix=tuple(item.get("prefix", ())),
        scopes=item.get("scopes", "opaque"),
        lifetime=item.get("lifetime", "unknown"),
        vocabulary=item.get("vocabulary", "scopes"),
    )


def _kind(name: str, item: dict[str, Any]) -> Kind:
    return Kind(name, item.get("parent", ""), frozenset(item.get("labels", ())), tuple(item.get("nouns", ())))


def _scope(name: str, item: dict[str, Any], kinds: Mapping[str, Kind]) -> Scope:
    grants = tuple(map(_grant, item.get("grants", ())))
    implies = tuple(item.get("implies", ()))
    return Scope(name, grants, implies, item.get("egress", ""), level_of(grants, kinds))


def _grant(item: dict[str, Any]) -> Grant:
    where = item.get("where")
    limit: Limit = "" if where is None else "own" if where == {"owner": "self"} else "part"
    return Grant(item["on"], frozenset(item["do"]), limit)


def _reach(item: dict[str, Any]) -> Reach:
    return Reach(
        provider=item["provider"],
        on=item["on"],
        do=frozenset(item["do"]),
        sources=tuple(item["from"]),
        when=item["when"],
        confidence=item["confidence"],
    )


def _switch(item: dict[str, Any]) -> Switch:
    return Switch(
        server=item["server"],
        permits=frozenset(item["permits"]),
        arg=item.get("arg", ""),
        env=item.get("env", ""),
        url=item.get("url", ""),
        value=item.get("value", ""),
        unless=item.get("unless", ""),
        always=item.get("always") == "true",
    )


def _bound(item: dict[str, Any]) -> Bound:
    provider, _, kind = item["on"].partition(":")
    return Bound(item["server"], provider, kind, item["from"])
