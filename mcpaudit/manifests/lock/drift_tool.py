"""What changed of one tool, in sentences."""

from collections.abc import Collection, Iterator

from mcpaudit.manifests.lock.shapes import widened
from mcpaudit.model.action import ACTIONS, in_order, in_words
from mcpaudit.model.drift import Drift, DriftKind, brief
from mcpaudit.model.lock import CLAIMS, LockedTool

_SAYS = {
    "readOnlyHint": "that it only reads",
    "destructiveHint": "that it may destroy",
    "idempotentHint": "that repeating it changes nothing more",
    "openWorldHint": "that it reaches beyond its own server",
}
_Row = tuple[DriftKind, str, str, str]
"""Kind, before, after and sentence."""


def tool_added(server: str, tool: LockedTool) -> Drift:
    """A tool that was not there."""
    can = in_words(tool.actions)
    text = f"`{tool.name}` is new: it can {can}{_on(tool)}"
    return Drift("tool-added", server, tool.name, "", can, text)


def tool_drift(server: str, one: LockedTool, two: LockedTool) -> tuple[Drift, ...]:
    """Every difference between two states of one tool."""
    rows = (*_actions(one, two), *_claims(one, two), *_texts(one, two), *_arguments(one, two))
    return tuple(
        Drift(kind, server, two.name, before, after, sentence) for kind, before, after, sentence in rows
    )


def _actions(one: LockedTool, two: LockedTool) -> Iterator[_Row]:
    before, after = ", ".join(one.actions), ", ".join(two.actions)
    gained, lost = set(two.actions) - set(one.actions), set(one.actions) - set(two.actions)
    if gained:
        text = f"`{two.name}` can now {in_words(gained)}{_on(two, gained)}"
        if one.description is not None and _texts_of(one) == _texts_of(two):
            text += "; what it says of itself is the same, so that more is known of it"
        yield "actions-gained", before, after, text
    if lost:
        yield "actions-lost", before, after, f"`{two.name}` can no longer {in_words(lost)}"
    if not gained and not lost and one.touches != two.touches:
        was, now = _touched(one), _touched(two)
        yield "touches-changed", was, now, f"`{two.name}` acted on {was} and now acts on {now}"


def _texts_of(tool: LockedTool) -> tuple[object, ...]:
    return tool.title, tool.description, tool.schema, tool.annotations


def _on(tool: LockedTool, actions: Collection[str] = ACTIONS) -> str:
    """What the tool does that to, where that is known."""
    touched = {
        one.on.removesuffix(":")
        for one in tool.touches
        if not set(one.do).isdisjoint(actions) and not one.on.startswith("unknown:")
    }
    return f" ({', '.join(sorted(touched))})" if touched else ""


def _touched(tool: LockedTool) -> str:
    return "; ".join(
        f"{one.on.removesuffix(':')} ({', '.join(in_order(one.do))}, {one.certainty})" for one in tool.touches
    )


def _claims(one: LockedTool, two: LockedTool) -> Iterator[_Row]:
    # The shipped catalog holds the four claims that MCP knows, and nothing else that a server may add.
    all_known = one.description is not None and two.description is not None
    was, now = dict(one.annotations), dict(two.annotations)
    for name in sorted({*was, *now}):
        before, after = was.get(name), now.get(name)
        if before == after or not (all_known or name in CLAIMS.values()):
            continue
        told = (_told(before), _told(after))
        if name in _SAYS and before is True:
            text = f"`{two.name}` said {_SAYS[name]}, and no longer does"
        elif name in _SAYS and after is True:
            text = f"`{two.name}` now says {_SAYS[name]}"
        elif isinstance(before, str) and isinstance(after, str):
            text = f"`{two.name}` says something else in its annotation `{name}`"
        else:
            what = f"the annotation `{name}` of `{two.name}`"
            text = f"{what} was {brief(told[0]) or 'absent'} and is {brief(told[1]) or 'absent'}"
        yield "claim-changed", *told, text


def _told(claim: bool | str | None) -> str:
    return str(claim).lower() if isinstance(claim, bool) else claim or ""


def _texts(one: LockedTool, two: LockedTool) -> Iterator[_Row]:
    texts: tuple[tuple[DriftKind, str | None, str | None, str, str], ...] = (
        (
            "description-changed",
            one.description,
            two.description,
            one.full_description,
            two.full_description,
        ),
        ("title-changed", one.title, two.title, one.full_title, two.full_title),
    )
    for kind, before, after, full_before, full_after in texts:
        if before is None or after is None or before == after:
            continue
        how = "changed" if before and after else "is new" if after else "is gone"
        text = f"the {kind.removesuffix('-changed')} of `{two.name}` {how}"
        yield kind, full_before or before, full_after or after, text


def _arguments(one: LockedTool, two: LockedTool) -> Iterator[_Row]:
    rows = [*_parameters(one, two)]
    yield from rows
    if not rows and one.schema and two.schema and one.schema != two.schema:
        text = f"the input schema of `{two.name}` changed in other parts than its arguments' names and types"
        yield "schema-changed", one.schema, two.schema, text


def _parameters(one: LockedTool, two: LockedTool) -> Iterator[_Row]:
    was, now = dict(one.parameters), dict(two.parameters)
    due_before = None if two.required is None else one.required
    due_after = None if one.required is None else two.required
    for name in sorted({*was, *now}):
        before, after = was.get(name) or "", now.get(name) or ""
        own = f"`{name}` of `{two.name}`"
        if name not in was:
            due = ", and required" if two.required and name in two.required else ""
            takes = f" ({after})" if after else ""
            yield "parameter-added", "", after, f"the parameter {own} is new{takes}{due}"
        elif name not in now:
            yield "parameter-gone", before, "", f"the parameter {own} is gone"
        elif before and after and before != after:
            wider = widened(before, after)
            verb = "took only" if wider else "took"
            text = f"the parameter {own} {verb} {before} and now takes {after}"
            yield ("type-widened" if wider else "type-changed"), before, after, text
    for name in sorted({*(due_after or ())} & {*was} - {*(due_before or ())}):
        yield "parameter-required", "", name, f"the parameter `{name}` of `{two.name}` is now required"
    for name in sorted({*(due_before or ())} & {*now} - {*(due_after or ())}):
        yield "parameter-optional", name, "", f"the parameter `{name}` of `{two.name}` is no longer required"
