"""JetBrains AI Assistant: its servers stand in XML of each IDE, whose form is not documented.

Source: jetbrains.com/help (Model Context Protocol in AI Assistant), which names no file; that of the IDE's
options is common knowledge. It is looked for, and not read.
"""

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.files import there
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation

ID, TITLE = "jetbrains-ai", "JetBrains AI Assistant"
_WHY = "JetBrains AI Assistant keeps its servers here, in a form that mcpaudit does not read"
_USUAL = asks("JetBrains AI Assistant asks, unless its user chose otherwise in the IDE", headless=False)


def load(reading: Reading) -> AgentConfig | None:
    """Say of every IDE with such a file that it is not read."""
    for folder, _ in names_in(reading, "{userdata}/JetBrains", ID):
        template = f"{{userdata}}/JetBrains/{folder.name}/options/llm.mcpServers.xml"
        found = reading.site.locate(template)
        if found is not None and there(reading, template):
            reading.gaps.append(Gap("not-understood", Place(found[1]), _WHY, ID))
    return None


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """It asks before each tool."""
    del config, one, tool
    return _USUAL(mode)


CLIENT = Client(ID, TITLE, load, decide)
