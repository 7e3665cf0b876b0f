"""Changes to a TOML text: tables under headers, dotted keys, and what stands between brackets."""

import json
import re
from collections.abc import Sequence

from mcpaudit.model.place import Route
from mcpaudit.parsing.bracketed import Bracketed
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.text_lines import indent_of, line_end, line_start, newline_of, with_line
from mcpaudit.parsing.toml_positions import Statement, positions, statements
from mcpaudit.parsing.uneditable import Uneditable

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def remove(text: str, route: Route) -> str:
    """The text without all that stands below a route; the table that held it stays."""
    found = statements(text)
    gone = [index for index, one in enumerate(found) if one.route[: len(route)] == route]
    if not gone:
        container, at = _find(text, route)
        return container.without(at)
    for index in reversed(gone):
        text = _without(text, found, index, section=found[index].table[: len(route)] == route)
    return text


def replace(text: str, route: Route, value: Json) -> str:
    """The text with another value at a route that is there."""
    for one in statements(text):
        if one.route == route and not one.header:
            start = positions(text)[route].value
            return text[:start] + _written(value) + text[one.end :]
    container, at = _find(text, route)
    start = positions(text)[route].value
    return text[:start] + _written(value) + text[container.items[at][1] :]


def insert(text: str, route: Route, key: str | None, value: Json) -> str:
    """The text with a key more in the table at a route, or an item more in the list there."""
    spots, found = positions(text), statements(text)
    if key is None or not _opens_table(text, found, route):
        container = Bracketed(text, spots[route].value, "toml")
        if text[container.open] not in "[{":
            raise Uneditable("a list of tables gets no item by a patch")
        written = _written(value) if key is None else f"{_name(key)} = {_written(value)}"
        return container.with_item(written, "", newline_of(text), spread=False)
    end = newline_of(text)
    if isinstance(value, dict) and value:
        return _at_end(text, end.join(_section((*route, key), value)))
    own = [one for one in found if not one.header and one.route[: len(route)] == route]
    inside = [one for one in own if one.table == route[: len(one.table)]]
    headers = [one for one in found if one.header and one.route == route]
    last = next(reversed(inside or headers), None)
    if last is None:
        if route:
            return _at_end(text, end.join(_section(route, {key: value})))
        # Keys of the root stand before every header.
        first = next((one for one in found if one.header), None)
        at = _lead(text, first.start) if first else len(text)
        if first is None:
            return _at_end(text, f"{_name(key)} = {_written(value)}", apart=False)
        return f"{text[:at]}{_name(key)} = {_written(value)}{end}{end}{text[at:]}"
    table = last.table
    name = ".".join(map(_name, (*map(str, route[len(table) :]), key)))
    line = f"{indent_of(text, last.start)}{name} = {_written(value)}"
    return with_line(text, line_end(text, last.end), line)


def prepend(text: str, route: Route, values: Sequence[Json]) -> str:
    """The text with items before those of the list at a route, which has some."""
    container = Bracketed(text, positions(text)[route].value, "toml")
    if text[container.open] != "[":
        raise Uneditable("a list of tables gets no item by a patch")
    return container.with_first([_written(value) for value in values], newline_of(text))


def _opens_table(text: str, found: list[Statement], route: Route) -> bool:
    """Whether headers or dotted keys make the table, and no braces."""
    return not route or any(
        one.route[: len(route)] == route and (one.header or len(one.route) > len(route)) for one in found
    )


def _find(text: str, route: Route) -> tuple[Bracketed, int]:
    spots = positions(text)
    if route not in spots:
        raise Uneditable(f"{' / '.join(map(str, route))} was not found again")
    container = Bracketed(text, spots[route[:-1]].value, "toml")
    starts = [start for start, _ in container.items]
    if text[container.open] not in "[{" or spots[route].key not in starts:
        raise Uneditable(f"{' / '.join(map(str, route))} is written in a way that is not changed by a patch")
    return container, starts.index(spots[route].key)


def _without(text: str, found: list[Statement], index: int, *, section: bool) -> str:
    """The text without one statement, the comments right above it, and those that end its `section`."""
    one = found[index]
    start, end = _lead(text, one.start), line_end(text, one.end)
    if section and (index + 1 == len(found) or found[index + 1].header):
        # Comments that follow without a blank line belong to this section, unless a header follows them.
        after = end
        while (below := line_end(text, after)) > after and text[after:below].lstrip().startswith("#"):
            after = below
        if not text[after:].strip() or not text[after : line_end(text, after)].strip():
            end = after
    upper, lower = text[:start], text[end:]
    if not upper or upper.endswith(("\n\n", "\n\r\n")):
        # One blank line is enough between what stays.
        while lower and not lower[: line_end(lower, 0)].strip():
            lower = lower[line_end(lower, 0) :]
        if not lower:
            upper = upper.rstrip("\r\n") + (newline_of(text) if upper.strip() else "")
    return upper + lower


def _lead(text: str, at: int) -> int:
    """Where a statement starts, with the comment lines right above it."""
    start = line_start(text, at)
    while start:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _at_end(text: str, lines: str, *, apart: bool = True) -> str:
    end = newline_of(text)
    if not text.strip():
        return f"{text}{lines}{end}"
    if not text.endswith("\n"):
        return f"{text}{end}{end if apart else ''}{lines}"
    return f"{text}{end if apart else ''}{lines}{end}"


def _section(route: Route, value: dict[str, Json]) -> list[str]:
    if any(isinstance(step, int) for step in route):
        raise Uneditable("a list of tables gets no new table by a patch")
    plain = {key: one for key, one in value.items() if not (isinstance(one, dict) and one)}
    lines = [f"[{'.'.join(_name(str(step)) for step in route)}]"] if plain or not value else []
    lines += [f"{_name(key)} = {_written(one)}" for key, one in plain.items()]
    for key, one in value.items():
        if isinstance(one, dict) and one:
            lines += [*([""] if lines else []), *_section((*route, key), one)]
    return lines


def _name(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _written(value: Json) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        pairs = [f"{_name(key)} = {_written(one)}" for key, one in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if value is None:
        raise Uneditable("TOML has no null")
    return json.dumps(value)


def _text(value: str) -> str:
    """JSON's escapes are TOML's too, but for DEL, which TOML wants escaped, and half a surrogate pair."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
