"""The shipped catalog: facts about popular servers, so that a first audit knows them with nothing installed.

Each file under `knowledge/catalog` is one server; `tools/build_catalog.py` makes them from saved manifests.
"""

import json
from functools import lru_cache
from pathlib import Path

from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Hints, Manifest, Parameter, Tool, Touch
from mcpaudit.model.server import Server
from mcpaudit.parsing.document import Json
from mcpaudit.shipped import PACKAGE

FORMAT = 1


def file_name(server_id: str) -> str:
    """The catalog file for a server id: `npm:@acme/x` is `npm__@acme__x.json`."""
    return server_id.replace(":", "__", 1).replace("/", "__") + ".json"


def manifest_of(server: Server) -> Manifest | None:
    """The catalog's manifest for a server; certain only where the very version is pinned."""
    found = _read(server.id)
    if found is None:
        return None
    version, tools, needs = found
    pinned = server.package is not None and server.package.pinned and server.package.version == version
    reason = f"the shipped catalog, which knows version {version}" if version else "the shipped catalog"
    if not pinned:
        reason += "; which version runs here is not pinned"
        if server.package is not None and server.package.pinned:
            reason = f"the shipped catalog, which knows version {version} and not {server.package.version}"
    return Manifest(
        server=server.id,
        source="catalog",
        complete=True,
        tools=tools,
        reason=reason,
        version=version,
        certainty=Certainty.CERTAIN if pinned else Certainty.POSSIBLE,
        needs_env=needs,
    )


@lru_cache(maxsize=512)
def _read(server_id: str) -> tuple[str, tuple[Tool, ...], tuple[str, ...]] | None:
    name = file_name(server_id)
    if name not in _names():
        alias = _aliases().get(server_id)
        return _read(alias) if alias else None
    data = json.loads((_folder() / name).read_text(encoding="utf-8"))
    return data["version"], tuple(tool_from_json(tool) for tool in data["tools"]), tuple(data["needs_env"])


def _folder() -> Path:
    return PACKAGE / "knowledge/catalog"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """The files of the catalog. An id may be any text that a configuration names, so none becomes a path."""
    return frozenset(one.name for one in _folder().iterdir())


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Other identities of a catalogued server: its container image, its remote endpoint."""
    found: dict[str, str] = json.loads((_folder() / "aliases.json").read_text(encoding="utf-8"))
    return found


def tool_to_json(tool: Tool) -> dict[str, Json]:
    """A tool as the catalog stores it; empty parts are left out."""
    hints = {
        name: getattr(tool.hints, name) for name in Hints.__slots__ if getattr(tool.hints, name) is not None
    }
    data: dict[str, Json] = {"name": tool.name}
    if hints:
        data["hints"] = hints
    data["params"] = [parameter.name for parameter in tool.parameters]
    data["touches"] = [_touch_to_json(touch) for touch in tool.touches]
    return data


def _touch_to_json(touch: Touch) -> Json:
    actions: list[Json] = [*sorted(touch.actions)]
    return {
        "on": f"{touch.provider}:{touch.kind}",
        "do": actions,
        "certainty": touch.certainty.value,
        "why": [*touch.evidence],
    }


def tool_from_json(data: dict[str, Json]) -> Tool:
    """A tool as the catalog stores it, read back."""
    hints, touches, params = data.get("hints", {}), data["touches"], data["params"]
    assert isinstance(hints, dict)
    assert isinstance(touches, list)
    assert isinstance(params, list)
    return Tool(
        name=str(data["name"]),
        touches=tuple(_touch(touch) for touch in touches if isinstance(touch, dict)),
        hints=Hints(**{name: value for name, value in hints.items() if isinstance(value, bool)}),
        parameters=tuple(Parameter(str(name)) for name in params),
    )


def _touch(data: dict[str, Json]) -> Touch:
    provider, _, kind = str(data["on"]).partition(":")
    actions, why = data["do"], data["why"]
    assert isinstance(actions, list)
    assert isinstance(why, list)
    return Touch(
        provider,
        kind,
        frozenset(map(str, actions)),
        Certainty(str(data["certainty"])),
        tuple(map(str, why)),
    )
