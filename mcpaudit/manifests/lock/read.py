"""Reads `mcpaudit.lock` back: strictly, with the line of every mistake, and older formats brought up to date.

A lock is committed, so anybody who can open a pull request can write one: nothing in it is taken for granted.
"""

import json
import re
import types
from collections.abc import Callable, Iterable
from dataclasses import field, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.knowledge.secret_line import excerpt
from mcpaudit.manifests.lock.write import digest_of, text_digest
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.gap import Gap
from mcpaudit.model.lock import FILE, FORMAT, FULL, INTEGRITY, MAY_BE_EMPTY, OBJECTS, Lock, LockedTool
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import read

Tree = dict[str, Json]

UPGRADES: dict[int, Callable[[Tree], Tree]] = {FORMAT: lambda tree: tree}
"""For each format that can be read, what makes it one of the next; the current one stays as it is."""

ANEW = "`mcpaudit lock` writes it anew"
_MOST_MISTAKES = 20
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_HASHES = ("title", "description", "schema", "digest")
_INTEGRITY = re.compile(INTEGRITY)
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)
_NAMES: dict[Any, str] = {str: "a text", bool: "true or false", int: "a whole number", types.NoneType: "null"}


def read_lock(path: Path, shown: str = FILE) -> tuple[Lock, Document] | None:
    """The lock in a file, `None` where there is none; raises ConfigurationError with every mistake."""
    if path.is_symlink():
        # It would show, or have replaced, a file that the pull request itself does not hold.
        raise ConfigurationError([Mistake(shown, 0, 0, "a link, and a lock has to be a file of its own")])
    result = read(path, shown, "json")
    if result is None:
        return None
    if isinstance(result, Gap):
        hint = "it holds the marks of a merge conflict; " if _in_conflict(path, result) else ""
        raise ConfigurationError([Mistake(shown, result.line, result.column, result.reason, hint + ANEW)])
    for oddity in result.irregularities:
        if oddity.kind != "bom":
            what = f"a {oddity.kind.replace('-', ' ')}, which plain JSON has not"
            raise ConfigurationError([Mistake(shown, oddity.line, oddity.column, what, ANEW)])
    return from_document(result), result


def from_document(document: Document) -> Lock:
    """The lock in a document; raises ConfigurationError with every mistake."""
    current = _upgraded(document)
    reader = _Reader(replace(document, data=current))
    lock = reader.row(current, Lock, ())
    if not reader.mistakes:
        reader.check(lock, sealed=current is document.data)
    if reader.mistakes:
        raise ConfigurationError(sorted(reader.mistakes, key=lambda one: (one.line, one.column)))
    found: Lock = lock
    return found


def _in_conflict(path: Path, gap: Gap) -> bool:
    return gap.kind == "malformed" and bool(_CONFLICT.search(path.read_text("utf-8", "replace")))


