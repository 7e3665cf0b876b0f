"""GitHub Copilot's cloud agent: servers in the repository's settings, as exported, and in custom agents.

Source: docs.github.com (Copilot cloud agent and MCP, custom agents). The settings are on GitHub's servers:
mcpaudit reads a copy that a person saves as `.github/copilot/cloud-agent-mcp.json`, a place of its own.
"""

from mcpaudit.clients.decisions import allows
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.model.server import Transport

_TRANSPORTS: tuple[tuple[str, Transport], ...] = (
    ("local", "stdio"),
    ("stdio", "stdio"),
    ("http", "http"),
    ("sse", "sse"),
)

CLIENT = Declared(
    "copilot-cloud-agent",
    "Copilot cloud agent",
    (
        Source("repository", "{project}/.github/copilot/cloud-agent-mcp.json"),
        Source("agent", "{project}/.github/agents/*.md", ("mcp-servers",), "yaml", settings=True, apart=True),
    ),
    allows("Copilot's cloud agent asks nobody: each tool that its entry lists runs"),
    Dialect(
        transports=_TRANSPORTS,
        only_tools="tools",
        harmless=("timeout", "description"),
    ),
    off=None,
).client
