"""Windsurf, since June 2026 Devin Desktop: its older files and those of its successor.

Sources: docs.windsurf.com (Cascade, MCP), microsoft/vscode mcpConfiguration.ts (the older path); for the
successor's paths only third parties' setup pages. What the app and a team decide is in no file.
"""

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.variables import named

_DEVIN = "{home}/.config/devin/mcp_config.json"

CLIENT = Declared(
    "windsurf",
    "Windsurf",
    (
        Source("project", "{project}/.devin/mcp_config.json"),
        Source("project", "{project}/.mcp.json", shared=True),
        Source("user", {"linux": _DEVIN, "macos": _DEVIN, "windows": "{appdata}/devin/mcp_config.json"}),
        Source("user", "{home}/.codeium/windsurf/mcp_config.json"),
        Source("editor plugins", "{home}/.codeium/mcp_config.json"),
    ),
    asks("Windsurf asks, unless its user lets tools run in the app"),
    Dialect(
        expand=named,
        url=("serverUrl", "url"),
        type=("type", "transport"),
        options=("disabled",),
        except_tools="disabledTools",
        harmless=(),
    ),
).client
