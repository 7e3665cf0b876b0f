"""The defaults of command-line options, as yargs, commander and Node's `parseArgs` are told them."""

import re
from typing import TYPE_CHECKING

from mcpaudit.manifests.javascript.expressions import dashed
from mcpaudit.manifests.javascript.tree import Source, arguments
from mcpaudit.manifests.javascript.values import EMPTY, UNDEFINED, UNKNOWN, Obj

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

FLAG_STEPS = 3000
_DECLARED = re.compile(rb"(?:\.(?:options?|addOption)|\bOption|\bparseArgs)\s*\(")
_LONG = re.compile(r"--(no-)?([A-Za-z][\w-]*)")


def defaults(engine: "Engine") -> dict[str, object]:
    """What options hold that nobody sets, by their names with dashes."""
    if engine.flags is None:
        engine.flags = {}
        with engine.apart(FLAG_STEPS):
            for source in list(engine.order):
                for match in source.find(_DECLARED):
                    if engine.spent():
                        break
                    _declared(engine, source, match.end() - 1, engine.flags)
    return engine.flags


def _declared(engine: "Engine", source: Source, bracket: int, found: dict[str, object]) -> None:
    listed = source.at(bracket)
    listed = listed if listed.type == "arguments" else listed.parent or listed
    call = listed.parent
    if call is None or listed.type != "arguments" or call.type not in ("call_expression", "new_expression"):
        return
    given = [engine.eval(source, one, EMPTY) for one in arguments(call)[:4]]
    if given and isinstance(given[0], str):
        name, negated = given[0], False
        if long := _LONG.search(name):
            name, negated = long[2], bool(long[1])
        told = given[1] if len(given) > 1 else UNDEFINED
        if isinstance(told, Obj):
            _default(engine, name, told, found)
        elif negated:
            found[dashed(name)] = True
        elif len(given) > 2 and isinstance(given[-1], (bool, int, float, str)):
            found[dashed(name)] = given[-1]
    elif given and isinstance(given[0], Obj):
        options = engine.member(given[0], "options") if "options" in given[0].props else given[0]
        for name in options.props if isinstance(options, Obj) else ():
            told = engine.member(options, name)
            if isinstance(told, Obj):
                _default(engine, name, told, found)


def _default(engine: "Engine", name: str, told: Obj, found: dict[str, object]) -> None:
    value = engine.member(told, "default")
    if value is not UNDEFINED and value is not UNKNOWN:
        found[dashed(name)] = value
