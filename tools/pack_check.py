"""Holds provider packs against their form and against each other: `python -m tools.pack_check [FOLDER]`.

Every mistake is shown with its place. Packs are checked here and by the tests, never at run time.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.knowledge import pack_reader
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.pack_reader import matching
from mcpaudit.knowledge.words import words
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document
from mcpaudit.policy.validation import held_against, mistake, read_document

FOLDER = Path(pack_reader.__file__).parent / "packs"
SCHEMA = Path(__file__).parent / "pack.schema.yaml"
_DOTTED = ("credentials", "scopes", "resources")
"""Parts of a pack whose entries may be checked one by one."""


@dataclass(frozen=True, slots=True)
class File:
    """A pack that has the right form."""

    document: Document
    data: dict[str, Any]

    @property
    def kinds(self) -> dict[str, Any]:
        """Its resources."""
        kinds: dict[str, Any] = self.data["resources"]
        return kinds

    def wrong(self, route: Route, message: str, hint: str = "", *, on_key: bool = False) -> Mistake:
        """A mistake at a place of the file."""
        return mistake(self.document, route, message, hint, on_key)

    def each(self, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The entries of a list, numbered."""
        return enumerate(self.data.get(section, ()))


Check = Callable[[File, Mapping[str, File]], Iterator[Mistake]]


def schema() -> dict[str, Any]:
    """The form of a pack, as a JSON Schema."""
    found: dict[str, Any] = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return found


def check(folder: Path) -> list[Mistake]:
    """Every mistake in a folder's packs, in the order of files and lines."""
    mistakes: list[Mistake] = []
    found: dict[str, File] = {}
    rules = schema()
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_document(path, path.name)
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        malformed = held_against(document, rules)
        if not malformed and isinstance(document.data, dict):
            found[path.stem] = File(document, document.data)
        mistakes += malformed
    for file in found.values():
        for one in (*_ALONE, *_TOGETHER):
            mistakes += one(file, found)
    if not mistakes:
        mistakes += _examples(folder, found)
    return sorted(mistakes, key=lambda one: (one.file, one.line, one.column, one.message))


def _name(file: File, _: Mapping[str, File]) -> Iterator[Mistake]:
    stem = file.document.file.removesuffix(".yaml")
    if file.data["provider"] != stem:
        yield file.wrong(("provider",), f"a pack is named after its provider: this file is {stem}.yaml")
    order = list(file.data)
    late = [key for key in order[order.index("resources") :] if key in _RECOGNISING]
    for key in late:
        yield file.wrong((key,), f"`{key}` must stand above `resources`, where it is read first", on_key=True)
    for key in order[order.index("sources") :]:
        if key not in ("sources", "checked", "open", "examples"):
            yield file.wrong(
                (key,), f"`{key}` must stand above `sources`, below which nothing is read", on_key=True
            )


_RECOGNISING = ("pack", "provider", "title", "aliases", "hosts", "servers", "tenant", "credentials")


def _tree(file: File, _: Mapping[str, File]) -> Iterator[Mistake]:
    nouns: dict[str, str] = {}
    for kind, item in file.kinds.items():
        parent = item.get("parent")
        if parent is not None and parent not in file.kinds:
            yield file.wrong(
                ("resources", kind, "parent"), f"`{parent}` is no kind", _near(parent, file.kinds)
            )
        elif kind in _above(
            kind, {name: [one["parent"]] for name, one in file.kinds.items() if "parent" in one}
        ):
            yield file.wrong(("resources", kind, "parent"), f"`{kind}` would contain itself")
        for index, noun in enumerate(item.get("nouns", ())):
            route = ("resources", kind, "nouns", index)
            if noun in nouns:
                yield file.wrong(route, f"`{noun}` means `{nouns[noun]}` already")
            elif words(noun) != tuple(noun.split("_")):
                yield file.wrong(route, f"no tool's name has the words `{noun}`")
            nouns.setdefault(noun, kind)


