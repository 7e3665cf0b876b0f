"""Which lines of a configuration file hold a secret, so that no diff repeats them."""

import re
from collections.abc import Iterator

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import LONGEST, mask, names_secret
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json

# A name and its value, as any of the syntaxes writes them.
_PAIR = re.compile(r"""([A-Za-z0-9_.-]{1,80})["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^"'\s,]+)""")


def secret_lines(document: Document, packs: Packs) -> frozenset[int]:
    """The lines (from 1) of every text in the file in which a secret is found, whatever it belongs to; and
    every line that looks like one by itself, since comments hold entries that once were.
    """
    lines = enumerate(document.text.split("\n"), 1)
    found = {number for number, line in lines if _by_itself(line, packs)}
    for route, text, name in _texts(document.data, (), ""):
        if mask(text, name, packs).found:
            line, _ = document.locate(route)
            # Where a text stands over several lines, its end is not kept: its own line ends bound it.
            found |= set(range(line, line + text.count("\n") + 3 if "\n" in text else line + 1))
    return frozenset(found)


def _by_itself(line: str, packs: Packs) -> bool:
    if mask(line, "", packs).found:
        return True
    pairs = _PAIR.finditer(line) if len(line) <= LONGEST else ()
    return any(mask(pair[2], pair[1], packs).found for pair in pairs)


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
