"""Targets: the parsers of `mcpaudit.parsing`, and the edits that build on them."""

from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.reading import EMPTY
from mcpaudit.model.place import Route
from mcpaudit.parsing import csv_text
from mcpaudit.parsing.document import Document, Json, Malformed, Syntax, within_limits
from mcpaudit.parsing.edit import Edit, Uneditable, edited
from mcpaudit.parsing.reader import parse
from tests.fuzz.target import Target, told

_ROUTES = 40
_EDITED = 5


def _document(syntax: Syntax, file: str) -> Target:
    def run(raw: bytes, folder: Path) -> None:
        found = parse(raw, file, syntax)
        if not isinstance(found, Document):
            told(found, file)
            return
        assert within_limits(found.data)
        lines = found.text.count("\n") + 1
        for route in _routes(found.data):
            for on_key in (False, True):
                line, column = found.locate(route, on_key)
                assert 1 <= line <= lines, (route, line)
                assert 1 <= column <= len(found.line_text(line)) + 2, (route, line, column)

    return Target(file, "yaml" if syntax == "shell" else syntax, run)


def _routes(data: Json, route: Route = ()) -> Iterator[Route]:
    """Some routes of a document, those near the root first."""
    level: list[tuple[Route, Json]] = [(route, data)]
    for _ in range(_ROUTES):
        if not level:
            return
        here, value = level.pop(0)
        yield here
        if isinstance(value, dict):
            level += [((*here, key), one) for key, one in list(value.items())[:8]]
        elif isinstance(value, list):
            level += [((*here, index), one) for index, one in enumerate(value[:8])]


def _edit(syntax: Syntax) -> Target:
    def run(raw: bytes, folder: Path) -> None:
        found = parse(raw, f"x.{syntax}", syntax)
        if not isinstance(found, Document):
            return
        routes = list(_routes(found.data))[1 : 1 + _EDITED]
        for one in (
            *(Edit("set", route, "new") for route in routes),
            *(Edit("remove", route) for route in routes),
            *(Edit("append", route, "new") for route in routes),
            Edit("set", ("new", "key"), {"a": [1]}),
        ):
            try:
                after = edited(found.text, syntax, [one])
            except Uneditable as error:
                assert str(error).strip()
                continue
            again = parse(after.encode("utf-8", "surrogatepass"), f"x.{syntax}", syntax)
            assert isinstance(again, Document) or again.reason == EMPTY, (one, again)

    return Target(f"edit-{syntax}", syntax, run, 3 * _EDITED + 1)


def _csv(raw: bytes, folder: Path) -> None:
    text = raw.decode("utf-8", "replace")
    try:
        for row in csv_text.rows(text):
            assert all(one.line >= 1 <= one.column for one in row)
    except Malformed as error:
        assert error.message
        assert error.line


TARGETS = (
    _document("json", "x.json"),
    _document("yaml", "x.yaml"),
    _document("toml", "x.toml"),
    _document("shell", "x.sh"),
    _document("yaml", "x.md"),
    _edit("json"),
    _edit("yaml"),
    _edit("toml"),
    Target("x.csv", "csv", _csv),
)