def _scopes(file: File, _: Mapping[str, File]) -> Iterator[Mistake]:
    for section in ("scopes", "permissions"):
        yield from _granting(file, section)
    for index, grant in file.each("unscoped"):
        yield from _on_a_kind(file, ("unscoped", index, "on"), grant)


def _granting(file: File, section: str) -> Iterator[Mistake]:
    scopes = file.data.get(section, {})
    implies = {name: item.get("implies", []) for name, item in scopes.items()}
    for name, item in scopes.items():
        for index, implied in enumerate(implies[name]):
            if implied not in scopes:
                route = (section, name, "implies", index)
                yield file.wrong(route, f"`{implied}` is no scope", _near(implied, scopes))
        if name in _above(name, implies):
            yield file.wrong((section, name, "implies"), f"`{name}` would imply itself")
        for index, grant in enumerate(item.get("grants", ())):
            yield from _on_a_kind(file, (section, name, "grants", index, "on"), grant)


def _on_a_kind(file: File, route: Route, grant: dict[str, Any]) -> Iterator[Mistake]:
    if not matching(grant["on"], file.kinds):
        yield file.wrong(route, f"`{grant['on']}` is no kind", _near(grant["on"], file.kinds))


def _reaches(file: File, found: Mapping[str, File]) -> Iterator[Mistake]:
    for index, item in file.each("reaches"):
        target = found.get(item["provider"])
        if target is None:
            yield file.wrong(
                ("reaches", index, "provider"), "there is no such pack", _near(item["provider"], found)
            )
        elif not matching(item["on"], target.kinds):
            hint = _near(item["on"], target.kinds)
            yield file.wrong(
                ("reaches", index, "on"), f"`{item['on']}` is no kind of {item['provider']}", hint
            )
        for number, kind in enumerate(item["from"]):
            if kind not in file.kinds:
                yield file.wrong(
                    ("reaches", index, "from", number), f"`{kind}` is no kind", _near(kind, file.kinds)
                )


def _entries(file: File, found: Mapping[str, File]) -> Iterator[Mistake]:
    """Switches, bounds and default kinds are of listed servers, and name kinds that there are."""
    listed = file.data.get("servers", [])
    for section in ("switches", "bounds", "tools"):
        for index, item in file.each(section):
            if item["server"] not in listed and not (section == "tools" and item["server"] == "*"):
                hint = _near(item["server"], listed)
                yield file.wrong((section, index, "server"), "this server is not listed in `servers`", hint)
    for index, item in file.each("tools"):
        if item["kind"] not in file.kinds:
            yield file.wrong(
                ("tools", index, "kind"), f"`{item['kind']}` is no kind", _near(item["kind"], file.kinds)
            )
    for index, item in file.each("bounds"):
        provider, _, kind = item["on"].partition(":")
        if provider not in found or kind not in found[provider].kinds:
            yield file.wrong(("bounds", index, "on"), f"`{item['on']}` is no kind of a pack")
    for kind, patterns in file.data.get("covers", {}).items():
        if kind not in file.kinds:
            yield file.wrong(("covers", kind), f"`{kind}` is no kind", _near(kind, file.kinds), on_key=True)
        for index, pattern in enumerate(patterns):
            if pattern.partition(":")[0] not in found:
                yield file.wrong(("covers", kind, index), "there is no such pack")


def _grounds(file: File, _: Mapping[str, File]) -> Iterator[Mistake]:
    """What is checked is there, sources are named that exist, and none is named for nothing."""
    sources, used = file.data["sources"], set()
    for part, given in file.data["checked"].items():
        names = [given] if isinstance(given, str) else given
        used.update(names)
        for name in names:
            if name not in sources:
                yield file.wrong(
                    ("checked", part), f"`{name}` is no source of this pack", _near(name, sources)
                )
        if part not in parts(file.data):
            yield file.wrong(
                ("checked", part), f"this pack has no {part}", _near(part, parts(file.data)), on_key=True
            )
    for name in sources:
        if name not in used:
            yield file.wrong(("sources", name), "nothing is checked against this source", on_key=True)


