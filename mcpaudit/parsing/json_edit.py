"""Changes to a JSON text, with comments or not."""

import json
import re
from collections.abc import Sequence

from mcpaudit.model.invisible import INVISIBLE
from mcpaudit.model.place import Route
from mcpaudit.parsing.bracketed import Bracketed
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.text_lines import indent_of, newline_of
from mcpaudit.parsing.uneditable import Uneditable

_DEFAULT_INDENT = "  "
_SPACE = r"(?:[ \t\r\n]++|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_BLANK = re.compile(_SPACE)
_CODED = re.compile(rf"(?![\t\n\r])[{INVISIBLE}]")
_KEY = re.compile(rf'("(?:[^"\\]|\\.)*+"){_SPACE}:{_SPACE}', re.DOTALL)


def remove(text: str, route: Route) -> str:
    """The text without the member or item at a route."""
    container = _container(text, route[:-1])
    return container.without(_index(container, route[-1]))


def replace(text: str, route: Route, value: Json) -> str:
    """The text with another value at a route that is there."""
    container = _container(text, route[:-1])
    index = _index(container, route[-1])
    start, end = _value_start(container, index), container.items[index][1]
    return text[:start] + _written(text, value, start) + text[end:]


def insert(text: str, route: Route, key: str | None, value: Json) -> str:
    """The text with a member more in the object at a route, or an item more in the list there."""
    container = _container(text, route)
    at = container.items[-1][0] if container.items else None
    base = indent_of(text, container.open) + _unit(text) if at is None else indent_of(text, at)
    written = _lines(text, value, base)
    if key is not None:
        written = f"{_spelled(key)}: {written}"
    return container.with_item(written, _unit(text), newline_of(text), spread=_spread(text))


def prepend(text: str, route: Route, values: Sequence[Json]) -> str:
    """The text with items before those of the list at a route, which has some."""
    written = [_spelled(value) for value in values]
    return _container(text, route).with_first(written, newline_of(text))


def _container(text: str, route: Route) -> Bracketed:
    """The object or list at a route, found from the top: what lies beside the way is passed over."""
    start = _BLANK.match(text)
    container = Bracketed(text, start.end() if start else 0, "json")
    for step in route:
        container = Bracketed(text, _value_start(container, _index(container, step)), "json")
    if text[container.open] not in "{[":
        raise Uneditable(f"{' / '.join(map(str, route))} holds nothing")
    return container


def _index(container: Bracketed, step: str | int) -> int:
    """Which item a step leads to; of equal keys the last."""
    if isinstance(step, int):
        return step
    for index in reversed(range(len(container.items))):
        key = _KEY.match(container.text, container.items[index][0])
        if key and json.loads(key[1]) == step:
            return index
    raise Uneditable(f"{step} was not found again")


def _value_start(container: Bracketed, index: int) -> int:
    start = container.items[index][0]
    key = _KEY.match(container.text, start) if container.text[container.open] == "{" else None
    return key.end() if key else start


def _written(text: str, value: Json, at: int) -> str:
    return _lines(text, value, indent_of(text, at))


def _lines(text: str, value: Json, base: str) -> str:
    """The value as the rest of the text is laid out."""
    if not _spread(text):
        return _spelled(value)
    return _spelled(value, _unit(text)).replace("\n", newline_of(text) + base)


def _spelled(value: Json, indent: str | int | None = None) -> str:
    """JSON in which all can be seen: names of tools are written by others, and a patch is read by people."""
    shown = json.dumps(value, ensure_ascii=False, indent=indent)
    return _CODED.sub(lambda one: json.dumps(one[0])[1:-1], shown)


def _spread(text: str) -> bool:
    """Whether the text is laid out over several lines; a text with nothing in it is."""
    return "\n" in text.strip() or len(text.strip()) <= 2


def _unit(text: str) -> str:
    """What the text indents by."""
    found = re.search(r'^([ \t]+)["{\[]', text, re.MULTILINE)
    return found[1] if found else _DEFAULT_INDENT
