"""What files export, and what an import leads to."""

from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript import expressions as expressions
from mcpaudit.manifests.javascript.exports import exports
from mcpaudit.manifests.javascript.tree import CLASSES, FUNCTIONS, Source
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    UNKNOWN,
    Ext,
    Ns,
    known,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine


def exported(engine: "Engine", source: Source, name: str, depth: int = 0) -> object:
    """What a file exports under a name."""
    if depth > 12 or not source.data:
        return UNKNOWN
    if id(source) not in engine._exports:
        engine._exports[id(source)] = exports(source)
    table, stars = engine._exports[id(source)]
    if (found := table.get(name)) is not None:
        if found.module:
            return imported(engine, source, found.module, found.name, depth + 1)
        if found.local:
            return engine.name(source, source.root, found.local, EMPTY)
        return engine.eval(source, found.node, EMPTY) if found.node else UNKNOWN
    if (whole := table.get("=")) is not None and whole.node is not None:
        value = engine.eval(source, whole.node, EMPTY)
        return value if name == "default" else engine.member(value, name)
    for module in stars:
        other = engine.files.resolve(module, source.path)
        if other is not None and (loaded := engine.load(other)) is not None:
            value = exported(engine, loaded, name, depth + 1)
            if known(value):
                return value
    if name == "default" and table:
        return Ns(source)
    return UNKNOWN


def exported_names(engine: "Engine", source: Source, depth: int = 0) -> list[str]:
    if id(source) not in engine._exports:
        engine._exports[id(source)] = exports(source)
    table, stars = engine._exports[id(source)]
    names = [name for name in table if name != "="]
    for module in stars:
        other = engine.files.resolve(module, source.path)
        if other is not None and depth < 8 and (loaded := engine.load(other)) is not None:
            names += [name for name in exported_names(engine, loaded, depth + 1) if name != "default"]
    return list(dict.fromkeys(names))


def exported_as(engine: "Engine", source: Source, name: str) -> list[str]:
    """A name of a file, and the names under which the file exports it."""
    if id(source) not in engine._exports:
        engine._exports[id(source)] = exports(source)
    table, _ = engine._exports[id(source)]
    shown = [
        alias
        for alias, one in table.items()
        if not one.module
        and (one.local == name or (one.node is not None and _named(source, one.node) == name))
    ]
    return list(dict.fromkeys([name, *shown]))


def _named(source: Source, node: Node) -> str:
    """The name that an exported expression is, or the declared one of an exported function or class."""
    declared = node.child_by_field_name("name") if node.type in FUNCTIONS | CLASSES else None
    return source.text(declared or node)[:80]


def imported(engine: "Engine", source: Source, module: str, name: str, depth: int = 0) -> object:
    if module.endswith(".json"):
        return engine.document(module)
    path = engine.files.resolve(module, source.path)
    loaded = engine.load(path) if path else None
    if loaded is None:
        bare = module.removeprefix("node:")
        return Ext(bare if name in ("*", "default") else f"{bare}.{name}")
    return Ns(loaded) if name == "*" else exported(engine, loaded, name, depth)
