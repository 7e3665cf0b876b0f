"""Rows of the report as JSON by RFC 8785: sorted keys, no spaces, nothing escaped that need not be."""

from collections.abc import Callable
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any

from mcpaudit.model.finding import SEVERITIES, STATUSES
from mcpaudit.model.place import Location
from mcpaudit.model.step import Step

COUNTED: dict[str, tuple[str, ...]] = {"by_severity": SEVERITIES, "by_status": STATUSES}
"""Fields that count by name, and the names."""

_KEPT = 2_000
_Way = Callable[[Any], str]


class Writer:
    """Writes rows; the steps and places that neighbouring rows share are written once."""

    def __init__(self) -> None:
        self._ways = _Ways({tuple: self._list})
        for kind in (Location, Step):
            self._ways[kind] = _once(_row(kind, self._ways))

    def text(self, value: object) -> str:
        """One value with all that is in it."""
        return self._ways[type(value)](value)

    def _list(self, items: tuple[object, ...]) -> str:
        ways = self._ways
        return f"[{','.join([ways[type(one)](one) for one in items])}]"


class _Ways(dict[type, _Way]):
    """How each type is written; the first value of a type tells."""

    def __missing__(self, kind: type) -> _Way:
        if issubclass(kind, str):
            way: _Way = quoted
        elif kind is bool or kind is type(None):
            way = {None: "null", True: "true", False: "false"}.__getitem__
        else:
            way = str if issubclass(kind, int) else _row(kind, self)
        self[kind] = way
        return way


def _row(kind: type, ways: _Ways) -> _Way:
    """How one sort of row is written: its form has gaps for the values, its fields stand in order (ASCII)."""
    names = tuple(sorted(kind.__slots__))  # type: ignore[attr-defined]  # all rows have slots
    get = attrgetter(*names)
    held: Callable[[Any], tuple[Any, ...]] = get if len(names) > 1 else lambda row: (get(row),)
    members = ",".join(f'"{name}":%s' for name in names)
    form = f"{{{members}}}"
    if COUNTED.keys().isdisjoint(names):
        return lambda row: form % tuple([ways[type(one)](one) for one in held(row)])

    def written(row: object) -> str:
        pairs = zip(names, held(row), strict=True)
        return form % tuple(
            [_counts(one) if name in COUNTED else ways[type(one)](one) for name, one in pairs]
        )

    return written


def _once(way: _Way) -> _Way:
    """The same way, which remembers what it wrote last."""
    kept: dict[int, tuple[object, str]] = {}
    # By identity, each with the row itself, so that no other can take its place in memory.

    def written(row: object) -> str:
        held = kept.get(id(row))
        if held is None:
            if len(kept) >= _KEPT:
                kept.clear()
            held = kept[id(row)] = (row, way(row))
        return held[1]

    return written


def _counts(counts: tuple[tuple[str, int], ...]) -> str:
    return f"{{{','.join(f'{quoted(name)}:{number}' for name, number in sorted(counts))}}}"
