"""Claude Desktop: one file a user; approvals live in the application's private store.

Sources: modelcontextprotocol.io documentation (paths, fields); claude.com documentation (managed settings).
"""

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.decisions import asked
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation

ID, TITLE = "claude-desktop", "Claude Desktop"
# On Linux there is no official build; unofficial ones use the same folder below ~/.config.
FILE = "{userdata}/Claude/claude_desktop_config.json"


def load(reading: Reading) -> AgentConfig | None:
    """Read the user's configuration; `None` where there is none."""
    agent = Agent(ID, ID, TITLE, "~")
    root = reading.file(FILE, "json", f"{TITLE} servers", ID)
    servers = root.child("mcpServers") if root else None
    if root is None and not reading.unreadable(FILE):
        return None
    found = EntryReader(reading, agent, Dialect()).installations(servers, "user") if servers else []
    return AgentConfig(agent, settle(found, ("user",)))


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """It asks before each tool; what a user chose to allow always is not readable from files."""
    del config, installation, tool
    reason = "Claude Desktop asks, unless its user chose to allow the tool always (kept in a private store)"
    return asked("interactive" if mode == "headless" else mode, reason, certainty=Certainty.POSSIBLE)