def parts(data: Mapping[str, Any]) -> list[str]:
    """The parts of a pack that state facts about the world outside."""
    outside = (
        "hosts",
        "servers",
        "tenant",
        "credentials",
        "resources",
        "scopes",
        "permissions",
        "unscoped",
        "reaches",
        "switches",
        "bounds",
    )
    found = [part for part in outside if data.get(part)]
    for part in _DOTTED:
        entries = data.get(part, {})
        names = [item["id"] for item in entries] if isinstance(entries, list) else list(entries)
        found += [f"{part}.{name}" for name in names]
    return found


def _unique(file: File, found: Mapping[str, File]) -> Iterator[Mistake]:
    """No two packs claim one server, host, name, variable or beginning of a secret."""
    for route, what, name in _claims(file):
        for other in found.values():
            same = [place for place, kind, known in _claims(other) if (kind, known) == (what, name)]
            if other is file:
                same = [place for place in same if place < route]
            if same and (other is file or other.document.file < file.document.file):
                line, _ = other.document.locate(same[0])
                yield file.wrong(route, f"{what} `{name}` is claimed at {other.document.file}:{line} already")


def _claims(file: File) -> Iterator[tuple[Route, str, str]]:
    data = file.data
    yield ("provider",), "the name", data["provider"]
    for index, alias in enumerate(data.get("aliases", ())):
        yield ("aliases", index), "the name", alias
    for index, server in enumerate(data.get("servers", ())):
        yield ("servers", index), "the server", server
    for index, host in enumerate(data.get("hosts", ())):
        yield ("hosts", index), "the host", host
    for index, item in file.each("credentials"):
        yield ("credentials", index, "id"), f"in {data['provider']} the credential", item["id"]
        for number, name in enumerate(item.get("env", ())):
            yield ("credentials", index, "env", number), "the variable", name
        for number, prefix in enumerate(item.get("prefix", ())):
            yield ("credentials", index, "prefix", number), "the beginning", prefix


def _hosts(file: File, found: Mapping[str, File]) -> Iterator[Mistake]:
    """A host belongs to one provider: no pattern lies within another pack's."""
    for index, host in enumerate(file.data.get("hosts", ())):
        for other in found.values():
            for wide in other.data.get("hosts", ()):
                within = host.startswith("*.") and wide.startswith("*.") and host.endswith(wide[1:])
                if other is not file and within and host != wide:
                    yield file.wrong(
                        ("hosts", index), f"hosts of `{host}` are claimed by {other.document.file}, too"
                    )


def _examples(folder: Path, found: Mapping[str, File]) -> Iterator[Mistake]:
    """Each example means what it says; a pack whose names mean kinds has one."""
    packs = Packs.load(folder)
    for provider, file in found.items():
        for index, item in file.each("examples"):
            means = [match.kind for match in packs.kinds_for(words(item["tool"]), [provider])]
            if means != [item["kind"]]:
                said = f"`{means[0]}`" if means else "nothing"
                yield file.wrong(
                    ("examples", index), f"`{item['tool']}` means {said} here, not `{item['kind']}`"
                )
        if not file.data["examples"] and any(item.get("nouns") for item in file.kinds.values()):
            yield file.wrong(("examples",), "a pack with nouns needs an example of a real tool's name")


_ALONE: tuple[Check, ...] = (_name, _tree, _scopes, _grounds)
_TOGETHER: tuple[Check, ...] = (_reaches, _entries, _unique, _hosts)


def _above(name: str, edges: Mapping[str, list[str]]) -> set[str]:
    """All that is reached from a name; with the name itself, where there is a circle."""
    seen: set[str] = set()
    ahead = [*edges.get(name, ())]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += edges.get(one, ())
    return seen


def _near(word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def main(arguments: list[str]) -> int:
    """Show every mistake; 1 where there is one."""
    mistakes = check(Path(arguments[0]) if arguments else FOLDER)
    print("\n".join(map(str, mistakes)) or "all packs are well formed")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
