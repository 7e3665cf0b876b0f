"""What an entry says about how far its server reaches: roots, databases, mounts, read-only switches."""

import posixpath
from dataclasses import dataclass, field

from mcpaudit.access.paths import Anchors, database
from mcpaudit.knowledge.pack import Bound, Packs, Switch
from mcpaudit.model.action import ACTIONS, OBSERVING, Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place
from mcpaudit.model.resource import Resource
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
class Bounds:
    """Everything that one entry says about reach."""

    named: tuple[Reachable, ...] = ()
    limits: tuple[Limit, ...] = ()
    tenants: dict[str, str] = field(default_factory=dict)
    """The tenant that the entry's variables name, by provider."""

    def of(self, provider: str) -> tuple[Reachable, ...]:
        """The named parts of one provider."""
        return tuple(one for one in self.named if one.resource.provider == provider)

    @property
    def permits(self) -> Actions:
        """What all limits together let through."""
        permitted = _ALL
        for limit in self.limits:
            permitted &= limit.permits
        return permitted


def bounds_of(
    installation: Installation, packs: Packs, anchors: Anchors, providers: tuple[str, ...]
) -> Bounds:
    """Work out an installation's bounds from its arguments, variables and URL."""
    entry = installation.entry
    named: list[Reachable] = []
    for bound in packs.bounds(installation.server.id):
        for word in _words(entry, bound):
            named += _named(bound, word, entry, anchors, packs)
    if not named:
        named = _any_database(entry)
    named += _sockets(installation)
    limits = []
    for switch in packs.switches(installation.server.id):
        if (limit := _limit(switch, installation)) is not None:
            limits.append(limit)
    tenants: dict[str, str] = {}
    for provider in providers:
        pack = packs.get(provider)
        for name, value in entry.env:
            if pack and name in pack.tenant_env and value.known and value.text:
                tenants.setdefault(provider, _tenant(value.text))
    return Bounds(tuple(named), tuple(limits), tenants)


def _tenant(text: str) -> str:
    """A tenant as variables give it: a site's URL counts by its host."""
    return text.partition("://")[2].partition("/")[0].lower() if "://" in text else text


def _words(entry: Entry, bound: Bound) -> list[Argument]:
    """The words of an entry that a bound speaks of."""
    kind, _, name = bound.source.partition(":")
    if kind == "positional":
        return [word for word in entry.server_args() if word.text and not word.text.startswith("-")]
    if kind == "env":
        return [word for variable, word in entry.env if variable == name]
    found = []
    words = entry.args
    for index, word in enumerate(words):
        flag, equals, value = word.text.partition("=")
        if flag == name and equals:
            found.append(Argument(value, word.place, word.unexpanded))
        elif word.text == name and index + 1 < len(words):
            found.append(words[index + 1])
    return found


def _named(bound: Bound, word: Argument, entry: Entry, anchors: Anchors, packs: Packs) -> list[Reachable]:
    certainty = Certainty.CERTAIN if word.known else Certainty.POSSIBLE
    if bound.provider == "local":
        lineage = packs.lineage("local", bound.kind)
        path, permits = _through_mounts(word.text, entry, anchors)
        resource = anchors.file(path, bound.kind, lineage, entry.cwd)
        return [Reachable(resource, word.place, certainty, f"it is given the path {resource}", permits)]
    found = database(word.text)
    if found is not None:
        return [Reachable(found, word.place, certainty, f"it is given the address of {found}")]
    if bound.provider in ("sql", "nosql"):
        unknown = Resource(bound.provider, kind=bound.kind, lineage=packs.lineage(bound.provider, bound.kind))
        return [
            Reachable(unknown, word.place, Certainty.POSSIBLE, "it is given an address that cannot be read")
        ]
    resource = Resource(
        bound.provider, word.text, bound.kind, lineage=packs.lineage(bound.provider, bound.kind)
    )
    return [Reachable(resource, word.place, certainty, f"it is given {resource}")]


def _any_database(entry: Entry) -> list[Reachable]:
    """Connection strings speak for themselves, whatever the server."""
    words = [*entry.server_args(), *(word for _, word in entry.env)]
    found = []
    for word in words:
        resource = database(word.text) if "://" in word.text else None
        if resource is not None:
            certainty = Certainty.CERTAIN if word.known else Certainty.POSSIBLE
            found.append(Reachable(resource, word.place, certainty, f"it is given the address of {resource}"))
    return found


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path inside a container (`-v SRC:DST[:ro]`, `--mount type=bind,...`)."""

    source: str
    target: str
    read_only: bool
    place: Place


def mounts(entry: Entry) -> tuple[Mount, ...]:
    """The bind mounts of a container's command line."""
    found = []
    words = entry.args[: max(entry.package_argument, 0)]
    for index, word in enumerate(words):
        flag, equals, value = word.text.partition("=")
        following = value if equals else words[index + 1].text if index + 1 < len(words) else ""
        place = word.place if equals or index + 1 >= len(words) else words[index + 1].place
        if flag in ("-v", "--volume"):
            source, _, rest = _split_volume(following)
            target, _, mode = rest.partition(":")
            if target and (source.startswith(("/", ".", "~", "$")) or source[1:3] in (":\\", ":/")):
                found.append(Mount(source, target, "ro" in mode.split(","), place))
        elif flag == "--mount":
            parts = dict(part.partition("=")[::2] for part in following.split(","))
            source = parts.get("src") or parts.get("source") or ""
            target = parts.get("dst") or parts.get("target") or parts.get("destination") or ""
            if parts.get("type", "bind") == "bind" and source:
                read_only = "readonly" in parts or "ro" in parts
                found.append(Mount(source, target, read_only, place))
    return tuple(found)


def _split_volume(text: str) -> tuple[str, str, str]:
    """Split at the first colon that is no Windows drive's."""
    start = 2 if text[1:3] in (":\\", ":/") else 0
    source, colon, rest = text[start:].partition(":")
    return text[:start] + source, colon, rest


def _through_mounts(path: str, entry: Entry, anchors: Anchors) -> tuple[str, Actions]:
    """The host path behind a container path, by the longest mount target; `:ro` lets only reading through."""
    best: Mount | None = None
    for mount in mounts(entry):
        inside = f"{path}/".startswith(mount.target.rstrip("/") + "/")
        if inside and (best is None or len(mount.target) > len(best.target)):
            best = mount
    if best is None:
        return path, _ALL
    tail = path[len(best.target.rstrip("/")) :].lstrip("/")
    return posixpath.join(best.source, tail) if tail else best.source, OBSERVING if best.read_only else _ALL


def _sockets(installation: Installation) -> list[Reachable]:
    """A container that is handed Docker's socket or full privileges reaches the whole host."""
    if not installation.server.id.startswith("oci:"):
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
    word = dict(entry.env).get(switch.env)
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
