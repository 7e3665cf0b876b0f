"""Warp: a project's and a user's file; what its agent may call is chosen in a profile of the app.

Source: warpdotdev/warp (its skill on MCP files). Servers that are kept in Warp's cloud are in no file.
"""

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect

CLIENT = Declared(
    "warp",
    "Warp",
    (Source("project", "{project}/.warp/.mcp.json"), Source("user", "{home}/.warp/.mcp.json")),
    asks("Warp asks, unless the agent profile of its user lets servers run (kept in the app)"),
    Dialect(harmless=("start_on_launch", "working_directory", "timeout", "description")),
    off=None,
).client
