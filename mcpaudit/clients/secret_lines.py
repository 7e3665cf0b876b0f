"""Which lines of a configuration file hold a secret, so that no diff repeats them."""

from collections.abc import Iterator

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import mask, names_secret
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json


def secret_lines(document: Document, packs: Packs) -> frozenset[int]:
    """The lines (from 1) of every text in the file in which a secret is found, whatever it belongs to."""
    found: set[int] = set()
    for route, text, name in _texts(document.data, (), ""):
        if mask(text, name, packs).found:
            line, _ = document.locate(route)
            # Where a text stands over several lines, its end is not kept: its own line ends bound it.
            found |= set(range(line, line + text.count("\n") + 3 if "\n" in text else line + 1))
    return frozenset(found)


def _texts(value: Json, route: Route, name: str) -> Iterator[tuple[Route, str, str]]:
    """Every text with its route and what names it: its key, or the flag before it."""
    if isinstance(value, str):
        yield route, value, value.partition("=")[0] if value.startswith("-") else name
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, (*route, key), key)
    elif isinstance(value, list):
        flag = ""
        for index, item in enumerate(value):
            yield from _texts(item, (*route, index), flag or name)
            word = item if isinstance(item, str) else ""
            flag = word if word.startswith("-") and "=" not in word and names_secret(word) else ""
