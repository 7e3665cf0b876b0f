"""What an entry says about how far its server reaches: roots, databases, mounts, read-only switches."""

import re

from mcpaudit.access.containers import contained, file_of, from_inside, mounts, variables
from mcpaudit.access.databases import by_variables, database
from mcpaudit.access.engines import VARIABLES
from mcpaudit.access.hosts import http_server, origin
from mcpaudit.access.paths import HOST, Anchors
from mcpaudit.access.tenants import tenant
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Bound, Packs, Switch
from mcpaudit.model.action import ACTIONS, Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place
from mcpaudit.model.resource import UNKNOWN, Resource
from mcpaudit.model.server import Argument, Entry, Installation

_ALL: Actions = frozenset(ACTIONS)


@dataclass(frozen=True, slots=True)
class Reachable:
    """A part of a provider that an entry names."""

    resource: Resource
    place: Place
    certainty: Certainty
    sentence: str
    permits: Actions = _ALL
    """What a mount lets through; all where nothing narrows it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A switch that narrows what every tool of the installation may do."""

    permits: Actions
    place: Place | None
    """`None` where the server is built that way and no entry states it."""
    certainty: Certainty
    sentence: str
    kind: str


@dataclass(frozen=True, slots=True)
class Account:
    """The tenant of a provider that a server signs in to."""

    provider: str
    tenant: str
    place: Place | None = None
    """Where the organisation says so; `None` where the entry's own variables do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Everything that one entry says about reach."""

    named: tuple[Reachable, ...] = ()
    limits: tuple[Limit, ...] = ()
    accounts: tuple[Account, ...] = ()
    """The accounts that the entry's variables name, or else the organisation."""

    def of(self, provider: str) -> tuple[Reachable, ...]:
        """The named parts of one provider."""
        return tuple(one for one in self.named if one.resource.provider == provider)

    def accounts_of(self, provider: str) -> tuple[Account, ...]:
        """The accounts with one provider; one that is not known where nothing names any."""
        found = tuple(one for one in self.accounts if one.provider == provider)
        return found or (Account(provider, ""),)

    @property
    def permits(self) -> Actions:
        """What all limits together let through."""
        permitted = _ALL
        for limit in self.limits:
            permitted &= limit.permits
        return permitted


def bounds_of(
    installation: Installation,
    packs: Packs,
    anchors: Anchors,
    providers: tuple[str, ...],
    accounts: tuple[tuple[str, str, Place], ...],
) -> Bounds:
    """Work out an installation's bounds from its arguments, variables and URL."""
    entry = installation.entry
    named: list[Reachable] = []
    for bound in packs.bounds(installation.server.id):
        for word in _words(entry, bound):
            named.append(_named(bound, word, installation, anchors, packs))
    for bound in packs.bounds(installation.server.id):
        if bound.source.startswith(_DEFAULT) and not any(_of_bound(one, bound) for one in named):
            named.append(_default(bound, installation, anchors, packs))
    if not named:
        named = _any_database(installation, anchors)
    named += _sockets(installation)
    limits = []
    for switch in packs.switches(installation.server.id):
        if (limit := _limit(switch, installation)) is not None:
            limits.append(limit)
    tenants = _tenants(entry, packs, providers)
    said = [Account(*one) for one in accounts if tenants.get(one[0], UNKNOWN) == UNKNOWN]
    own = [Account(provider, found) for provider, found in tenants.items() if found != UNKNOWN]
    return Bounds(tuple(named), tuple(limits), (*own, *said))


