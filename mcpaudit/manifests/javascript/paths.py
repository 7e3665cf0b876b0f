"""What the platform's functions for paths and files give; only files of the package are read."""

import posixpath
from typing import TYPE_CHECKING

from mcpaudit.manifests.documents import ROOT
from mcpaudit.manifests.javascript.values import (
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Item,
    Obj,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

_PARSERS = frozenset({"bundle", "dereference", "parse", "validate", "load"})


def of_files(engine: "Engine", name: str, values: list[object]) -> object | None:
    """What the functions for paths and files give for the package's own; `None` for other functions."""
    first = values[0] if values else UNDEFINED
    if not isinstance(first, str):
        parts = [one for one in values if isinstance(one, str)]
        return parts[-1] if name in ("join", "resolve") and parts and values[-1] is parts[-1] else None
    if name in ("readFileSync", "readFile") or (name in _PARSERS and first.startswith(ROOT)):
        return engine.document(first) if first.endswith((".json", ".yaml", ".yml")) else UNKNOWN
    if name in ("join", "resolve"):
        if not all(isinstance(one, str) for one in values):
            return UNKNOWN
        parts = [str(one) for one in values]
        return posixpath.normpath(posixpath.join(*parts)) if first.startswith(ROOT) else parts[-1]
    if name == "dirname":
        return posixpath.dirname(first)
    if name == "extname":
        return posixpath.splitext(first)[1]
    if name == "basename":
        end = values[1] if len(values) > 1 else ""
        return posixpath.basename(first).removesuffix(end) if isinstance(end, str) else UNKNOWN
    if name == "fileURLToPath" or name == "URL":
        base = values[1] if len(values) > 1 else ""
        beside = isinstance(base, str) and base.startswith(ROOT)
        return posixpath.normpath(posixpath.join(posixpath.dirname(str(base)), first)) if beside else first
    if name in ("readdirSync", "readdir"):
        return _folder(engine, first, entries=len(values) > 1)
    return None


def _folder(engine: "Engine", path: str, entries: bool) -> object:
    listed = engine.files.documents.listed(path) if path.startswith(ROOT) else None
    if listed is None:
        return Arr(open=True)
    if not entries:
        return Arr([Item(name) for name, _ in listed])
    return Arr(
        [
            Item(
                Obj({"name": name, "isDirectory": Bound(inner, "gives"), "isFile": Bound(not inner, "gives")})
            )
            for name, inner in listed
        ]
    )
