"""Targets: every client of the registry, with the bytes in each file that its table of facts names.

Beside them lies a good file of another client: whatever the bytes are, its server is still there.
"""

import json
import re
from pathlib import Path

from mcpaudit.clients.client import Collected
from mcpaudit.clients.discover import discover
from mcpaudit.clients.outcome import matches, outcome, rule_name
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import MODES
from mcpaudit.model.manifest import Hints, Tool
from mcpaudit.model.site import Platform, Site
from tests.fuzz.target import Target, told

PACKS = Packs.shipped()
KEPT = "kept"
_GOOD = json.dumps({"mcpServers": {KEPT: {"command": "npx", "args": ["-y", "server-kept"]}}})
_MOST = 6
_TOOLS = (Tool("read_file", (), Hints()), Tool("x" * 64, (), Hints()), Tool("", (), Hints()))


def places(client: str, site: Site) -> list[Path]:
    """Every file that is read of a client on such a site; a `*` in its name is some name."""
    facts = client_facts(client)
    assert facts is not None
    found = []
    for read in facts.reads:
        template = read.paths.get(site.platform)
        located = site.locate(re.sub(r"\*\*?", "x", template)) if template else None
        if located is not None:
            found.append(located[0])
    return list(dict.fromkeys(found))


def site_in(folder: Path, platform: Platform = "linux") -> Site:
    """An empty machine below a folder."""
    for name in ("project", "home", "root"):
        (folder / name).mkdir(exist_ok=True)
    return Site(folder / "project", folder / "home", folder / "root", platform)


def platform_of(client: str) -> Platform:
    """A platform on which the client has files."""
    facts = client_facts(client)
    assert facts is not None
    all_of = [set(read.paths) for read in facts.reads]
    order: tuple[Platform, ...] = ("linux", "windows", "macos")
    return max(order, key=lambda one: sum(one in paths for paths in all_of))


def _neighbour(client: str) -> tuple[str, str]:
    """A client that shares no file with this one, and its file."""
    if client in ("cursor", "claude-code", "cody", "vscode"):
        return "factory-droid", ".factory/mcp.json"
    return "cursor", ".cursor/mcp.json"


def _target(client: str, number: int | None = None) -> Target:
    """The bytes in all files of a client, or in one of them."""

    def run(raw: bytes, folder: Path) -> None:
        site = site_in(folder, platform_of(client))
        other, file = _neighbour(client)
        assert site.home is not None
        found = places(client, site)
        for path in found if number is None else [found[number]]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        good = site.home / file
        good.parent.mkdir(parents=True, exist_ok=True)
        good.write_text(_GOOD, encoding="utf-8")
        collected = discover(site, PACKS, only=(client, other))
        check(collected)
        assert any(
            one.name == KEPT
            for config in collected.agents
            if config.agent.client == other
            for one in config.installations
        )

    return Target(f"client-{client}", "client", run)


def one_by_one(client: str) -> list[Target]:
    """A target for each file of a client."""
    nowhere = Site(Path("/p"), Path("/h"), Path("/r"), platform_of(client))
    return [_target(client, number) for number in range(len(places(client, nowhere)))]


def check(collected: Collected) -> None:
    """What holds of anything that was collected: gaps that tell, and a decision on any tool."""
    for gap in collected.gaps:
        told(gap, "")
        assert gap.place.file
    ids = [one.id for config in collected.agents for one in config.installations]
    assert len(set(ids)) == len(ids)
    for config in collected.agents:
        for one in config.installations[:_MOST]:
            for tool in _TOOLS:
                for mode in MODES:
                    assert outcome(config, one, tool, mode).reason
                rule_name(one, tool)
                for rule in config.rules[:_MOST]:
                    matches(rule, one, tool)


TARGETS = tuple(_target(client.id) for client in CLIENTS)