def _tenants(entry: Entry, packs: Packs, providers: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    given = dict(variables(entry))
    for provider in providers:
        pack = packs.get(provider)
        for name in pack.tenant_env if pack else ():
            value = given.get(name)
            if value is not None and value.known and value.text:
                found.setdefault(provider, tenant(name, value.text))
    return found


def _words(entry: Entry, bound: Bound) -> list[Argument]:
    """The words of an entry that a bound speaks of."""
    kind, _, name = bound.source.partition(":")
    if kind == "positional":
        return [word for word in entry.server_args() if word.text and not word.text.startswith("-")]
    if kind == "env":
        return [word for variable, word in variables(entry) if variable == name]
    found = []
    words = entry.args
    for index, word in enumerate(words):
        flag, equals, value = word.text.partition("=")
        if flag == name and equals:
            found.append(Argument(value, word.place, word.unexpanded))
        elif word.text == name and index + 1 < len(words):
            found.append(words[index + 1])
    return found


def _named(
    bound: Bound, word: Argument, installation: Installation, anchors: Anchors, packs: Packs
) -> Reachable:
    certainty = Certainty.CERTAIN if word.known else Certainty.POSSIBLE
    lineage = packs.lineage(bound.provider, bound.kind)
    if bound.provider == "local":
        resource, permits = file_of(word.text, bound.kind, lineage, installation, anchors)
        return Reachable(resource, word.place, certainty, f"it is given the path {resource}", permits)
    found = _database(word.text, installation, anchors)
    if found is not None:
        return Reachable(found, word.place, certainty, f"it is given the address of {found}")
    if bound.provider == "nosql" and (address := http_server(word.text)):
        server = from_inside(Resource("nosql", address), word.text, installation)
        return Reachable(server, word.place, certainty, f"it is given the address of {server}")
    if bound.provider in ("sql", "nosql"):
        unknown = Resource(bound.provider, kind=bound.kind, lineage=lineage)
        sentence = "it is given an address that cannot be read"
        return Reachable(unknown, word.place, Certainty.POSSIBLE, sentence)
    if bound.provider == "web":
        at, path = origin(word.text)
        resource = Resource("web", at, bound.kind, path, lineage)
    else:
        resource = Resource(bound.provider, word.text, bound.kind, lineage=lineage)
    return Reachable(resource, word.place, certainty, f"it is given {resource}")


_DEFAULT = "default:"


def _of_bound(one: Reachable, bound: Bound) -> bool:
    return (one.resource.provider, one.resource.kind) == (bound.provider, bound.kind)


def _default(bound: Bound, installation: Installation, anchors: Anchors, packs: Packs) -> Reachable:
    """Where a server keeps its file when its entry does not say; `?` where that depends on how it is run."""
    lineage = packs.lineage(bound.provider, bound.kind)
    path = bound.source.removeprefix(_DEFAULT)
    if path == UNKNOWN:
        resource, permits = Resource("local", HOST, bound.kind, (UNKNOWN,), lineage), _ALL
    else:
        resource, permits = file_of(path, bound.kind, lineage, installation, anchors)
    sentence = "nothing in its entry says where it keeps its file"
    return Reachable(resource, installation.place, Certainty.CERTAIN, sentence, permits)


def _database(text: str, installation: Installation, anchors: Anchors) -> Resource | None:
    found = database(text, anchors, installation.entry.cwd, installation.id)
    if found is not None and found.provider == "local" and contained(installation):
        path = re.sub(r"^[^/]*:/{2,3}(?=/)|^[^/]*:(?=/)|[?;].*", "", text)
        return file_of(path, "file", (), installation, anchors)[0]
    return found and from_inside(found, text, installation)


def _any_database(installation: Installation, anchors: Anchors) -> list[Reachable]:
    """Connection strings and variables of databases speak for themselves, whatever the server."""
    entry = installation.entry
    found = []
    for word in (*entry.server_args(), *(word for _, word in variables(entry))):
        resource = _database(word.text, installation, anchors) if "://" in word.text else None
        if resource is not None and not word.text.lower().startswith("file:"):
            certainty = Certainty.CERTAIN if word.known else Certainty.POSSIBLE
            found.append(Reachable(resource, word.place, certainty, f"it is given the address of {resource}"))
    given = dict(variables(entry))
    resource = None if found else by_variables({name: word.text for name, word in given.items()})
    if resource is not None:
        words = [word for name, word in given.items() if name in VARIABLES]
        resource = from_inside(resource, " ".join(word.text for word in words), installation)
        certainty = Certainty.CERTAIN if all(word.known for word in words) else Certainty.POSSIBLE
        sentence = f"its variables name {resource}"
        found.append(Reachable(resource, words[0].place, certainty, sentence))
    return found


def _sockets(installation: Installation) -> list[Reachable]:
    """A container that is handed Docker's socket or full privileges reaches the whole host."""
    if not contained(installation):
        return []
    found = []
    for mount in mounts(installation.entry):
        if mount.source.endswith("docker.sock"):
            resource = Resource("local", "host", "docker")
            found.append(
                Reachable(resource, mount.place, Certainty.CERTAIN, "it is handed Docker's control socket")
            )
    return found


def _limit(switch: Switch, installation: Installation) -> Limit | None:
    """What a switch does in this entry; `None` where it is not set."""
    entry = installation.entry
    if switch.always:
        return Limit(
            switch.permits, None, Certainty.POSSIBLE, "the server is built to observe only", "switch"
        )
    if switch.url:
        url = entry.url
        if url is not None and switch.url in url.text:
            return Limit(switch.permits, url.place, Certainty.CERTAIN, f"its URL says `{switch.url}`", "url")
        return None
    if switch.arg:
        return _unless_argument(switch, entry) if switch.unless else _by_argument(switch, entry)
    word = dict(variables(entry)).get(switch.env)
    if switch.unless:
        if word is not None and (word.text.lower() == switch.unless.lower() or not word.known):
            return None
        return Limit(switch.permits, None, Certainty.POSSIBLE, f"`{switch.env}` is not set", "switch")
    if word is None or (word.known and word.text.lower() not in _values(switch)):
        return None
    certainty = Certainty.CERTAIN if word.known else Certainty.POSSIBLE
    return Limit(switch.permits, word.place, certainty, f"`{switch.env}={word.text}` is set", "switch")


def _values(switch: Switch) -> tuple[str, ...]:
    value = switch.value.lower()
    return (value, "1", "yes", "on") if value == "true" else (value,)


def _unless_argument(switch: Switch, entry: Entry) -> Limit | None:
    """A limit that a flag lifts: `--allow-write`, alone or with a value."""
    for word in entry.server_args():
        flag, equals, value = word.text.partition("=")
        if flag == switch.arg and (not equals or value.lower() == switch.unless):
            return None
        if not word.known:
            return None  # a word that is not known may be the flag
    return Limit(switch.permits, None, Certainty.POSSIBLE, f"`{switch.arg}` is not given", "switch")


def _by_argument(switch: Switch, entry: Entry) -> Limit | None:
    # Where a flag stands twice, the last one counts.
    for index, word in reversed([*enumerate(entry.args)]):
        flag, equals, value = word.text.partition("=")
        if flag != switch.arg:
            continue
        if not switch.value:
            if equals and value.lower() in ("false", "0", "no"):
                return None
            return Limit(
                switch.permits, word.place, Certainty.CERTAIN, f"it is started with `{word.text}`", "switch"
            )
        following = value if equals else entry.args[index + 1].text if index + 1 < len(entry.args) else ""
        if following.lower() in _values(switch):
            shown = f"{flag}={following}" if equals else f"{flag} {following}"
            return Limit(
                switch.permits, word.place, Certainty.CERTAIN, f"it is started with `{shown}`", "switch"
            )
        return None
    return None
