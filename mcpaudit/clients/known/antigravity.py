"""Google Antigravity (IDE and CLI `agy`): a project's and the user's file, the newer and the older.

Sources: measured on agy 1.1.26 by the linter stbenjam/skillsaw (docs/rules/antigravity-mcp-valid.md);
setup pages of vendors (paths).
"""

from dataclasses import replace

from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.parsing.node import Node


def unwrap(name: str, entry: Node) -> Node:
    """`serverUrl` wins over `command`."""
    del name
    table = entry.value if isinstance(entry.value, dict) else {}
    if not table.get("serverUrl") or "command" not in table:
        return entry
    return replace(entry, value={key: one for key, one in table.items() if key not in ("command", "args")})


CLIENT = Declared(
    "antigravity",
    "Antigravity",
    (
        Source("project", "{project}/.agents/mcp_config.json"),
        Source("user", "{home}/.gemini/config/mcp_config.json"),
        Source("user", "{home}/.gemini/antigravity/mcp_config.json"),
    ),
    asks("Antigravity asks, unless its user approved the tool"),
    Dialect(
        url=("serverUrl", "url", "httpUrl"),
        options=("disabled",),
        except_tools="disabledTools",
        login_tables=("oauth",),
        harmless=("timeout", "authProviderType", "description"),
    ),
    unwrap=unwrap,
    stops_at=(),
).client
