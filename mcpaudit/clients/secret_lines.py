"""Which lines of a configuration file hold a secret, so that no diff repeats them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import LONGEST, mask, names_secret
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.records import dataclass

# A name and its value, as any of the syntaxes writes them.
_PAIR = re.compile(r"""([A-Za-z0-9_.-]{1,80})["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^"'\s,]+)""")


@dataclass(slots=True)
class SecretLines:
    """The lines (from 1) of a file with a secret, whatever it belongs to, worked out line by line as they are
    asked for; also those that look like one by themselves, since comments hold entries that once were.
    """

    document: Document
    packs: Packs
    _texts: dict[int, list[tuple[str, str]]] | None = field(default=None, repr=False)
    _known: dict[int, bool] = field(default_factory=dict)

    def __contains__(self, line: object) -> bool:
        if not isinstance(line, int):
            return False
        if line not in self._known:
            own = self._by_line().get(line, ())
            shown = self.document.line_text(line)
            self._known[line] = _by_itself(shown, self.packs) or any(
                mask(text, name, self.packs).found for text, name in own
            )
        return self._known[line]

    def _by_line(self) -> dict[int, list[tuple[str, str]]]:
        """The texts that stand on each line, each with what names it."""
        if self._texts is None:
            self._texts = defaultdict(list)
            for route, text, name in _texts(self.document.data, (), ""):
                first, _ = self.document.locate(route)
                # The quotes of a text that stands over several lines may have lines of their own.
                for line in range(first, first + text.count("\n") + (3 if "\n" in text else 1)):
                    self._texts[line].append((text, name))
        return self._texts


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
