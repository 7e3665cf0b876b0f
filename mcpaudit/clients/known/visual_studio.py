"""Visual Studio: `.mcp.json` of the solution and the user, on Windows only, with VS Code's keys.

Source: learn.microsoft.com (Use MCP servers in Visual Studio). That it reads other editors' files as well is
named there for discovery, and not verified.
"""

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.variables import named

_BESIDE = ("{project}/.vs",)


def _windows(level: str, path: str, key: str = "servers", *, own: bool = False) -> Source:
    return Source(
        level, {"windows": path}, (key,), shared=not own, beside=() if own else _BESIDE, settings=True
    )


CLIENT = Declared(
    "visual-studio",
    "Visual Studio",
    (
        _windows("solution", "{project}/.vs/mcp.json", own=True),
        _windows("solution", "{project}/.mcp.json", own=True),
        _windows("solution", "{project}/.vscode/mcp.json"),
        _windows("solution", "{project}/.cursor/mcp.json", "mcpServers"),
        _windows("user", "{home}/.mcp.json", own=True),
    ),
    asks("Visual Studio asks, unless its user allowed the tool always (kept in the app)"),
    Dialect(expand=named, env_file="envFile", harmless=("gallery", "version", "oauth", "sandbox", "dev")),
    off=None,
).client
