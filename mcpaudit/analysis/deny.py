"""How a client is told to deny a tool: the rule in its own syntax, and the settings that it belongs in."""

import json
import re

from mcpaudit.access.graph import AccessGraph
from mcpaudit.clients.outcome import rule_name
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation

_MARK = re.compile(r"\{(?:name|server|tool)\}")


def deny_rule(access: AccessGraph, one: Installation, name: str) -> str:
    """What denies a tool in the client's own syntax; empty where it has none."""
    client = client_facts(one.client)
    if client is None or client.denies is None:
        return ""
    tools = access.manifests[one.id].tools
    tool = next((tool for tool in tools if tool.name == name), Tool(name, ()))
    words = {"{name}": rule_name(one, tool), "{server}": one.name, "{tool}": name}
    # Names are not ours: a quote in one must not end the string that it is written into.
    return _MARK.sub(lambda mark: json.dumps(words[mark[0]])[1:-1], client.denies.rule)


def deny_place(one: Installation) -> str:
    """The settings that such a rule belongs in; empty where there are none."""
    client = client_facts(one.client)
    return client.denies.where if client and client.denies else ""
