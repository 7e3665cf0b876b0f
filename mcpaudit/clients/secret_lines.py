"""Which lines of a configuration file hold a secret, so that no diff repeats them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secret_line import by_itself
from mcpaudit.knowledge.secrets import argument_name, mask
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json


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
            self._known[line] = by_itself(shown, self.packs) or any(
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


def _texts(value: Json, route: Route, name: str) -> Iterator[tuple[Route, str, str]]:
    """Every text with its route and what names it: its key, or the flag before it."""
    if isinstance(value, str):
        yield route, value, name
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, (*route, key), key)
    elif isinstance(value, list):
        before = ""
        for index, item in enumerate(value):
            word = item if isinstance(item, str) else ""
            yield from _texts(item, (*route, index), argument_name(before, word) or name)
            before = word
