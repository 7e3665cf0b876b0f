"""Changes to a JSON text, with comments or not."""

import json
import re

from mcpaudit.model.place import Route
from mcpaudit.parsing.bracketed import Bracketed
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.json_text import positions
from mcpaudit.parsing.text_lines import indent_of, newline_of
from mcpaudit.parsing.uneditable import Uneditable

_DEFAULT_INDENT = "  "


def remove(text: str, route: Route) -> str:
    """The text without the member or item at a route."""
    container, index = _find(text, route)
    return container.without(index)


def replace(text: str, route: Route, value: Json) -> str:
    """The text with another value at a route that is there."""
    container, index = _find(text, route)
    start, end = positions(text)[route].value, container.items[index][1]
    return text[:start] + _written(text, value, start) + text[end:]


def insert(text: str, route: Route, key: str | None, value: Json) -> str:
    """The text with a member more in the object at a route, or an item more in the list there."""
    container = Bracketed(text, positions(text)[route].value, "json")
    at = container.items[-1][0] if container.items else None
    base = indent_of(text, container.open) + _unit(text) if at is None else indent_of(text, at)
    written = _lines(text, value, base)
    if key is not None:
        written = f"{json.dumps(key, ensure_ascii=False)}: {written}"
    return container.with_item(written, _unit(text), newline_of(text), spread=_spread(text))


def _find(text: str, route: Route) -> tuple[Bracketed, int]:
    spots = positions(text)
    container = Bracketed(text, spots[route[:-1]].value, "json")
    starts = [start for start, _ in container.items]
    if spots[route].key not in starts:
        raise Uneditable(f"{' / '.join(map(str, route))} was not found again")
    return container, starts.index(spots[route].key)


def _written(text: str, value: Json, at: int) -> str:
    return _lines(text, value, indent_of(text, at))


def _lines(text: str, value: Json, base: str) -> str:
    """The value as the rest of the text is laid out."""
    if not _spread(text):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=_unit(text)).replace("\n", newline_of(text) + base)


def _spread(text: str) -> bool:
    """Whether the text is laid out over several lines; a text with nothing in it is."""
    return "\n" in text.strip() or len(text.strip()) <= 2


def _unit(text: str) -> str:
    """What the text indents by."""
    found = re.search(r'^([ \t]+)["{\[]', text, re.MULTILINE)
    return found[1] if found else _DEFAULT_INDENT
