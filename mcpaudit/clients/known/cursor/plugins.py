"""Servers that Cursor's plugins bring, under the names that Cursor gives them.

Source: the plugin service in npm @cursor/sdk 1.0.32 (`.mcp.json` or `mcp.json` in a plugin, its servers named
`plugin-<plugin>-<server>`). Where plugins are installed is common knowledge, not verified.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.entry import EntryReader
from mcpaudit.clients.folder_listing import files_in
from mcpaudit.clients.reading import Reading
from mcpaudit.model.server import Installation
from mcpaudit.parsing.presence import is_file, is_folder

_FOLDER = "{home}/.cursor/plugins"
_MANIFEST = ".cursor-plugin/plugin.json"
_DEEPEST = 4
"""Folders between that of all plugins and one of them."""


def of_plugins(reading: Reading, entries: EntryReader, client: str) -> Iterator[Installation]:
    """The servers of every plugin that is there; which of them are switched off is not known."""
    found = reading.site.locate(_FOLDER)
    if found is None:
        return
    for plugin, name in sorted(_plugins(reading, *found, client, _DEEPEST)):
        manifest = reading.open(plugin / _MANIFEST, f"{name}/{_MANIFEST}", "json", "Cursor plugin", client)
        title = (manifest.text("name") if manifest else "") or plugin.name
        for file in (".mcp.json", "mcp.json"):
            root = reading.open(plugin / file, f"{name}/{file}", "json", "Cursor plugin servers", client)
            if root is not None:
                servers = root.child("mcpServers")
                for one in entries.installations(servers, "plugin") if servers else ():
                    yield replace(one, name=f"plugin-{title}-{one.name}")
                break


def _plugins(
    reading: Reading, folder: Path, shown: str, client: str, depth: int
) -> Iterator[tuple[Path, str]]:
    """The folders below this one that hold a plugin; one that cannot be listed becomes a gap."""
    for path, name in files_in(reading, folder, shown, client):
        if is_file(path / _MANIFEST):
            yield path, name
        if depth > 1 and is_folder(path):
            yield from _plugins(reading, path, name, client, depth - 1)
