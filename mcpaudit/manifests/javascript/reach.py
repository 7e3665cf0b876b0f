"""Whether the functions around a piece of code are called at all, as far as the code says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.callers import aliases, call_sites, handed_on, names_of
from mcpaudit.manifests.javascript.context import CALL, undecided
from mcpaudit.manifests.javascript.tree import FUNCTIONS, Source, ancestors
from mcpaudit.manifests.javascript.values import EMPTY, MAYBE, Env, Func

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_WORD, _EXPORTS = re.compile(rb""), re.compile(rb"\bexports\b")
_NO_USE = frozenset({"export_specifier", "import_specifier", "import_clause"})


def doubts(engine: "Engine", source: Source, node: Node, env: Env = EMPTY) -> frozenset[str]:
    """Why it is not certain that the functions around a piece of code are called, or as they are bound."""
    found: frozenset[str] = frozenset()
    for around in ancestors(node):
        if around.type not in FUNCTIONS or env.holding_scope(engine.key(source, around)) is not None:
            continue
        key = engine.key(source, around)
        if key not in engine.doubts:
            engine.doubts[key] = frozenset()  # a function that calls itself is called by others
            engine.doubts[key] = _calls(engine, source, around)
        found |= engine.doubts[key]
    for where, call, _ in _bound(env, EMPTY):
        found |= _call(engine, where, call)
    return found


def turn_switch(inner: Env, outer: Env) -> str:
    env: Env | None = inner
    while env is not None and env is not outer:
        switch = env.names.get("?")
        if isinstance(switch, str) and switch:
            return switch
        env = env.up
    return ""


def unsure_call(engine: "Engine", inner: Env, outer: Env) -> str:
    """A condition on one of the calls that were bound of which it is not known whether it holds."""
    told = (undecided(engine, where, call, env) for where, call, env in _bound(inner, outer))
    return next((one for one in told if one), "")


def _bound(inner: Env, outer: Env) -> Iterator[tuple[Source, Node, Env]]:
    """The calls for which an environment was bound, and what was bound around each."""
    env: Env | None = inner
    while env is not None and env is not outer:
        held = env.names.get(CALL)
        if isinstance(held, tuple):
            where, call = held
            yield where, call, env.up or EMPTY
        env = env.up


def _call(engine: "Engine", where: Source, call: Node) -> frozenset[str]:
    key = engine.key(where, call)
    if key not in engine.doubts:
        engine.doubts[key] = frozenset()
        own = undecided(engine, where, call, EMPTY).removeprefix(MAYBE)
        engine.doubts[key] = doubts(engine, where, call) | ({own} if own else frozenset())
    return engine.doubts[key]


def _calls(engine: "Engine", source: Source, function: Node) -> frozenset[str]:
    """The doubts about the call that is the least in doubt."""
    least: frozenset[str] | None = None
    for where, call, _ in call_sites(engine, source, function):
        if where is source and function.start_byte <= call.start_byte < function.end_byte:
            continue
        found = _call(engine, where, call)
        if least is None or len(found) < len(least):
            least = found
        if not least:
            return least
    if engine.spent():
        return frozenset()
    if least is None:
        return _unused(engine, source, function)
    return frozenset() if handed_on(engine, source, function) else least


def _unused(engine: "Engine", source: Source, function: Node) -> frozenset[str]:
    """Says so where the name of a function occurs nowhere but where it is declared, exported and imported."""
    names = names_of(engine, source, function)
    if len(names) != 1 or names[0][1] or _EXPORTS.search(source.data):
        return frozenset()
    name = names[0][0]
    whole = _handing_on(source)
    for where in engine.order:
        if where is not source and whole.search(where.data):
            return frozenset()
        names_here = {name} if where is source else aliases(engine, where, source, name) - {"default"}
        for one in sorted(names_here):
            meant = engine.name(where, where.root, one, EMPTY) if one != name else None
            if one != name and not (isinstance(meant, Func) and meant.node == function):
                continue  # the default export of another module
            for match in where.word(one.encode(), _WORD):
                node = where.at(match.start)
                engine.meter.steps += 1
                if engine.spent() or not _declares(where, node, source, function):
                    return frozenset()
    return frozenset({f"nothing calls {name}"})


def _handing_on(source: Source) -> re.Pattern[bytes]:
    """What takes all that a module exports, by names that are nowhere written."""
    place = Path(source.shown)
    names = b"|".join(re.escape(one.encode()) for one in {place.stem, place.parent.name} if one)
    return re.compile(
        rb"(?:\*\s*(?:as\s+[\w$]+\s*)?from|\b(?:import|require)\s*\()\s*[\"'][^\"'\n]*(?:" + names + rb")"
    )


def _declares(where: Source, node: Node, source: Source, function: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type in _NO_USE or parent.type == "comment" or node.type == "comment":
        return True
    if where is source and function.start_byte <= node.start_byte < function.end_byte:
        return True
    return where is source and parent.type == "variable_declarator" and parent.named_children[0] == node
