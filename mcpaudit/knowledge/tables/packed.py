"""The one notation of the packed tables: a tree on one line, `name value{child;child}`.

A name is a step of a path. A value is free text. Neither holds a brace, a semicolon or a line end, and a name
holds no space. Siblings are sorted, so that the same rows give the same bytes.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from mcpaudit.shipped import PACKAGE

Path = tuple[str, ...]

_EMPTY = "-"
_TOKEN = re.compile(r"[{};]|[^{};]+")


class _Node:
    __slots__ = ("below", "row", "value")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.row = False
        self.value = ""


def pack(rows: Mapping[Path, str]) -> str:
    """Paths with their values as one line."""
    root = _Node()
    for path, value in rows.items():
        node = root
        for name in path:
            if set(name) & set("{}; \n"):
                raise ValueError(f"a name that cannot be packed: {name!r}")
            node = node.below.setdefault(name, _Node())
        node.row, node.value = True, value
    return _text(root)


def _text(node: _Node) -> str:
    parts = []
    for name, child in sorted(node.below.items()):
        below = f"{{{_text(child)}}}" if child.below else ""
        # What is a row and has rows below it says so by its value, if need be by an empty one's sign.
        value = child.value or (_EMPTY if child.row and below else "")
        parts.append(f"{name} {value}{below}" if value else name + below)
    return ";".join(parts)


def unpack(text: str) -> Iterator[tuple[Path, str]]:
    """The rows of a packed line."""
    above: list[str] = []
    name, value, open_ = "", "", False
    for token in _TOKEN.findall(text):
        if token == "{":
            if value:
                yield (*above, name), "" if value == _EMPTY else value
            above.append(name)
            name, open_ = "", False
        elif token in ("}", ";"):
            if open_:
                yield (*above, name), value
            name, open_ = "", False
            if token == "}":
                above.pop()
        else:
            name, _, value = token.partition(" ")
            open_ = True
    if open_:
        yield (*above, name), value


@cache
def lines(table: str) -> Mapping[str, str]:
    """The lines of a shipped table by their first word; read once, unpacked only when asked for."""
    text = (PACKAGE / "knowledge/tables" / table).read_text(encoding="utf-8")
    found = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {key: rest for key, _, rest in found}
