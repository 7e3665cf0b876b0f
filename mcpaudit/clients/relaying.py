"""Changes of entries that pass a server through `mcpaudit live record`, and the changes that undo them.

Both are made from the same two texts, so that the second restores every byte. No line with a secret is part
of either; where one would have to be, that is said.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import field

from mcpaudit.clients.client import Collected
from mcpaudit.clients.patched_file import PatchedFile, opened
from mcpaudit.clients.patching import NOT_YOURS
from mcpaudit.clients.secret_lines import SecretLines
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.patch import FilePatch
from mcpaudit.model.place import Route
from mcpaudit.model.server import Installation
from mcpaudit.parsing.diff import unified
from mcpaudit.parsing.document import Document, Json, value_at
from mcpaudit.parsing.edit import Edit
from mcpaudit.parsing.reader import parse
from mcpaudit.parsing.uneditable import Uneditable

_ADDRESS = re.compile(r"(https?)://([^/?#]+)(.*)", re.DOTALL)

_STARTED: tuple[tuple[Route, str], ...] = (
    ((), "command"),
    ((), "cmd"),
    (("command",), "path"),
    (("transport",), "command"),
)
"""The keys of what is started: of most clients, of Goose, of older entries of Zed and of Continue."""


@dataclass(frozen=True, slots=True)
class Relaying:
    """How entries are to lead to the relay."""

    program: str = "mcpaudit"
    """What starts mcpaudit for a client."""
    listen: str = ""
    """Where the relay of a remote server listens: `127.0.0.1:8765`."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """The changes for some installations."""

    there: tuple[FilePatch, ...] = ()
    back: tuple[FilePatch, ...] = ()
    left: tuple[str, ...] = ()
    """What cannot be changed, and why."""
    commands: tuple[str, ...] = ()
    """What has to run beside the client, for remote servers."""
    contents: dict[str, tuple[bytes, bytes]] = field(default_factory=dict, repr=False)
    """Each file before and afterwards, whole; they may hold secrets and are never shown."""


def relaying(collected: Collected, chosen: Sequence[Installation], how: Relaying, packs: Packs) -> Relayed:
    """Pass these installations through the relay."""
    every = [one for config in collected.agents for one in config.installations]
    files: dict[str, PatchedFile] = {}
    left, commands = [], []
    for place in dict.fromkeys(one.place for one in chosen):
        here = [one for one in every if one.place == place]
        one = here[0]
        client = one.client if len({other.client for other in here}) == 1 else ""
        try:
            if reason := next(filter(None, (NOT_YOURS.get(other.level) for other in here)), ""):
                raise Uneditable(reason)
            held = files.get(place.file) or opened(place.file, collected.documents, collected.site, packs)
            edits = _edits(one, client, value_at(held.data, place.route), how)
            says = f"record `{one.name}`" + (f" of {client}" if client else "")
            files[place.file] = held.changed(edits, says)
            if one.entry.url is not None:
                commands.append(_command(one, client, how))
        except Uneditable as reason:
            left.append(f"`{one.name}` in {place.file}: {reason}")
    there, back, contents = [], [], {}
    for file, held in sorted(files.items()):
        try:
            undone = _undone(held, packs)
        except Uneditable as reason:
            left.append(f"{file}: {reason}")
            continue
        there.append(held.patch)
        back.append(undone)
        contents[file] = (held.before_content, held.content)
    return Relayed(tuple(there), tuple(back), tuple(left), tuple(commands), contents)


def _edits(one: Installation, client: str, entry: Json, how: Relaying) -> list[Edit]:
    if not isinstance(entry, dict):
        raise Uneditable("the entry is no object")
    if one.entry.relay is not None:
        raise Uneditable("it is recorded already; the patch that did it undoes it, by `git apply -R`")
    if one.entry.url is not None:
        return [_to_relay(one, entry, how)]
    words: list[Json] = ["live", "record", f"--name={one.name}"]
    words += [f"--client={client}"] if client else []
    words.append("--")
    inside, key, command = _started(entry)
    route = (*one.place.route, *inside)
    if isinstance(command, list):
        return [Edit("prepend", (*route, key), [how.program, *words])]
    args = value_at(entry, (*inside, "args"))
    first = Edit("set" if args is None else "prepend", (*route, "args"), [*words, command])
    return [first, Edit("set", (*route, key), how.program)]


def _started(entry: dict[str, Json]) -> tuple[Route, str, str | list[Json]]:
    """Where an entry says what is started: the table, the key, and what stands there."""
    for inside, key in _STARTED:
        command = value_at(entry, (*inside, key))
        if isinstance(command, str | list) and command:
            return inside, key, command
    raise Uneditable("the entry has no command")


def _to_relay(one: Installation, entry: dict[str, Json], how: Relaying) -> Edit:
    """The relay's host and port in the place of the server's; the rest of the address stays as it is."""
    assert one.entry.url is not None
    route = one.entry.url.place.route
    found = _ADDRESS.fullmatch(str(value_at(entry, route[len(one.place.route) :])))
    if found is None or one.server.transport not in ("http", "sse"):
        raise Uneditable(f"`{one.server.url or one.entry.url.text}` is no address that a relay can stand for")
    if set(found[2]) & set("$%{}@"):
        raise Uneditable("the host in its address depends on a variable, or comes with a user and a password")
    if not how.listen:
        raise Uneditable("say where its relay is to listen: --listen 127.0.0.1:PORT")
    return Edit("set", route, f"http://{how.listen}{found[3]}")


def _command(one: Installation, client: str, how: Relaying) -> str:
    words = [
        "mcpaudit",
        "live",
        "record",
        "--listen",
        how.listen,
        "--to",
        one.server.url,
        f"--name={one.name}",
    ]
    return shlex.join([*words, *([f"--client={client}"] if client else [])])


def _undone(held: PatchedFile, packs: Packs) -> FilePatch:
    """The change back; raises `Uneditable` where it must not be shown."""
    after = parse(held.after.encode(), held.file, held.syntax)
    assert isinstance(after, Document)
    assert held.before is not None
    mark = "\ufeff" * held.marked
    shown = unified(mark + held.after, mark + held.before, held.path, SecretLines(after, packs))
    if shown.hidden:
        raise Uneditable("the patch that undoes it would have to repeat a secret, or what cannot be seen")
    says = tuple(text.replace("record ", "no longer record ", 1) for text in held.says)
    return FilePatch(held.file, held.tree, says, shown.text)