def _upgraded(document: Document) -> Tree:
    reader, tree = _Reader(document), document.data
    if not isinstance(tree, dict) or "format" not in tree:
        reader.complain((), "this is no lock of mcpaudit: it has no `format`", ANEW)
    elif type(tree["format"]) is not int:
        reader.complain(("format",), "format should be a whole number")
    elif tree["format"] not in UPGRADES:
        newer = tree["format"] > FORMAT
        hint = "it was written by a newer mcpaudit: update this one" if newer else ANEW
        reader.complain(
            ("format",), f"format {str(tree['format'])[:20]} cannot be read by this version", hint
        )
    if reader.mistakes or not isinstance(tree, dict):
        raise ConfigurationError(reader.mistakes)
    while tree["format"] != FORMAT:
        assert isinstance(tree["format"], int)
        tree = UPGRADES[tree["format"]](tree)
    return tree


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows by the types of their fields; what it returns is of use only where there is no mistake."""

    document: Document
    mistakes: list[Mistake] = field(default_factory=list)

    def complain(self, route: Route, message: str, hint: str = "", on_key: bool = False) -> None:
        if len(self.mistakes) < _MOST_MISTAKES:
            line, column = self.document.locate(route, on_key)
            # Only the beginning of a long line is shown: a caret beyond it would point at nothing.
            beginning = excerpt(self.document.line_text(line))
            shown = beginning if column <= len(beginning) + 1 else ""
            self.mistakes.append(Mistake(self.document.file, line, column, message, hint, shown))

    def row(self, value: Json, row: Any, route: Route) -> Any:
        """A value as a row."""
        if not isinstance(value, dict):
            self.complain(route, f"{_path(route)} should be an object")
            return None
        expected = _hints(row)
        unknown = [name for name in value if name not in expected][:_MOST_MISTAKES]
        for name in unknown:
            hint = _nearest(name, expected) or f"known keys: {', '.join(expected)}"
            self.complain((*route, name), f"{_quoted(name)} is no key of {_path(route)}", hint, True)
        held = {}
        for name, hint in expected.items():
            if name in value:
                held[name] = self.value(value[name], hint, (*route, name))
            elif name not in FULL and not any(_nearest(other, [name]) for other in unknown):
                self.complain(route, f"{_path(route)} needs the key `{name}`")
        return row(**held) if not self.mistakes else None

    def value(self, value: Json, hint: Any, route: Route) -> Any:
        """A value as what its field holds."""
        if get_origin(hint) in (Union, types.UnionType):
            fitting = [one for one in get_args(hint) if _is(value, one)]
            if fitting:
                return self.value(value, fitting[0], route)
            wanted = " or ".join(_NAMES.get(one, "a list") for one in get_args(hint))
            self.complain(route, f"{_path(route)} should be {wanted}")
        elif get_origin(hint) is tuple:
            return self._several(value, get_args(hint)[0], route)
        elif is_dataclass(hint):
            return self.row(value, hint, route)
        elif get_origin(hint) is Literal:
            known = [str(one) for one in get_args(hint)]
            if value not in known:
                near = _nearest(str(value), known) or f"it can be {', '.join(known)}"
                self.complain(route, f"{_path(route)} cannot be {_quoted(value)}", near)
        elif not _is(value, hint):
            self.complain(route, f"{_path(route)} should be {_NAMES[hint]}")
        elif route[-1] in _HASHES and isinstance(value, str) and not _is_hash(value, str(route[-1])):
            self.complain(route, f"{_path(route)} should be `sha256:` and 64 hexadecimal digits")
        elif route[-1] == "integrity" and isinstance(value, str) and not _INTEGRITY.fullmatch(value):
            self.complain(route, f"{_path(route)} should be `sha256:HEX`, or `sha512-...` as npm writes it")
        return value

    def _several(self, value: Json, hint: Any, route: Route) -> Any:
        if route[-1] in OBJECTS:
            if not isinstance(value, dict):
                self.complain(route, f"{_path(route)} should be an object")
                return ()
            inner = get_args(hint)[1]
            return tuple((name, self.value(held, inner, (*route, name))) for name, held in value.items())
        if not isinstance(value, list):
            self.complain(route, f"{_path(route)} should be a list")
            return ()
        found = []
        for index, item in enumerate(value):
            if len(self.mistakes) >= _MOST_MISTAKES:
                break
            found.append(self.value(item, hint, (*route, index)))
        return tuple(found)

    def check(self, lock: Lock, sealed: bool) -> None:
        """What the types do not say: that the parts of an entry agree with each other."""
        for number, server in enumerate(lock.servers):
            route: Route = ("servers", number)
            for index, tool in enumerate(server.tools):
                self._check_tool(tool, (*route, "tools", index))
            if sealed and not self.mistakes and server.digest != digest_of(server):
                text = f"the digest of {_quoted(server.id)} is not that of its entry"
                self.complain((*route, "digest"), text, f"was it changed by hand? {ANEW}")

    def _check_tool(self, tool: LockedTool, route: Route) -> None:
        done = {action for touch in tool.touches for action in touch.do}
        if tool.actions != tuple(action for action in ACTIONS if action in done):
            text = f"the actions of {_quoted(tool.name)} are not those of its `touches`, in their order"
            self.complain((*route, "actions"), text, ANEW)
        for text, known, name in (
            (tool.full_title, tool.title, "full_title"),
            (tool.full_description, tool.description, "full_description"),
        ):
            if text and text_digest(text) != known:
                self.complain((*route, name), f"`{name}` is not the text whose digest stands here", ANEW)


def _is_hash(value: str, name: str) -> bool:
    return bool(_HASH.fullmatch(value)) or (not value and name in MAY_BE_EMPTY)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word[:60], known, 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def _is(value: Json, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return isinstance(value, list)
    return type(value) is hint


@cache
def _hints(row: Any) -> dict[str, Any]:
    known = get_type_hints(row)
    return {one.name: known[one.name] for one in fields(row)}


def _path(route: Route) -> str:
    """The place in words; names that others chose are quoted, so that none of them can break the line."""
    steps = [str(step) if isinstance(step, int) or step.isidentifier() else _quoted(step) for step in route]
    return ".".join(steps) or "the lock"


def _quoted(value: Json) -> str:
    text = json.dumps(value[:60] if isinstance(value, str) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."
