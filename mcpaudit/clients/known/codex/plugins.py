"""Servers that Codex's plugins bring, and what the user's configuration says of them.

Source: Codex 0.169.0's own server listing, observed: a plugin counts where `plugins."NAME@MARKET"` is
there and does not say `enabled = false`, and its newest folder has a manifest; a broken file of it is passed
over, a bad entry too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.known.codex.files import ID, TITLE
from mcpaudit.clients.layers import layered
from mcpaudit.clients.precedence import switched_off
from mcpaudit.clients.reading import Reading
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

CACHE = "{home}/.codex/plugins/cache"
LEVEL = "plugin"
_MANIFEST = ".codex-plugin/plugin.json"


def plugin_servers(
    reading: Reading, agent: Agent, dialect: Dialect, counted: Sequence[Node]
) -> Iterator[tuple[Installation, Node]]:
    """The servers of all enabled plugins, each with its entry; `counted` are the files that count."""
    tables = [node for root in counted if (node := root.child("plugins")) is not None]
    settings = layered(tables) if tables else None
    entries = EntryReader(reading, agent, replace(dialect, headers=("http_headers", "headers")))
    for name, node in settings.items() if settings and isinstance(settings.value, dict) else ():
        plugin, _, market = name.partition("@")
        # A table that does not speak of it enables the plugin, too (observed).
        on = isinstance(node.value, dict) and node.flag("enabled") is not False
        folder = _newest(reading, market, plugin) if on and market and plugin else None
        for server, entry in _entries(reading, *folder) if folder else ():
            own = node.at("mcp_servers", server)
            whole = layered([own, entry]) if own is not None else entry
            one = replace(entries.installation(server, whole, LEVEL), place=replace(entry.place, on_key=True))
            if one.option("enabled") == "false":
                one = switched_off(one, whole, "enabled", "enabled = false")
            yield one, whole


def _newest(reading: Reading, market: str, plugin: str) -> tuple[Path, str] | None:
    """The folder of the highest version; of version numbers that are none the order is not known."""
    if any(not part or part in (".", "..") or "/" in part or "\\" in part for part in (market, plugin)):
        return None
    found = list(names_in(reading, f"{CACHE}/{market}/{plugin}", ID))
    return max(found, key=lambda one: _version(one[0].name), default=None)


def _version(name: str) -> tuple[list[int], str]:
    return [int(part) for part in re.findall(r"\d{1,9}", name)], name


def _entries(reading: Reading, folder: Path, shown: str) -> Iterator[tuple[str, Node]]:
    """The servers of a plugin: in its manifest, in the file that this names, or in `.mcp.json`."""
    manifest = reading.open(folder / _MANIFEST, f"{shown}/{_MANIFEST}", "json", f"{TITLE} plugin", ID)
    if manifest is None:
        return
    inline = manifest.child("mcpServers")
    root = inline
    if inline is None or isinstance(inline.value, str):
        name = manifest.text("mcpServers").removeprefix("./") or ".mcp.json"
        if ".." in Path(name).parts or Path(name).is_absolute():
            return  # a path that leads out of the plugin is not followed
        root = reading.open(folder / name, f"{shown}/{name}", "json", f"{TITLE} plugin servers", ID)
    if root is None:
        return
    servers = root.child("mcpServers") or root
    for name, node in servers.items():
        if isinstance(node.value, dict) and (node.text("command") or node.text("url")):
            yield name, node
