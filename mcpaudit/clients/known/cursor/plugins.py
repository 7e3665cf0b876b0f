"""Servers that Cursor's plugins bring, under the names that Cursor gives them.

Source: the plugin service in npm @cursor/sdk 1.0.32 (`.mcp.json` or `mcp.json` in a plugin, its servers named
`plugin-<plugin>-<server>`). Where plugins are installed is common knowledge, not verified.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.entry import EntryReader
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.reading import Reading
from mcpaudit.model.server import Installation

_FOLDER = "{home}/.cursor/plugins"
_MANIFEST = ".cursor-plugin/plugin.json"
_DEPTHS = ("*/", "*/*/", "*/*/*/", "*/*/*/*/")


def of_plugins(reading: Reading, entries: EntryReader, client: str) -> Iterator[Installation]:
    """The servers of every plugin that is there; which of them are switched off is not known."""
    found = reading.site.locate(_FOLDER)
    if found is None or not any(names_in(reading, _FOLDER, client)):
        return
    folder, shown = found
    for path in sorted(path for depth in _DEPTHS for path in folder.glob(depth + _MANIFEST)):
        plugin = path.parent.parent
        name = f"{shown}/{plugin.relative_to(folder).as_posix()}"
        manifest = reading.open(path, f"{name}/{_MANIFEST}", "json", "Cursor plugin", client)
        title = (manifest.text("name") if manifest else "") or plugin.name
        for file in (".mcp.json", "mcp.json"):
            root = reading.open(plugin / file, f"{name}/{file}", "json", "Cursor plugin servers", client)
            if root is not None:
                servers = root.child("mcpServers")
                for one in entries.installations(servers, "plugin") if servers else ():
                    yield replace(one, name=f"plugin-{title}-{one.name}")
                break
