"""Gemini CLI: settings at several levels, extensions, folder trust; its rules are in `gemini_rules.py`.

Sources: the documentation and the code bundled in npm @google/gemini-cli 0.61.0, and that client's own
listing, observed.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.known.gemini_cli.files import (
    ID,
    LEVELS,
    TITLE,
    Settings,
    extensions,
    settings,
    stopped,
    switched_off,
    trusted,
)
from mcpaudit.clients.known.gemini_cli.rules import decide, matches, rule_name, rules_of, switches_of
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, Expanded, shell_or_percent
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

DIALECT = Dialect(
    expand=shell_or_percent,
    url=("httpUrl", "url"),
    only_tools="includeTools",
    except_tools="excludeTools",
    numbers=True,
    login_tables=("oauth",),
    harmless=(
        *("timeout", "description", "trust", "authProviderType", "targetAudience"),
        *("targetServiceAccount", "extension"),
    ),
    # It warns of keys of other clients, and the server is on all the same (observed).
    ignores=True,
)


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Gemini CLI; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    files = settings(reading)
    found = [*_of_settings(reading, agent, files), *_of_extensions(reading, agent)]
    if not (files or found):
        return None
    trust, reason = trusted(reading, files), stopped(reading, files)
    # Until the folder is trusted, what the project's own settings say does not count.
    counting = [one for one in files if one.level != "project" or trust or not reading.as_is]
    counted = [one.root for one in counting if one.root]
    excluded = {
        _plain(node.value): node.place for root in counted for node in _listed(root, "excluded") or ()
    }
    # An empty list allows nothing (observed).
    limits = [
        section for root in counted if (section := root.at("mcp")) and section.texts("allowed") is not None
    ]
    off = switched_off(reading)
    found = [_state(one, trust, off, excluded, limits) for one in found]
    if reason:
        found = [replace(one, state="rejected", reason=reason) for one in found]
    switches = [switch for root in counted for switch in switches_of(root)]
    if reading.as_is and not trust:
        # In a folder that is not trusted every approval mode becomes the default one.
        switches = [one for one in switches if one.name != "defaultApprovalMode"]
    return AgentConfig(agent, settle(found, LEVELS), rules_of(reading, agent, counting), tuple(switches))


def _of_settings(reading: Reading, agent: Agent, files: list[Settings]) -> Iterator[Installation]:
    entries = EntryReader(reading, agent, DIALECT)
    for one in files:
        servers = one.root.child("mcpServers") if one.root else None
        if servers is None:
            continue
        yield from _installations(entries, servers, one.level)


def _installations(entries: EntryReader, servers: Node, level: str) -> Iterator[Installation]:
    """A URL beats a command (observed)."""
    for name, node in servers.items():
        remote = isinstance(node.value, dict) and (node.text("httpUrl") or node.text("url"))
        kept = {key: one for key, one in _table(node).items() if not (remote and key == "command")}
        yield entries.installation(name, replace(node, value=kept) if remote else node, level)


def _table(node: Node) -> dict[str, Json]:
    return node.value if isinstance(node.value, dict) else {}


def _of_extensions(reading: Reading, agent: Agent) -> Iterator[Installation]:
    """The servers of the user's extensions, whose `trust` does not count."""
    for folder, root in extensions(reading):
        servers = root.child("mcpServers")
        if servers is not None:
            dialect = replace(DIALECT, expand=_in_extension(folder))
            yield from _installations(EntryReader(reading, agent, dialect), servers, "extension")


def _in_extension(folder: Path) -> Expand:
    """Variables in an extension's manifest: its own folder and the workspace beside the usual ones."""

    def expand(text: str, site: Site) -> Expanded:
        own = text.replace("${extensionPath}", str(folder)).replace("${/}", "/")
        own = own.replace("${workspacePath}", site.folder) if site.project else own
        return shell_or_percent(own, site)

    return expand


def _listed(root: Node, key: str) -> tuple[Node, ...] | None:
    section = root.child("mcp")
    return section.texts(key) if section else None


def _plain(name: object) -> str:
    return str(name).lower().strip()


def _state(
    one: Installation,
    trust: bool,
    off: dict[str, Place],
    excluded: dict[str, Place],
    limits: list[Node],
) -> Installation:
    # The lists are compared without regard to case and outer blanks; of the switches only the server's own
    # name is brought into that form (observed).
    name = _plain(one.name)
    if name in off:
        reason = "switched off in mcp-server-enablement.json"
        return replace(one, state="disabled", reason=reason, decided=off[name])
    if name in excluded:
        return replace(one, state="disabled", reason="listed in mcp.excluded", decided=excluded[name])
    for limit in limits:
        if name not in [_plain(node.value) for node in limit.texts("allowed") or ()]:
            place = limit.place.at("allowed")
            return replace(one, state="disabled", reason="not listed in mcp.allowed", decided=place)
    if not trust and one.state == "loaded":
        return replace(one, state="pending", reason="the user has not trusted this folder yet")
    return one


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name, believes=True)
