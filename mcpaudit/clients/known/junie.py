"""Junie (JetBrains, editors and CLI): servers per project and user, and an allowlist.

Source: junie.jetbrains.com/docs (action allowlist of the CLI); the files of servers are known from other
tools' source only.
"""

from collections.abc import Iterable, Iterator, Sequence

from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "junie", "Junie"
ALLOWLIST = "{home}/.junie/allowlist.json"


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """The rules on MCP tools, and what happens where none matches."""
    del files
    root = reading.file(ALLOWLIST, "json", f"{TITLE} allowlist", ID)
    if root is None:
        return (), ()
    default = root.child("defaultBehavior")
    everything = default is not None and default.value == "allow"
    switches = [Switch("defaultBehavior", "allow", default.place)] if default and everything else []
    listed = root.at("rules", "mcpTools", "rules")
    return [
        rule for node in (listed.elements() if listed else ()) for rule in _rule(reading, agent, node)
    ], switches


def _rule(reading: Reading, agent: Agent, node: Node) -> Iterator[Rule]:
    action = node.text("action") if isinstance(node.value, dict) else ""
    for key, more in (("prefix", "*"), ("pattern", "")):
        words = node.child(key) if action in ("allow", "ask") else None
        if words is not None and isinstance(words.value, str):
            effect = "allow" if action == "allow" else "ask"
            text = reading.rule(words) + more
            yield Rule(agent.id, "allow" if effect == "allow" else "ask", text, "user", words.place)


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as the allowlist names it."""
    return f"{one.name}:{tool.name}"


CLIENT = Declared(
    ID,
    TITLE,
    (Source("project", "{project}/.junie/mcp/mcp.json"), Source("user", "{home}/.junie/mcp/mcp.json")),
    asks("no rule matches and Junie asks, unless its brave mode is on"),
    Dialect(options=("enabled",), harmless=("timeout", "disabled")),
    off=("enabled", False),
    approved=Certainty.POSSIBLE,
    rules=rules,
    everything="defaultBehavior",
    naming=name_of,
).client
