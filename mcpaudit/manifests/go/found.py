"""Tools as they came by, put into the shape that all languages share."""

from collections.abc import Iterable, Iterator
from itertools import islice

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.manifests.extraction import FoundTool
from mcpaudit.manifests.go import schema, syntax
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.schema import Budget, Schema
from mcpaudit.manifests.go.tools import Interpreter, Sight
from mcpaudit.manifests.go.values import Func, Struct
from mcpaudit.model.manifest import Spot
from mcpaudit.parsing.document import Json

MAX_TEXT, MAX_SWITCHES, MAX_NAMES = 20_000, 3, 500
_SCHEMAS = ("RawInputSchema", "InputSchema", "Parameters", "Schema", "Params")
_HINTS = ("ReadOnlyHint", "DestructiveHint", "IdempotentHint", "OpenWorldHint")
# Of the official SDK's hints two are no pointers: they are sent whether they are written or not.
# https://pkg.go.dev/github.com/modelcontextprotocol/go-sdk/mcp#ToolAnnotations
_OFFICIAL, _ALWAYS = "github.com/modelcontextprotocol/go-sdk/", ("ReadOnlyHint", "IdempotentHint")


def name_of(sight: Sight) -> str:
    """The tool's name."""
    return _text(sight.struct.fields.get("Name"))


def places(sights: Iterable[Sight]) -> dict[int, set[str]]:
    """By node: the names of the tools that are made there or on whose way it is."""
    found: dict[int, set[str]] = {}
    for one in sights:
        for _, node in ((one.file, one.node), *one.via):
            found.setdefault(node.id, set()).add(name_of(one))
    return found


def tool_of(sight: Sight, ev: Interpreter, shared: dict[int, set[str]], budget: Budget) -> FoundTool:
    """What is known of one tool, but for what its handler reaches."""
    fields = sight.struct.fields
    hints = _hints(fields.get("Annotations"))
    raw = RawTool(
        name_of(sight),
        _text(fields.get("Title")) or _text(hints.pop("title", "")),
        _text(fields.get("Description")),
        _schema(sight, ev.project, budget),
        hints,
    )
    switch = ", ".join(list(dict.fromkeys(_switches(sight, ev)))[:MAX_SWITCHES])
    # Where a function makes many tools, the call of it that made this one says more.
    ways = [(sight.file, sight.node), *sight.via]
    file, node = next((way for way in ways if len(shared[way[1].id]) == 1), ways[0])
    spot = Spot(file.shown, syntax.line(node))
    if not switch and sight.given is None and ev.passes:
        # Others are handed over of which it is not known which they are: this may be one of them.
        unseen, call = ev.passes[0]
        switch = f"what {unseen.shown}:{syntax.line(call)} hands to the server"
        return FoundTool(raw, spot, switch=switch, possible=True)
    return FoundTool(raw, spot, bool(switch), switch)


def _switches(sight: Sight, ev: Interpreter) -> Iterator[str]:
    """What has to be switched on before a tool is listed."""
    rows = [part for one in (*sight.off, *(sight.given or ())) for part in one.split(", ")]
    if sight.toolset:
        rows += [one for one in ev.flags if "toolset" in one][:1]
    for one in rows:
        yield one
        if ev.prefix and one.startswith("--"):
            yield f"{ev.prefix}_{one[2:].upper().replace('-', '_')}"
    if sight.toolset:
        yield sight.toolset


def best(tools: Iterable[FoundTool]) -> dict[str, FoundTool]:
    """By name; of two declarations of a name, the one that is on and says more counts."""
    found: dict[str, FoundTool] = {}
    for one in tools:
        old = found.get(one.tool.name)
        if old is None or _worth(one) > _worth(old):
            found[one.tool.name] = one
    return {name: found[name] for name in sorted(found)}


def _worth(tool: FoundTool) -> tuple[bool, bool, bool, bool, int]:
    raw = tool.tool
    return (
        not tool.latent,
        not tool.possible,
        bool(raw.input_schema),
        bool(raw.annotations),
        len(raw.description),
    )


def _schema(sight: Sight, project: Project, budget: Budget) -> Schema:
    budget.next_tool()
    given = [sight.struct.fields[name] for name in _SCHEMAS if name in sight.struct.fields]
    readings = [schema.of_value(project, one, budget) or schema.written(one, budget) for one in given]
    for one in readings:
        if one.get("properties"):
            return one
    for handler in handlers(sight):
        if (found := schema.of_handler(project, handler, budget)) is not None:
            return found
    return next((one for one in readings if one), {})


def handlers(sight: Sight) -> list[Func]:
    """The functions that may answer a call of the tool, with those that they close over."""
    own = sight.handlers or sight.near
    found = {one.node.id: one for one in own}
    for one in own:
        env = one.env
        while env is not None and len(found) < 12:
            some = islice(env.names.values(), MAX_NAMES)
            found |= {inner.node.id: inner for inner in some if isinstance(inner, Func)}
            env = env.outer if env.outer is not None and sight.handlers else None
    return list(found.values())


def _hints(value: object) -> dict[str, Json]:
    fields = value.fields if isinstance(value, Struct) else {}
    found: dict[str, Json] = {}
    plain = isinstance(value, Struct) and value.type.path.startswith(_OFFICIAL)
    for name in _HINTS:
        if isinstance(one := fields.get(name, False if plain and name in _ALWAYS else None), bool):
            found[name[0].lower() + name[1:]] = one
    if isinstance(title := fields.get("Title"), str):
        found["title"] = title
    return found


def _text(value: object) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""
