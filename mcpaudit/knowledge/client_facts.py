"""What is known of each client, one data file each: what is read, how it decides, what no file tells.

`docs/clients.md`, `mcpaudit explain CLIENT` and the last part of every report are made from it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.model.site import Platform

PLATFORMS: tuple[Platform, ...] = get_args(Platform)
_DATE = re.compile(r"20\d\d-\d\d(-\d\d)?")
_LISTS = ("loads", "decides", "rules_without_effect", "unknown")
_OPTIONAL = ("denies", "patches")
_KEYS = ("title", "unseen", "sources", "reads", "expands", *_LISTS)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact is known from, and its date: the source's own, else when it was read or observed."""

    title: str
    date: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, in a sentence."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Read:
    """A file that is read of a client, or several whose names are not fixed."""

    level: str
    paths: Mapping[Platform, str]
    """Templates as in `Site.locate`, with `*` for one name and `**` for any folders between."""
    holds: str
    """What it is read for."""
    source: Source


@dataclass(frozen=True, slots=True)
class Denies:
    """How a tool of a server is denied in a file of the client."""

    where: str
    """The list, in which file."""
    rule: str
    """What to add to it; `{name}` is the tool as rules name it, else `{server}` and `{tool}`."""
    source: Source


Purpose = Literal["deny", "allow", "switch-off"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a patch can write to deny tools, to allow only some, or to switch a server off."""

    to: Purpose
    form: Literal["list", "map", "flag"]
    """A list that gets an item, a map that gets an entry, or a key that gets a value."""
    route: tuple[str, ...]
    """The keys that lead to it."""
    files: Mapping[str, str]
    """Templates by the level of the server's entry; empty where it stands in the entry or in its file."""
    inside: Literal["entry", "file", ""]
    """Whether the route starts at the server's entry, at the root of the file that holds that, or neither."""
    source: Source
    value: bool = False
    """What the key gets."""
    levels: tuple[str, ...] = ()
    """The levels of entries for which it works; empty for all."""
    not_in: tuple[str, ...] = ()
    """Endings of files for whose entries it does not work."""


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """All that is known of one client."""

    id: str
    title: str
    unseen: str
    """What no file tells, in a clause that completes the client's name and a colon."""
    sources: Mapping[str, Source]
    reads: tuple[Read, ...]
    loads: tuple[Fact, ...]
    expands: Fact
    decides: tuple[Fact, ...]
    rules_without_effect: tuple[Fact, ...]
    unknown: tuple[Fact, ...]
    denies: Denies | None = None
    """`None` where no file of the client can deny a tool."""
    patches: tuple[Setting, ...] = ()
    """The best of each purpose first."""

    @property
    def sections(self) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
        """The lists of facts with their headings, in reading order; none is empty."""
        named = (
            ("Which entries load", self.loads),
            ("Variables", (self.expands,)),
            ("How it decides", self.decides),
            ("How a tool is denied", self._denying),
            ("What a patch writes", tuple(map(_patching, self.patches))),
            ("What does less than it seems to", self.rules_without_effect),
            ("What no file tells, or mcpaudit does not follow", self.unknown),
        )
        return tuple((heading, facts) for heading, facts in named if facts)

    @property
    def _denying(self) -> tuple[Fact, ...]:
        if self.denies is None:
            return ()
        return (Fact(f"By `{self.denies.rule}` in {self.denies.where}.", self.denies.source),)


_PURPOSES: dict[str, Purpose] = {"deny": "deny", "allow": "allow", "switch-off": "switch-off"}
_IN_WORDS = {
    "deny": "To deny tools",
    "allow": "To leave some tools only",
    "switch-off": "To switch a server off without removing it",
}


def _patching(one: Setting) -> Fact:
    """A setting that patches write, in a sentence."""
    key = ".".join(one.route)
    written = f"`{key}: {str(one.value).lower()}`" if one.form == "flag" else f"`{key}`"
    places = " or ".join(
        f"`{re.sub('^{project}/', '', path).replace('{home}', '~')}`" for path in one.files.values()
    )
    where = {"entry": "the server's entry", "file": "the file that holds the entry"}.get(one.inside, places)
    levels = f", for entries of level {', '.join(one.levels)}" if one.levels else ""
    levels += f", but for those of `{'`, `'.join(one.not_in)}`" if one.not_in else ""
    return Fact(f"{_IN_WORDS[one.to]}: {written} in {where}{levels}.", one.source)


@cache
def known_clients() -> tuple[str, ...]:
    """The ids of the clients of which there are facts."""
    names = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def client_facts(client: str) -> ClientFacts | None:
    """The facts of one client, of which only the one file is loaded; `None` for a client without any."""
    if client not in known_clients():
        return None
    return parse(client, _folder().joinpath(f"{client}.yaml").read_text("utf-8"))


def _folder() -> Path:
    return shipped.PACKAGE / "knowledge/clients"


def parse(client: str, text: str) -> ClientFacts:
    """The facts in the text of a data file; raises ValueError for what does not belong there."""
    loaded: object = shipped.parsed(text)
    root = _table(loaded, client, (*_KEYS, *_OPTIONAL), _KEYS)
    known: dict[str, Source] = {}
    for key, entry in _open_table(root["sources"], f"{client}.sources").items():
        where = f"{client}.sources.{key}"
        own = _table(entry, where, ("title", "date"), ("title", "date"))
        day = str(own["date"])
        if not _DATE.fullmatch(day):
            raise ValueError(f"{where}.date: not a month or a day: {day}")
        known[key] = Source(_text(own["title"], f"{where}.title"), day)
    lists = {key: tuple(_facts(root[key], f"{client}.{key}", known)) for key in _LISTS}
    return ClientFacts(
        id=client,
        title=_text(root["title"], f"{client}.title"),
        unseen=_text(root["unseen"], f"{client}.unseen"),
        sources=known,
        reads=tuple(_reads(root["reads"], f"{client}.reads", known)),
        loads=lists["loads"],
        expands=_fact(root["expands"], f"{client}.expands", known),
        decides=lists["decides"],
        rules_without_effect=lists["rules_without_effect"],
        unknown=lists["unknown"],
        denies=_denies(root["denies"], f"{client}.denies", known) if "denies" in root else None,
        patches=tuple(_settings(root.get("patches", []), f"{client}.patches", known)),
    )


def _denies(value: object, where: str, known: Mapping[str, Source]) -> Denies:
    keys = ("where", "rule", "source")
    own = _table(value, where, keys, keys)
    list_of, rule = (_text(own[key], f"{where}.{key}") for key in ("where", "rule"))
    return Denies(list_of, rule, _source(own["source"], where, known))


def _settings(value: object, where: str, known: Mapping[str, Source]) -> Iterator[Setting]:
    forms: tuple[Literal["list", "map", "flag"], ...] = ("list", "map", "flag")
    for number, entry in enumerate(_list(value, where)):
        here = f"{where}[{number}]"
        own = _table(
            entry, here, (*forms, "to", "in", "levels", "not_in", "value", "source"), ("to", "in", "source")
        )
        form = next((one for one in forms if one in own), None)
        purpose = _PURPOSES.get(_text(own["to"], here))
        if form is None or purpose is None:
            raise ValueError(f"{here}: needs one of {forms}, and `to` one of {list(_PURPOSES)}")
        inside: Literal["entry", "file", ""] = ""
        files: dict[str, str] = {}
        if own["in"] == "entry":
            inside = "entry"
        elif own["in"] == "file":
            inside = "file"
        else:
            table = _open_table(own["in"], f"{here}.in")
            files = {level: _text(path, f"{here}.in.{level}") for level, path in table.items()}
        yield Setting(
            purpose,
            form,
            _route(own[form], here),
            files,
            inside,
            _source(own["source"], here, known),
            own.get("value") is True,
            tuple(_text(one, here) for one in _list(own.get("levels", []), here)),
            tuple(_text(one, here) for one in _list(own.get("not_in", []), here)),
        )


def _route(value: object, where: str) -> tuple[str, ...]:
    """Keys joined by full stops, or a list of keys where one has a full stop in it."""
    if isinstance(value, list):
        return tuple(_text(key, where) for key in value)
    return tuple(_text(value, where).split("."))


def _reads(value: object, where: str, known: Mapping[str, Source]) -> Iterator[Read]:
    keys = ("level", "path", "holds", "source")
    for number, entry in enumerate(_list(value, where)):
        here = f"{where}[{number}]"
        own = _table(entry, here, keys, keys)
        path = own["path"]
        if isinstance(path, str):
            paths: dict[Platform, str] = dict.fromkeys(PLATFORMS, path)
        else:
            table = _table(path, f"{here}.path", PLATFORMS)
            paths = {one: _text(table[one], f"{here}.path.{one}") for one in PLATFORMS if one in table}
        level, holds = (_text(own[key], f"{here}.{key}") for key in ("level", "holds"))
        yield Read(level, paths, holds, _source(own["source"], here, known))


def _facts(value: object, where: str, known: Mapping[str, Source]) -> Iterator[Fact]:
    for number, entry in enumerate(_list(value, where)):
        yield _fact(entry, f"{where}[{number}]", known)


def _fact(value: object, where: str, known: Mapping[str, Source]) -> Fact:
    own = _table(value, where, ("fact", "source"), ("fact", "source"))
    return Fact(_text(own["fact"], f"{where}.fact"), _source(own["source"], where, known))


def _source(value: object, where: str, known: Mapping[str, Source]) -> Source:
    name = _text(value, f"{where}.source")
    if name not in known:
        raise ValueError(f"{where}.source: no such source is named above: {name}")
    return known[name]


def _table(
    value: object, where: str, allowed: Collection[str], required: Collection[str] = ()
) -> dict[str, object]:
    """An object with known keys only, and with all that it needs."""
    table = _open_table(value, where)
    if unknown := [key for key in table if key not in allowed]:
        raise ValueError(f"{where}: unknown keys {unknown}")
    if missing := [key for key in required if key not in table]:
        raise ValueError(f"{where}: missing keys {missing}")
    return table


def _open_table(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: not an object")
    return {_text(key, f"{where} (a key)"): entry for key, entry in value.items()}


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: not a list")
    return list(value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: not a text")
    return value
