"""VS Code with GitHub Copilot: `mcp.json` per workspace and user, approvals in a private store.

Sources: microsoft/vscode-docs (MCP configuration reference, agent tools, enterprise AI settings) and
microsoft/vscode mcpLanguageModelToolContribution.ts.
"""

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import named
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "vscode", "VS Code"
DIALECT = Dialect(expand=named, options=("sandboxEnabled",))
SERVERS = (
    ("workspace", "{project}/.vscode/mcp.json", ("servers",)),
    ("user", "{userdata}/Code/User/mcp.json", ("servers",)),
    ("user", "{userdata}/Code/User/settings.json", ("mcp", "servers")),
    ("workspace", "{project}/.vscode/settings.json", ("mcp", "servers")),
)
SETTINGS = ("{project}/.vscode/settings.json", "{userdata}/Code/User/settings.json")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of VS Code; `None` where none of them speaks of MCP."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    found: list[Installation] = []
    seen = False
    for level, template, pointer in SERVERS:
        role = f"{TITLE} {level} servers" if pointer == ("servers",) else "VS Code settings"
        root = reading.file(template, "json", role, ID)
        servers = root.at(*pointer) or root.child(".".join(pointer)) if root else None
        if pointer == ("servers",):
            seen = seen or root is not None or reading.unreadable(template) is not None
        if servers is not None:
            seen = True
            found += entries.installations(servers, level)
    switches = [switch for template in SETTINGS for switch in _switches(reading, template)]
    if not seen and not switches:
        return None
    return AgentConfig(agent, settle(found, ("workspace", "user")), (), tuple(switches))


def _switches(reading: Reading, template: str) -> list[Switch]:
    root = reading.file(template, "json", "VS Code settings", ID)
    node: Node | None = root.child("chat.tools.global.autoApprove") if root else None
    return (
        [Switch("chat.tools.global.autoApprove", "true", node.place)] if node and node.value is True else []
    )


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Asks, unless the server says `readOnlyHint: true`, is sandboxed, or everything is approved."""
    if switch := config.switch("chat.tools.global.autoApprove"):
        return allowed(f"`{switch.name}` approves every tool")
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    if installation.option("sandboxEnabled") == "true":
        return allowed("the tools of a sandboxed server are approved automatically")
    if tool.hints.read_only is True:
        return allowed("the server itself claims `readOnlyHint`, which VS Code believes")
    reason = "VS Code asks, unless its user approved the tool or server (kept in a private store)"
    return asked(mode, reason, certainty=Certainty.POSSIBLE)
