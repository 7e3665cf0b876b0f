"""What the arguments of a tool take, in a word or two each, so that a lock can be read line by line."""

import json
from collections.abc import Iterator

from mcpaudit.knowledge.words import inputs
from mcpaudit.parsing.document import Json

_MOST_VALUES = 12
_LONGEST_VALUE = 40
_DEEPEST = 4
_BETWEEN = " | "
ANY = "any"


def shapes(schema: dict[str, Json]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What each argument takes, by name, and the names of those that have to be given."""
    properties = schema.get("properties")
    own = properties if isinstance(properties, dict) else {}
    # `inputs` also knows the arguments that stand in alternatives of the schema.
    found = {one.name: one for one in inputs(schema) if not one.depth}
    pairs = tuple(
        (name, shape(own[name], schema) if name in own else one.type or ANY)
        for name, one in sorted(found.items())
    )
    return pairs, tuple(name for name, one in sorted(found.items()) if one.required)


def shape(node: Json, root: dict[str, Json]) -> str:
    """What one argument takes: `string`, `'a' | 'b'`, `integer | null`."""
    return _BETWEEN.join(sorted(set(_alternatives(node, root, 0)))) or ANY


def widened(before: str, after: str) -> bool:
    """Whether an argument takes all that it took, and more."""
    old, new = before.split(_BETWEEN), after.split(_BETWEEN)
    return old != new and _covers(new, old) and not _covers(old, new)


def _covers(wide: list[str], narrow: list[str]) -> bool:
    return all(_within(one, wide) for one in narrow)


def _within(one: str, wide: list[str]) -> bool:
    if one in wide or ANY in wide or (one == "integer" and "number" in wide):
        return True
    return "string" in wide and one.startswith(("'", "one of "))


def _alternatives(node: Json, root: dict[str, Json], depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > _DEEPEST:
        yield ANY
        return
    if isinstance(node.get("$ref"), str):
        yield from _alternatives(_target(str(node["$ref"]), root), root, depth + 1)
        return
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else None
    if isinstance(values, list):
        yield from _literals(values)
        return
    for key in ("anyOf", "oneOf"):
        branches = node.get(key)
        if isinstance(branches, list) and branches:
            for branch in branches:
                yield from _alternatives(branch, root, depth + 1)
            return
    kind = node.get("type")
    names = [name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)]
    yield from names or [ANY]


def _target(reference: str, root: dict[str, Json]) -> Json:
    found: Json = dict(root)
    for part in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _literals(values: list[Json]) -> Iterator[str]:
    texts = [f"'{one}'" if isinstance(one, str) else json.dumps(one) for one in values]
    if len(texts) > _MOST_VALUES or any(len(text) > _LONGEST_VALUE for text in texts):
        yield f"one of {len(texts)} values"
        return
    yield from texts
