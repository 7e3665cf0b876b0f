"""How a client is told to deny a tool: the rule in its own syntax, and the settings that it belongs in."""

from mcpaudit.access.graph import AccessGraph
from mcpaudit.clients.outcome import rule_of
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation


def deny_rule(access: AccessGraph, one: Installation, name: str) -> str:
    """What denies a tool in the client's own syntax; empty where it has none."""
    tools = access.manifests[one.id].tools
    return rule_of(one, next((tool for tool in tools if tool.name == name), Tool(name, ())))


def deny_place(one: Installation) -> str:
    """The settings that such a rule belongs in; empty where there are none."""
    client = client_facts(one.client)
    return client.denies.where if client and client.denies else ""
