"""Claude Desktop: one file a user, and extensions; approvals live in the application's private store.

Sources: modelcontextprotocol.io documentation (paths, fields); claude.com documentation (managed settings);
the schema in npm @anthropic-ai/mcpb 2.1.2 (an extension's manifest); anthropics/claude-code issue 30954, a
secondary source (the folders of extensions and of their settings).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import asked
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.layers import layered
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, Expanded
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

ID, TITLE = "claude-desktop", "Claude Desktop"
# On Linux there is no official build; unofficial ones use the same folder below ~/.config.
FILE = "{userdata}/Claude/claude_desktop_config.json"
EXTENSIONS = "{userdata}/Claude/Claude Extensions"
EXTENSION_SETTINGS = "{userdata}/Claude/Claude Extensions Settings/"
DIALECT = Dialect(harmless=())
_PLATFORMS = {"linux": "linux", "macos": "darwin", "windows": "win32"}
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def load(reading: Reading) -> AgentConfig | None:
    """Read the user's configuration and extensions; `None` where there is neither."""
    agent = Agent(ID, ID, TITLE, "~")
    root = reading.file(FILE, "json", f"{TITLE} servers", ID)
    servers = root.child("mcpServers") if root else None
    found = EntryReader(reading, agent, DIALECT).installations(servers, "user") if servers else []
    found += _extensions(reading, agent)
    if root is None and not found and not reading.unreadable(FILE):
        return None
    return AgentConfig(agent, settle(found, ("user", "extension")))


def _extensions(reading: Reading, agent: Agent) -> Iterator[Installation]:
    """The server of every unpacked bundle (`.mcpb`, formerly `.dxt`)."""
    for folder, called in names_in(reading, EXTENSIONS, ID):
        root = reading.open(
            folder / "manifest.json", f"{called}/manifest.json", "json", f"{TITLE} extension", ID
        )
        entry = root.at("server", "mcp_config") if root else None
        if root is None or entry is None:
            if root is not None:
                root.complain("an object with `server.mcp_config`")
            continue
        own = entry.at("platform_overrides", _PLATFORMS[reading.site.platform])
        settings = reading.file(
            f"{EXTENSION_SETTINGS}{folder.name}.json", "json", f"{TITLE} extension settings", ID
        )
        dialect = Dialect(expand=_expand(folder, settings))
        merged = layered([own, entry]) if own is not None else entry
        one = EntryReader(reading, agent, dialect).installation(
            root.text("name") or folder.name, merged, "extension"
        )
        # That the key is called `isEnabled`, and that an extension without settings is on, is not verified.
        if settings is not None and settings.flag("isEnabled") is False and one.state == "loaded":
            reason = "its settings file switches this extension off"
            one = replace(one, state="disabled", reason=reason, decided=settings.place.at("isEnabled"))
        yield one


def _expand(folder: Path, settings: Node | None) -> Expand:
    """`${__dirname}`, `${HOME}` and, where its settings file says it, `${user_config.KEY}` (schema)."""

    def expanded(text: str, site: Site) -> Expanded:
        known = {"__dirname": str(folder)} | ({"HOME": str(site.home)} if site.home else {})
        chosen = settings.child("userConfig") if settings else None
        if chosen is not None and isinstance(chosen.value, dict):
            known |= {
                f"user_config.{key}": value for key, value in chosen.value.items() if isinstance(value, str)
            }
        missing = dict.fromkeys(match[0] for match in _VARIABLE.finditer(text) if match[1] not in known)
        return Expanded(_VARIABLE.sub(lambda match: known.get(match[1], match[0]), text), tuple(missing))

    return expanded


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """It asks before each tool; what a user chose to allow always is not readable from files."""
    del config, installation, tool, mode
    reason = "Claude Desktop asks, unless its user chose to allow the tool always (kept in a private store)"
    return asked("interactive", reason, certainty=Certainty.POSSIBLE)


CLIENT = Client(ID, TITLE, load, decide)
