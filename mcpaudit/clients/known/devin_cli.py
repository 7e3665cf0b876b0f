"""Devin CLI and the agent Devin Local of Devin Desktop: servers and permissions at three levels.

Source: docs.devin.ai (CLI configuration, permissions). How its rules name a server's tools is not verified.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import named
from mcpaudit.model.decision import Effect, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Platform

ID, TITLE = "devin-cli", "Devin CLI"
_EFFECTS: tuple[Effect, ...] = ("deny", "ask", "allow")


def _in_home(name: str) -> dict[Platform, str]:
    home = f"{{home}}/.config/devin/{name}"
    return {"linux": home, "macos": home, "windows": f"{{appdata}}/devin/{name}"}


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """`permissions` of every level; a name of a whole server speaks of all its tools."""
    found: list[Rule] = []
    for file in files:
        permissions = file.root.child("permissions")
        for effect in _EFFECTS:
            for node in (permissions.texts(effect) if permissions else None) or ():
                text = reading.rule(node)
                whole = text.startswith("mcp__") and text.count("__") == 1
                subject: Literal["tool", "command"] = "tool" if text.startswith("mcp__") else "command"
                pattern = f"{text}__*" if whole else text
                found.append(Rule(agent.id, effect, pattern, file.level, node.place, subject))
        if (borrowed := file.root.child("read_config_from")) is not None and borrowed.value:
            reason = "it takes over other clients' settings, which mcpaudit counts for those clients only"
            reading.gaps.append(Gap("not-understood", borrowed.place, reason, ID))
    return found, ()


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as rules are taken to name it."""
    return f"mcp__{one.name}__{tool.name}"


CLIENT = Declared(
    ID,
    TITLE,
    (
        Source("local", "{project}/.devin/config.local.json"),
        Source("project", "{project}/.devin/config.json"),
        Source("project", "{project}/.devin/mcp_config.json"),
        Source("user", _in_home("config.json")),
        Source("user", _in_home("mcp_config.json")),
    ),
    asks("no rule matches and Devin asks by default"),
    Dialect(
        expand=named,
        url=("url", "serverUrl"),
        type=("type", "transport"),
        options=("disabled",),
        except_tools="disabledTools",
        harmless=("timeout",),
    ),
    rules=rules,
    naming=name_of,
).client
