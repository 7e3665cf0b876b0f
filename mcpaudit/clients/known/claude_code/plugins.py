"""Claude Code's plugins: the servers that installed ones bring along.

Sources: anthropics/claude-plugins-official (`plugin.json`, `.mcp.json`); the settings schema in
@anthropic-ai/claude-code 2.1.330 (`enabledPlugins`) and that client's own `mcp list`, observed in
November 2026.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.folder_listing import unlisted
from mcpaudit.clients.known.claude_code.admission import Admission
from mcpaudit.clients.known.claude_code.settings import ID, TITLE, dropped
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, Expanded
from mcpaudit.model.server import Agent, Installation, State
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

FOLDER = "{home}/.claude/plugins"
# Where installed plugins lie below it, `cache/MARKETPLACE/PLUGIN/VERSION`, is a third party's word; clones of
# whole marketplaces lie beside them and are installed only once they are copied to the cache (not verified).
_DEPTH, _PASSED_OVER = 5, {"marketplaces", "node_modules", ".git"}


def plugin_servers(
    reading: Reading, agent: Agent, dialect: Dialect, admission: Admission
) -> Iterator[tuple[Installation, Node, Expand]]:
    """The servers of every plugin that lies below the user's folder, with the state of their plugin."""
    found = reading.site.locate(FOLDER)
    for folder, route in _plugins(reading, found[0]) if found else ():
        shown = f"~/.claude/plugins/{route}"
        described = f"{TITLE} plugin"
        manifest = reading.open(
            folder / ".claude-plugin/plugin.json",
            f"{shown}/.claude-plugin/plugin.json",
            "json",
            described,
            ID,
        )
        plugin = manifest.text("name") if manifest else ""
        plugin = plugin or folder.name
        state, reason = _state(plugin, admission)
        own = replace(dialect, expand=_expand(dialect.expand, folder))
        entries = EntryReader(reading, agent, own)
        for servers in _tables(reading, folder, shown, manifest):
            for name, node in servers.items():
                # The client skips an invalid entry of a plugin silently (observed).
                if isinstance(node.value, dict):
                    one = entries.installation(f"plugin:{plugin}:{name}", node, "plugin", state, reason)
                    yield one, node, own.expand


def _plugins(reading: Reading, top: Path) -> Iterator[tuple[Path, str]]:
    """Folders that hold a plugin, the last name first: of several versions that is mostly the newest."""

    def failed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            unlisted(reading, reading.site.shorten(str(error.filename)), error, ID)

    for here, folders, files in os.walk(top, onerror=failed):
        route = Path(here).relative_to(top)
        folders.sort(reverse=True)
        if route.parts and (
            ".mcp.json" in files or os.path.lexists(Path(here) / ".claude-plugin/plugin.json")
        ):
            yield Path(here), route.as_posix()
            folders.clear()
        hidden = _PASSED_OVER if len(route.parts) < _DEPTH else set(folders)
        folders[:] = [name for name in folders if name not in hidden]


def _tables(reading: Reading, folder: Path, shown: str, manifest: Node | None) -> Iterator[Node]:
    """Tables of servers: in the plugin's `.mcp.json`, its manifest, or a file that the manifest names."""
    files = [".mcp.json"]
    inline = manifest.child("mcpServers") if manifest else None
    if inline is not None and isinstance(inline.value, str):
        named = inline.value.removeprefix("./")
        # A path that leads out of the plugin is not followed.
        if named not in files and ".." not in Path(named).parts and not Path(named).is_absolute():
            files.append(named)
    elif inline is not None and isinstance(inline.value, dict):
        yield _unwrapped(inline)
    for name in files:
        root = reading.open(folder / name, f"{shown}/{name}", "json", f"{TITLE} plugin servers", ID)
        if root is not None and not dropped(reading, root):
            yield _unwrapped(root)


def _unwrapped(node: Node) -> Node:
    """Plugins may leave out `mcpServers` around their servers."""
    return node.child("mcpServers") or node


def _state(plugin: str, admission: Admission) -> tuple[State, str]:
    """By `enabledPlugins` (`NAME@MARKETPLACE`: true or false), the strongest settings file first."""
    said = False
    for level, root in admission.settings:
        table = root.child("enabledPlugins")
        for key, node in table.items() if table else ():
            said = True
            if key.partition("@")[0] != plugin or node.value is None:
                continue
            if not any(root is one for one in admission.counted):
                # By analogy with approvals; what an untrusted repository enables was not tried.
                if node.value is not False:
                    return (
                        "pending",
                        f"the {level} settings enable this plugin, and the folder is not trusted",
                    )
            elif node.value is False:
                return "disabled", "enabledPlugins switches this plugin off"
            else:
                return "loaded", ""
    if said:
        return "disabled", "enabledPlugins does not name this plugin"
    return "pending", "no settings file says whether this plugin is enabled"


def _expand(expand: Expand, folder: Path) -> Expand:
    """The client's variables, and those that plugins add."""

    def expanded(text: str, site: Site) -> Expanded:
        own = {"CLAUDE_PLUGIN_ROOT": str(folder)}
        own |= {"CLAUDE_PROJECT_DIR": site.folder} if site.project else {}
        return expand(text, replace(site, env={**site.env, **own}))

    return expanded
