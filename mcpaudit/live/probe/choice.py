"""Which tool a test may call: one that is proved to only read, or one that the user names.

The rule, all of which has to hold: what the live list says of the tool, by inference, is to list and read
alone; the server does not claim otherwise; a second voice agrees, which is its own `readOnlyHint`, or what
its source or the catalog shows; and its required arguments can be filled in without naming a host.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.installed import installed
from mcpaudit.live.answer import Asked
from mcpaudit.live.keep import offers
from mcpaudit.live.values import Launch
from mcpaudit.model.action import OBSERVING
from mcpaudit.model.lock import Lock, LockedServer, LockedTool
from mcpaudit.parsing.document import Json
from mcpaudit.request import Request

_SECOND_VOICES = ("source", "catalog")
_ELSEWHERE = ("url", "uri", "href", "host", "endpoint", "address", "domain")
"""Arguments that could make a server contact what nobody has configured."""
FILLER = "mcpaudit-probe"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool, as the user is shown it."""

    tool: str
    arguments: dict[str, Json]
    texts: tuple[str, ...] = ()
    """The arguments that take any text."""

    def __str__(self) -> str:
        return f"`{self.tool}` with {json.dumps(self.arguments, ensure_ascii=False)}"


def named(calls: Sequence[str], arguments: Sequence[str], launches: Sequence[Launch]) -> dict[str, Call]:
    """The calls of the command line, by the first name of their server; raises UsageError."""
    found: dict[str, Call] = {}
    if len(arguments) > len(calls):
        raise UsageError("--arguments belongs to the --call before it, and there is none")
    for number, text in enumerate(calls):
        launch, tool = _split(text, launches)
        found[launch.names[0]] = Call(tool, _object(arguments[number]) if number < len(arguments) else {})
    return found


def _split(text: str, launches: Sequence[Launch]) -> tuple[Launch, str]:
    names = {word: one for one in launches for full in one.names for word in (full.partition("/")[2], full)}
    for name in sorted(names, key=len, reverse=True):
        if text.startswith(f"{name}/") and len(text) > len(name) + 1:
            return names[name], text[len(name) + 1 :]
    hint = did_you_mean(text.rpartition("/")[0], names)
    raise UsageError(f"--call {text}: expected SERVER/TOOL of a server that is probed; {hint}".rstrip("; "))


def _object(text: str) -> dict[str, Json]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--arguments is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError("--arguments needs a JSON object, such as '{\"id\": 1}'")
    return found


def proved(asked: Sequence[Asked], request: Request) -> dict[str, tuple[Call, ...]]:
    """The calls that are proved to only read, the simplest first, by the first name of their server."""
    live, static = installed(request, live=offers(asked)).lock, installed(request).lock
    return {one.row.names[0]: tuple(_proved(one, live, static)) for one in asked}


def _proved(asked: Asked, live: Lock, static: Lock) -> Iterator[Call]:
    seen, known = (_entry(asked, lock) for lock in (live, static))
    if seen is None or asked.document is None or not isinstance(asked.document.data, dict):
        return
    second = {}
    if known is not None and known.manifest.source in _SECOND_VOICES:
        second = {tool.name: tool for tool in known.tools}
    safe = {tool.name for tool in seen.tools if _safe(tool, second.get(tool.name))}
    listed = asked.document.data["tools"]
    assert isinstance(listed, list)
    calls = [
        call for tool in listed if isinstance(tool, dict) and tool["name"] in safe for call in _call(tool)
    ]
    yield from sorted(calls, key=lambda call: (len(call.arguments), call.tool))


def _entry(asked: Asked, lock: Lock) -> LockedServer | None:
    names = {*asked.row.names}
    fitting = (one for one in lock.servers if one.id == asked.row.server and names & {*one.installed_as})
    return next(fitting, None)


def _safe(tool: LockedTool, second: LockedTool | None) -> bool:
    claims: Mapping[str, bool | str] = dict(tool.annotations)
    if claims.get("readOnlyHint") is False or claims.get("destructiveHint") is True:
        return False
    if not _reads(tool) or (second is not None and not _reads(second)):
        return False
    return claims.get("readOnlyHint") is True or second is not None


def _reads(tool: LockedTool) -> bool:
    known = all(touch.certainty != "unknown" for touch in tool.touches)
    return known and bool(tool.actions) and {*tool.actions} <= OBSERVING


def _call(tool: Mapping[str, Json]) -> Iterator[Call]:
    schema = tool.get("inputSchema")
    if not isinstance(schema, dict):
        return
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return
    texts = tuple(name for name, held in sorted(properties.items()) if _is_text(name, held))
    arguments: dict[str, Json] = {}
    for name in required:
        held = properties.get(str(name), {})
        value = _value(str(name), held if isinstance(held, dict) else {})
        if value is None:
            return
        arguments[str(name)] = value
    yield Call(str(tool["name"]), arguments, texts)


def _is_text(name: str, held: Json) -> bool:
    if not isinstance(held, dict) or held.get("type") != "string" or _elsewhere(name):
        return False
    return not {"enum", "const", "format", "pattern"} & held.keys()


def _value(name: str, held: Mapping[str, Json]) -> Json:
    """What fills in a required argument; `None` where nothing is known to do."""
    for key in ("const", "default"):
        if key in held:
            return held[key]
    for key in ("enum", "examples"):
        if isinstance(values := held.get(key), list) and values:
            return values[0]
    kind = held.get("type")
    if kind == "string" and not _elsewhere(name) and not {"format", "pattern"} & held.keys():
        return FILLER
    if kind in ("integer", "number"):
        least = held.get("minimum")
        return least if isinstance(least, int | float) else 1
    if kind == "boolean":
        return False
    return [] if kind == "array" and not held.get("minItems") else None


def _elsewhere(name: str) -> bool:
    return any(word in name.lower() for word in _ELSEWHERE)
