"""The module that reads a syntax, and the one that edits it; each is imported when a file of it turns up."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Irregularity, Json, Positions, Syntax


class Reader(Protocol):
    """What a `*_text` module has."""

    def parse(self, text: str, /) -> tuple[Json, tuple[Irregularity, ...]]: ...
    def positions(self, text: str, /) -> Positions: ...


class Editor(Protocol):
    """What an `*_edit` module has."""

    def remove(self, text: str, route: Route, /) -> str: ...
    def replace(self, text: str, route: Route, value: Json, /) -> str: ...
    def insert(self, text: str, route: Route, key: str | None, value: Json, /) -> str: ...
    def prepend(self, text: str, route: Route, values: Sequence[Json], /) -> str: ...


@cache
def syntax_of(syntax: Syntax) -> Reader:
    """What reads it."""
    return cast(Reader, import_module(f"mcpaudit.parsing.{syntax}_text"))


@cache
def editor_of(syntax: Syntax) -> Editor:
    """What edits it."""
    return cast(Editor, import_module(f"mcpaudit.parsing.{syntax}_edit"))
