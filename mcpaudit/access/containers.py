"""What a container sees of its host: bind mounts, volumes, and a file system of its own."""

import posixpath
import re
from dataclasses import replace
from itertools import pairwise

from mcpaudit.access.hosts import GATEWAYS, LOCAL
from mcpaudit.access.paths import Anchors, no_links
from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import ACTIONS, OBSERVING, Actions
from mcpaudit.model.place import Place
from mcpaudit.model.resource import UNKNOWN, Resource
from mcpaudit.model.server import Argument, Entry, Installation

_ALL: Actions = frozenset(ACTIONS)
_VOLUME = re.compile(
    r"((?:[A-Za-z]:(?=[\\/]))?(?:\$\{[^}]*\}|[^:$]|\$(?!\{[^}]*\}))*)(?::([^:]*))?(?::(.*))?", re.S
)
_MAX_LENGTH = 4096
"""Longer than any path can be (Linux: PATH_MAX)."""
_HOST_PATH = re.compile(r"[/.~$%\\]|[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class Mount:
    """A place inside a container and what lies there (`-v SRC:DST[:ro]`, `--mount type=...`)."""

    source: str
    """A path of the host, or a volume's name; empty for what is the container's alone."""
    target: str
    read_only: bool
    place: Place

    @property
    def volume(self) -> bool:
        """Whether the source is a volume's name and no path (docker run: "-v, names and paths")."""
        return bool(self.source) and not _HOST_PATH.match(self.source)


def contained(installation: Installation) -> bool:
    """Whether the server runs in a container of its own."""
    return installation.server.id.startswith("oci:")


def mounts(entry: Entry) -> tuple[Mount, ...]:
    """The mounts of a container's command line."""
    found = []
    words = entry.args[: max(entry.package_argument, 0)]
    for index, word in enumerate(words):
        flag, equals, value = word.text.partition("=")
        if not equals and word.text[:2] == "-v" and len(word.text) > 2:
            flag, equals, value = "-v", "=", word.text[2:]
        if flag not in ("-v", "--volume", "--mount", "--tmpfs"):
            continue
        following = word if equals or index + 1 >= len(words) else words[index + 1]
        text = value if equals else following.text if following is not word else ""
        mount = _long(text, following.place) if flag == "--mount" else _short(flag, text, following.place)
        if mount is not None:
            found.append(mount)
    return tuple(found)


def _short(flag: str, text: str, place: Place) -> Mount | None:
    if flag == "--tmpfs":
        return Mount("", text.partition(":")[0], False, place)
    if len(text) > _MAX_LENGTH:
        return None
    # The first colon that is no Windows drive's and stands in no placeholder.
    split = _VOLUME.fullmatch(text)
    if split is None:
        return None
    source, target, mode = split[1], split[2] or "", split[3] or ""
    if not target:
        return Mount("", source, False, place) if source.startswith("/") else None
    return Mount(source, target, "ro" in mode.split(",") or "readonly" in mode.split(","), place)


def _long(text: str, place: Place) -> Mount | None:
    parts = {key.strip(): value for key, _, value in (one.partition("=") for one in text.split(","))}
    source = parts.get("src") or parts.get("source") or ""
    target = parts.get("dst") or parts.get("target") or parts.get("destination") or ""
    read_only = any(parts.get(key, "false") in ("", "true", "1") for key in ("readonly", "ro"))
    return Mount(source, target, read_only, place) if target else None


def variables(entry: Entry) -> tuple[tuple[str, Argument], ...]:
    """The variables that a server sees: its entry's, and those that a container is given (`-e`)."""
    words = entry.args[: max(entry.package_argument, 0)]
    found = dict(entry.env)
    for word, following in pairwise((*words, None)):
        assert word is not None
        flag, equals, value = word.text.partition("=")
        if flag == "--env" and equals:
            name, given, value = value.partition("=")
        elif word.text in ("-e", "--env") and following is not None:
            word, (name, given, value) = following, following.text.partition("=")
        else:
            continue
        if given:
            found[name] = Argument(value, word.place, word.unexpanded)
    return tuple(found.items())


def file_of(
    text: str, kind: str, lineage: tuple[str, ...], installation: Installation, anchors: Anchors
) -> tuple[Resource, Actions]:
    """The file that a server is given, and what its mount lets through; `:ro` lets only reading through."""
    entry = installation.entry
    if not contained(installation):
        return anchors.file(text, kind, lineage, entry.cwd), _ALL
    path = posixpath.normpath(text) if text.startswith("/") and "$" not in text else text
    best: Mount | None = None
    for mount in mounts(entry):
        inside = f"{path}/".startswith(mount.target.rstrip("/") + "/")
        if inside and (best is None or len(mount.target) > len(best.target)):
            best = mount
    if best is None or not best.source:
        inner = replace(anchors, home="", project="", platform="linux", link=no_links)
        own = inner.file(path, kind, lineage)
        tenant = f"container:{installation.id}" if UNKNOWN not in own.path[:1] else UNKNOWN
        return replace(own, tenant=tenant), _ALL
    permits = OBSERVING if best.read_only else _ALL
    tail = path[len(best.target.rstrip("/")) :].lstrip("/")
    if best.volume:
        parts = tuple(part for part in tail.split("/") if part)
        return Resource("local", f"volume:{best.source}", kind, parts, lineage), permits
    return anchors.file(
        posixpath.join(best.source, tail) if tail else best.source, kind, lineage, entry.cwd
    ), permits


def from_inside(resource: Resource, text: str, installation: Installation) -> Resource:
    """An address as a container means it: `localhost` is its own, unless it shares the host's network."""
    outside = resource.provider == "local" or any(name in text.lower() for name in GATEWAYS)
    if outside or not contained(installation) or resource.tenant.partition(":")[0] != LOCAL:
        return resource
    words = [word.text for word in installation.entry.args]
    flags = [*words, *(f"{flag}={value}" for flag, value in pairwise(words))]
    return resource if {"--network=host", "--net=host"} & {*flags} else replace(resource, tenant=UNKNOWN)
