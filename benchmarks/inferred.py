"""The servers and tools of a corpus folder, and what inference says of them."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mcpaudit.clients.identity import identify, identify_url
from mcpaudit.knowledge.capability import KindMatch, RawTool, infer, read_listing
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import providers_of
from mcpaudit.model.action import Actions, changes, closure
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Package, Server


class NoPacks:
    """Packs that know nothing: where what a tool does is scored, and not to what."""

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> tuple[KindMatch, ...]:
        return ()

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return ()

    def provider_of_host(self, host: str) -> tuple[str, ...]:
        return ()

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A server of the corpus with its tools by name."""

    name: str
    family: str
    server: Server | None
    env: tuple[str, ...]
    tools: dict[str, RawTool]

    @property
    def half(self) -> str:
        return half(self.family)


def half(family: str) -> str:
    """`dev` or `held-out`; near-copies of a server fall into one."""
    return "held-out" if int(hashlib.sha256(family.encode()).hexdigest(), 16) % 3 == 0 else "dev"


def load(corpus: Path) -> dict[str, Listed]:
    """The servers of a corpus folder that list tools, by name."""
    return load_lists(corpus / "manifests")


def load_lists(folder: Path) -> dict[str, Listed]:
    """The servers of a folder with one saved list of tools in each file, by name."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        listing = read_listing(raw.get("tools") or [])
        if listing and listing.tools:
            tools = {tool.name: tool for tool in listing.tools}
            name = raw["server"]
            family = raw.get("family") or name
            found[name] = Listed(name, family, _server(raw), tuple(_variables(raw)), tools)
    return found


def _server(raw: dict[str, Any]) -> Server | None:
    """The server as an entry that launches it would show it; `None` where the corpus does not say."""
    name = raw.get("package") or ""
    declared = raw.get("declared") or {}
    config, remote = declared.get("config") or {}, declared.get("remote") or {}
    ecosystem = raw["source"].get("ecosystem")
    if name and ecosystem in ("npm", "pypi"):
        return Server(f"{ecosystem}:{name.lower()}", package=Package(ecosystem, name))
    if config.get("command"):
        return identify(config["command"], config.get("args") or []).server
    if remote.get("url"):
        return identify_url(remote["url"], "http").server
    if "/" in name and not name.startswith("@"):
        return identify("docker", ["run", name]).server
    return identify("npx", [name]).server if name.startswith("@") else None


def _variables(raw: dict[str, Any]) -> Iterator[str]:
    declared = raw.get("declared") or {}
    yield from declared.get("env_set_for_start") or ()
    for item in (*(declared.get("env") or ()), *(declared.get("secrets") or ())):
        if isinstance(item, dict):
            yield str(item.get("env") or item.get("name"))


@cache
def _packs() -> Packs:
    return Packs.shipped()


def tool_of(listed: Listed, name: str) -> Tool:
    """What inference says of a tool, with the shipped packs."""
    packs, server = _packs(), listed.server
    providers = [one.provider for one in providers_of(server, listed.env, packs)] if server else []
    return infer(listed.tools[name], server.id if server else "", providers, packs)


def actions_of(tool: Tool) -> Actions | None:
    """What is certain or possible; `None` where inference says that it does not know."""
    told = [touch.actions for touch in tool.touches if touch.certainty is not Certainty.UNKNOWN]
    if not told and tool.touches:
        return None
    return closure(frozenset().union(*told))


def danger(tool: Tool) -> float:
    """How sure it is that a tool changes something: 1 certain, 0 nothing speaks for it."""
    level = {Certainty.CERTAIN: 1.0, Certainty.POSSIBLE: 0.7, Certainty.UNKNOWN: 0.5}
    changing = [level[touch.certainty] for touch in tool.touches if changes(touch.actions)]
    if changing:
        return max(changing)
    sends = any("send" in touch.actions for touch in tool.touches)
    sure = any(touch.certainty is Certainty.CERTAIN for touch in tool.touches)
    return 0.3 if sends else 0.0 if sure else 0.2
