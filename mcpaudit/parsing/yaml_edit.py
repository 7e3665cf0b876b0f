"""Changes to a YAML text in block style or between brackets; what uses anchors there is left alone."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

import yaml

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Route
from mcpaudit.parsing.bracketed import Bracketed
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.text_lines import line_end, line_start, newline_of, with_line
from mcpaudit.parsing.uneditable import Uneditable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = re.compile(r"[A-Za-z_/.][A-Za-z0-9_/.@-]*")
_WORDS = re.compile(r"(?i)true|false|null|yes|no|on|off|y|n|\.inf|\.nan|[.0-9_]+")


@dataclass(slots=True)
class _Span:
    """A value in the text, and what it holds."""

    start: int
    end: int = 0
    flow: bool = False
    kind: str = "scalar"
    column: int = 0
    keys: list[str] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    """Where each member starts: its key, or the dash before it."""
    values: "list[_Span]" = field(default_factory=list)


def remove(text: str, route: Route) -> str:
    """The text without the member or item at a route."""
    parent, index = _find(text, route)
    if parent.flow:
        return Bracketed(text, parent.start, "yaml").without(index)
    if len(parent.values) == 1:
        start = _after_key(text, parent.start)
        return f"{text[:start]} {'{}' if parent.kind == 'mapping' else '[]'}{text[parent.end :]}"
    start, end = parent.firsts[index], line_end(text, parent.values[index].end)
    if text[line_start(text, start) : start].strip():
        # It stands behind a dash: the next one takes its place there.
        if index + 1 == len(parent.firsts):
            raise Uneditable(f"{' / '.join(map(str, route))} is written with a question mark")
        return text[:start] + text[parent.firsts[index + 1] :]
    return text[: _lead(text, start)] + text[end:]


def replace(text: str, route: Route, value: Json) -> str:
    """The text with another value at a route that is there."""
    parent, index = _find(text, route)
    old = parent.values[index]
    if old.kind != "scalar" and not old.flow:
        raise Uneditable(f"{' / '.join(map(str, route))} is no plain value")
    space = "" if text[old.start - 1 : old.start] in (" ", "\t", "\n", "[", "{", ",") else " "
    return text[: old.start] + space + _flow(value) + text[old.end :]


def prepend(text: str, route: Route, values: Sequence[Json]) -> str:
    """The text with items before those of the list at a route, which has some."""
    span = _root(text)
    for step in route:
        span = _child(span, step)
    if span.flow:
        return Bracketed(text, span.start, "yaml").with_first(list(map(_flow, values)), newline_of(text))
    if span.kind == "scalar" or not span.firsts:
        raise Uneditable(f"{' / '.join(map(str, route))} is written in a way that is not changed by a patch")
    end, margin = newline_of(text), " " * span.column
    lines = f"{end}{margin}".join(f"- {_flow(value)}" for value in values)
    return f"{text[: span.firsts[0]]}{lines}{end}{margin}{text[span.firsts[0] :]}"


def insert(text: str, route: Route, key: str | None, value: Json) -> str:
    """The text with a member more in the mapping at a route, or an item more in the list there."""
    span = _root(text)
    for step in route:
        span = _child(span, step)
    name = "" if key is None else f"{_scalar(key)}: "
    if span.flow:
        written = name + _flow(value)
        return Bracketed(text, span.start, "yaml").with_item(written, "", newline_of(text), spread=False)
    if span.kind == "scalar" or not span.firsts:
        raise Uneditable(f"{' / '.join(map(str, route)) or 'the file'} holds nothing that another can follow")
    end, margin = newline_of(text), " " * span.column
    lines = _block(value, margin, end)
    line = f"{margin}{'- ' if key is None else name.rstrip()}{lines if key is not None else lines.lstrip()}"
    return with_line(text, line_end(text, span.values[-1].end), line)


def _find(text: str, route: Route) -> tuple[_Span, int]:
    span = _root(text)
    for step in route[:-1]:
        span = _child(span, step)
    return span, _index(span, route[-1])


def _child(span: _Span, step: str | int) -> _Span:
    return span.values[_index(span, step)]


def _index(span: _Span, step: str | int) -> int:
    """Which member a step leads to; of equal keys the last, as the reader has it."""
    if isinstance(step, int):
        index = step
    else:
        index = max((at for at, key in enumerate(span.keys) if key == step), default=-1)
    if not 0 <= index < len(span.values):
        raise Uneditable("an alias stands in the way")
    return index


def _root(text: str) -> _Span:
    events = iter(yaml.parse(text, Loader=_Loader))
    next(events)
    next(events)
    return _span(text, next(events), events)


def _span(text: str, event: Any, events: Iterator[Any]) -> _Span:
    start: int = event.start_mark.index
    end: int = event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        return _Span(start, end)
    if isinstance(event, yaml.ScalarEvent):
        body = text[start:end]
        return _Span(start, start + len(body.rstrip()) if event.style in ("|", ">") else end)
    mapping = isinstance(event, yaml.MappingStartEvent)
    found = _Span(start, flow=bool(event.flow_style), kind="mapping" if mapping else "sequence")
    if found.flow:
        found.start = start = text.index("{" if mapping else "[", start)
    stop = yaml.MappingEndEvent if mapping else yaml.SequenceEndEvent
    while not isinstance(member := next(events), stop):
        first: int = member.start_mark.index
        if mapping:
            found.keys.append(member.value)
            member = next(events)
        elif not found.flow:
            # The value may begin with a dash of its own.
            first = text.rindex("-", 0, first)
        found.firsts.append(first)
        found.values.append(_span(text, member, events))
    found.end = _end(member) if found.flow or not found.values else found.values[-1].end
    if found.firsts and not found.flow:
        found.column = found.firsts[0] - line_start(text, found.firsts[0])
    return found


def _end(event: Any) -> int:
    end: int = event.end_mark.index
    return end


def _after_key(text: str, at: int) -> int:
    """Where the line ends on which the key of a block stands."""
    return len(text[:at].rstrip(" \t\r\n"))


def _lead(text: str, at: int) -> int:
    """Where a member starts, with the comment lines of its own indentation right above it."""
    start = line_start(text, at)
    margin = text[start:at]
    while start:
        above = line_start(text, start - 1)
        if not text[above:start].startswith(f"{margin}#"):
            break
        start = above
    return start


def _scalar(value: Json) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _flow(value: Json) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(key)}: {_flow(one)}' for key, one in value.items())}}}"
    return _scalar(value)


def _block(value: Json, margin: str, end: str) -> str:
    """What follows a key's colon: a word on its line, or lines below it."""
    if isinstance(value, dict) and value:
        inner = f"{margin}  "
        members = (f"{inner}{_scalar(key)}:{_block(one, inner, end)}" for key, one in value.items())
        return end + end.join(members)
    if isinstance(value, list) and value:
        inner = f"{margin}  "
        return end + end.join(f"{inner}- {_flow(one)}" for one in value)
    return f" {_flow(value)}"
