"""Changes to a configuration text by route; every other byte stays: comments, quotes, line ends.

Every result is read again: it has to say exactly what the change intends, or the text is not touched.
"""

from collections.abc import Iterable
from dataclasses import field, replace
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Json, Malformed, Syntax, existing, value_at
from mcpaudit.parsing.limits import MAX_DEPTH
from mcpaudit.parsing.syntaxes import editor_of, syntax_of
from mcpaudit.parsing.uneditable import Uneditable
from mcpaudit.parsing.veiled import Veiled

__all__ = ["Edit", "Uneditable", "applied", "edited"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: to set the value of a route, to remove what is there, to append one item to the list there,
    or to put a list of items before those of the list there.

    Parents that are missing are made; an item of a list has to be there to be set.
    """

    kind: Literal["set", "remove", "append", "prepend"]
    route: Route
    value: Json = field(default=None, repr=False)


def applied(data: Json, edit: Edit) -> Json:
    """The data after the change; raises `Uneditable` where the route does not fit the data."""
    if not edit.route or len(edit.route) > MAX_DEPTH // 2:
        raise Uneditable("the file as a whole is not changed")
    plain = _plain(data, edit)
    return _changed(data, plain.route, plain)


def _changed(data: Json, route: Route, edit: Edit) -> Json:
    step, rest = route[0], route[1:]
    if isinstance(data, dict) and isinstance(step, str):
        if not rest and edit.kind == "remove":
            return {key: value for key, value in data.items() if key != step}
        return {**data, step: _changed(data[step], rest, edit) if rest else _new(data.get(step), edit)}
    if isinstance(data, list) and isinstance(step, int):
        if not rest and edit.kind == "remove":
            return data[:step] + data[step + 1 :]
        one = _changed(data[step], rest, edit) if rest else _new(data[step], edit)
        return [*data[:step], one, *data[step + 1 :]]
    raise Uneditable(f"there is no {_shown(edit.route)}")


def _new(old: Json, edit: Edit) -> Json:
    if isinstance(old, list) and edit.kind == "append":
        return [*old, edit.value]
    if isinstance(old, list) and edit.kind == "prepend" and isinstance(edit.value, list):
        return [*edit.value, *old]
    return edit.value


def edited(text: str, syntax: Syntax, edits: Iterable[Edit]) -> str:
    """The text after all changes, one after the other; raises `Uneditable` and names the route."""
    reader, writer = syntax_of(syntax), editor_of(syntax)
    data: Json = None
    for number, edit in enumerate(edits):
        if any(isinstance(step, Veiled) for step in edit.route):
            raise Uneditable(f"{_shown(edit.route)} has a name with a secret in it, which no patch repeats")
        try:
            data = reader.parse(text)[0] if number == 0 else data
            wanted, plain = applied(data, edit), _plain(data, edit)
            here = existing(data, plain.route) == plain.route
            if plain.kind == "remove":
                changed = writer.remove(text, plain.route)
            elif plain.kind == "append":
                changed = writer.insert(text, plain.route, None, plain.value)
            elif plain.kind == "prepend" and isinstance(plain.value, list):
                changed = writer.prepend(text, plain.route, plain.value)
            elif here:
                changed = writer.replace(text, plain.route, plain.value)
            else:
                changed = writer.insert(text, plain.route[:-1], str(plain.route[-1]), plain.value)
            result, _ = reader.parse(changed)
        except Malformed as error:
            raise Uneditable(f"the file is not one that can be changed: {error.message}") from None
        if syntax == "toml" and plain.kind == "remove":
            wanted = _without_empty(wanted, plain.route[:-1], result)
        if not _same(result, wanted, ordered=syntax != "toml"):
            raise Uneditable(f"{_shown(edit.route)} is written in a way that is not changed by a patch")
        text, data = changed, result
    return text


def _plain(data: Json, edit: Edit) -> Edit:
    """The same change without missing parents: they become part of the value that is set."""
    held = existing(data, edit.route)
    if len(held) == len(edit.route):
        old = value_at(data, held)
        if edit.kind in ("append", "prepend") and not isinstance(old, list):
            raise Uneditable(f"{_shown(held)} is no list")
        return replace(edit, kind="set") if edit.kind == "prepend" and not old else edit
    if edit.kind == "remove":
        raise Uneditable(f"there is no {_shown(edit.route)}")
    missing = edit.route[len(held) :]
    if not isinstance(value_at(data, held), dict) or any(isinstance(step, int) for step in missing):
        raise Uneditable(f"{_shown(held) or 'the file'} has no place for {_shown(edit.route)}")
    value: Json = [edit.value] if edit.kind == "append" else edit.value
    for step in reversed(missing[1:]):
        value = {str(step): value}
    return replace(edit, kind="set", route=edit.route[: len(held) + 1], value=value)


def _without_empty(data: Json, route: Route, result: Json) -> Json:
    """The data without the tables above a removed one that nothing else makes: TOML does not name them."""
    while route and existing(result, route) != route and value_at(data, route) == {}:
        data = applied(data, Edit("remove", route))
        route = route[:-1]
    return data


def _same(one: Json, other: Json, *, ordered: bool) -> bool:
    """Equality that tells `true` from 1 and 1 from 1.0, and heeds the order of members: rules go by it."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys() or (ordered and list(one) != list(other)):
            return False
        return all(_same(one[key], other[key], ordered=ordered) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_same(*pair, ordered=ordered) for pair in pairs)
    return type(one) is type(other) and one == other


def _shown(route: Route) -> str:
    return " / ".join(map(str, route))
