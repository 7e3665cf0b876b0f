"""LM Studio: one file in Cursor's notation; what was approved always is kept in the app.

Sources: lmstudio.ai/docs (MCP); lmstudio-bug-tracker 1371 for the other folder on macOS.
"""

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect

CLIENT = Declared(
    "lm-studio",
    "LM Studio",
    (
        Source("user", "{home}/.lmstudio/mcp.json"),
        Source("user", {"macos": "{home}/.cache/lm-studio/mcp.json"}),
    ),
    asks("LM Studio asks, unless its user allowed the tool always (kept in the app)", headless=False),
    Dialect(harmless=("timeout", "name", "description")),
    off=None,
).client
