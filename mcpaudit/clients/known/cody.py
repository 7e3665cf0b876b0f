"""Cody (Sourcegraph): servers in VS Code's settings, and no question before a tool runs.

Source: the public snapshot of sourcegraph/cody of July 2025; later versions are not public.
"""

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import allowed
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.precedence import settle, switched_off
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import nothing
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation

ID, TITLE = "cody", "Cody"
FILES = (("workspace", "{project}/.vscode/settings.json"), ("user", "{userdata}/Code/User/settings.json"))


def load(reading: Reading) -> AgentConfig | None:
    """Read `cody.mcpServers` of VS Code's settings; `None` where neither level has it."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, Dialect(expand=nothing, options=("disabled",), harmless=()))
    found: list[Installation] = []
    for level, template in FILES:
        root = reading.file(template, "json", "VS Code settings", ID)
        servers = root.child("cody.mcpServers") if root else None
        if servers is not None:
            for name, node in servers.items():
                one = entries.installation(name, node, level)
                off = one.option("disabled") == "true"
                found.append(switched_off(one, node, "disabled", "disabled: true") if off else one)
    return AgentConfig(agent, settle(found, ("workspace", "user"))) if found else None


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Every tool of an enabled server runs; the stored source has no approval step."""
    del config
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    return allowed("Cody calls tools without asking (source of July 2025)", certainty=Certainty.POSSIBLE)


CLIENT = Client(ID, TITLE, load, decide)
