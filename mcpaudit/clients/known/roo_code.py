"""Roo Code: a project's and a user's file; a tool runs unasked where its list and a toggle of the app say so.

Source: RooCodeInc/Roo-Code as stored in April 2026, src/services/mcp/McpHub.ts, src/utils/config.ts
(variables) and src/utils/mcp-name.ts (names).
"""

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.variables import named
from mcpaudit.model.certainty import Certainty

_USER = "{userdata}/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"

CLIENT = Declared(
    "roo-code",
    "Roo Code",
    (Source("project", "{project}/.roo/mcp.json"), Source("user", _USER)),
    asks("Roo Code asks, unless its user approves all tools in the app"),
    Dialect(
        expand=named,
        options=("disabled",),
        except_tools="disabledTools",
        harmless=("alwaysAllow", "timeout", "watchPaths"),
    ),
    approves="alwaysAllow",
    approved=Certainty.POSSIBLE,
).client
