"""Taking a tool's texts apart: the words of its name and description, and the inputs of its schema."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from mcpaudit.parsing.document import Json

_LONGEST_NAME = 256
_LONGEST_OPENING = 240
_MOST_INPUTS = 300
_MOST_BRANCHES = 60
_DEEPEST = 2
_TEXTUAL = frozenset({"string", "array", ""})
_Found = dict[tuple[str, int], "Input"]
_COMBINING = ("anyOf", "oneOf", "allOf")
_NESTING = frozenset({*_COMBINING, "items"})
_SPLITTING = frozenset({*_NESTING, "properties", "enum", "const"})

# A capital run ends before the capital that opens the next word (`APIKey` is `api key`); digits stay
# with the word that they follow (`s3`, `V2010`).
_WORD = re.compile(
    r"[A-Za-z]\d+[a-z](?![a-z])|[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])"
    r"|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+[a-z]*|[^\W\d_A-Za-z]+"
)
_TOKEN = re.compile(r"[^\W\d_][\w'-]*|[,/&.:;!?(\n\u2013\u2014]|\d+")
# What stands before a description's first verb and says nothing: tags, headings and emphasis.
_MARKUP = re.compile(r"\s+|\[[^\]\n]{1,40}\]|\([^)\n]{1,40}\)|#[^\n]{0,80}\n|[^\w\s]|_")


@lru_cache(maxsize=16384)
def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in any case style: `getUser_byId` is `get user by id`."""
    # Compatibility forms are folded, so that full-width letters cannot hide a verb.
    plain = unicodedata.normalize("NFKC", name[:_LONGEST_NAME])
    return tuple(match.lower() for match in _WORD.findall(plain))


def opening(text: str) -> tuple[str, ...]:
    """The words and stops of a description's beginning, in lower case."""
    head, at = text[:_LONGEST_OPENING], 0
    while match := _MARKUP.match(head, at):
        at = match.end()
    return tokens_of(head, at)


def tokens_of(text: str, at: int = 0) -> tuple[str, ...]:
    """The words and stops of a text, in lower case."""
    return tuple(_TOKEN.findall(text.lower(), at))


def foreign_script(text: str) -> bool:
    """Whether a text is mostly written in no Latin script, as Chinese, Japanese or Russian is."""
    head = text[:_LONGEST_OPENING]
    if head.isascii():
        return False
    letters = [character for character in head if character.isalpha()]
    return 2 * sum(character > "\u024f" for character in letters) > len(letters) > 0


def bases(word: str) -> Iterator[str]:
    """What an inflected verb may come from, likeliest first: `copies` from `copy`, `running` from `run`."""
    yield word
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if word.endswith("es"):
        yield word[:-2]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            yield stem
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]


class Input(NamedTuple):
    """One parameter of a tool, as far as its schema tells."""

    # A named tuple, because a catalog holds a hundred thousand of them.
    name: str
    key: str
    """The name as the lexicon writes names: `filePath` is `file_path`."""
    type: str = ""
    values: tuple[str, ...] = ()
    required: bool = False
    description: str = ""
    depth: int = 0
    """0 for the tool's own parameters, more for those inside objects."""

    @property
    def free(self) -> bool:
        """Whether the model may put any text here."""
        return not self.values and self.type in _TEXTUAL


def inputs(schema: dict[str, Json]) -> tuple[Input, ...]:
    """The parameters of a schema: its own, those of its alternatives, and those of nested objects."""
    found: dict[tuple[str, int], Input] = {}
    _collect(schema, schema, 0, found, set())
    return tuple(found.values())


def _collect(
    node: Mapping[str, Json], root: Mapping[str, Json], depth: int, found: _Found, seen: set[tuple[int, int]]
) -> None:
    # A schema may refer to itself, and to itself many times over.
    if (id(node), depth) in seen:
        return
    seen.add((id(node), depth))
    required = node.get("required")
    names = required if isinstance(required, list) else ()
    properties = node.get("properties")
    for name, value in properties.items() if isinstance(properties, dict) else ():
        inner = _resolved(value, root) if isinstance(value, dict) and "$ref" in value else value
        if not isinstance(inner, dict) or len(found) >= _MOST_INPUTS:
            continue
        kind, text = inner.get("type"), inner.get("description")
        shown = text if isinstance(text, str) else ""
        if isinstance(kind, str) and (name, depth) not in found and _SPLITTING.isdisjoint(inner):
            # Most parameters are this plain.
            found[name, depth] = Input(name, _key(name), kind, (), name in names, shown[:400], depth)
            continue
        branches = () if _NESTING.isdisjoint(inner) else tuple(_branches(inner, root))
        values: tuple[str, ...] = ()
        if branches or "enum" in inner or "const" in inner:
            values = tuple(dict.fromkeys(_values(inner, branches, root)))
        known = found.get((name, depth))
        if known is not None:
            # Alternatives that fix one parameter to different values offer them all, or any text at all.
            values = tuple(dict.fromkeys(known.values + values)) if known.values and values else ()
        found[name, depth] = Input(
            name,
            _key(name),
            kind if isinstance(kind, str) else _type(kind, branches),
            values,
            name in names,
            shown[:400],
            depth,
        )
        if depth < _DEEPEST and (branches or "properties" in inner):
            for nested in (inner, *branches):
                if "properties" in nested:
                    _collect(nested, root, depth + 1, found, seen)
    # An alternative adds to what stands beside it; only a property opens a new level.
    if not _NESTING.isdisjoint(node):
        for branch in _branches(node, root):
            if "properties" in branch:
                _collect(branch, root, depth, found, seen)


@lru_cache(maxsize=16384)
def _key(name: str) -> str:
    return "_".join(words(name))


def _resolved(node: Json, root: Mapping[str, Json]) -> Json:
    """A node with one local reference followed; a chain of them is left alone."""
    target = node.get("$ref") if isinstance(node, dict) else None
    if not isinstance(target, str) or not target.startswith("#/"):
        return node
    found: Json = dict(root)
    for part in target[2:].split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _branches(node: Mapping[str, Json], root: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """The alternatives of a node, and what an array holds."""
    for key in _COMBINING:
        if key in node and isinstance(listed := node[key], list):
            resolved = (_resolved(branch, root) for branch in listed[:_MOST_BRANCHES])
            yield from (inner for inner in resolved if isinstance(inner, dict))
    if "items" in node and isinstance(items := _resolved(node["items"], root), dict):
        yield items


def _type(kind: Json, branches: Sequence[Mapping[str, Json]]) -> str:
    options = [kind, *(branch.get("type") for branch in branches)]
    flat = [name for option in options for name in (option if isinstance(option, list) else [option])]
    named = [name for name in flat if isinstance(name, str) and name != "null"]
    return "string" if "string" in named else next(iter(named), "")


def _values(
    node: Mapping[str, Json], branches: Sequence[Mapping[str, Json]], root: Mapping[str, Json], depth: int = 0
) -> list[str]:
    enum = node.get("enum")
    options = enum if isinstance(enum, list) else (node.get("const"),)
    found = [value for value in options if isinstance(value, str)]
    for branch in branches:
        if "enum" in branch or "const" in branch or (depth < 1 and not _NESTING.isdisjoint(branch)):
            inner = tuple(_branches(branch, root)) if depth < 1 else ()
            found += _values(branch, inner, root, depth + 1)
    return found
