"""The `permission` map of opencode and the clients made from it: wildcards, of which the last match wins.

Sources: anomalyco/opencode docs, permissions.mdx (values, wildcards, order).
"""

from collections.abc import Iterator, Sequence

from mcpaudit.clients.reading import Reading
from mcpaudit.clients.wildcards import fits
from mcpaudit.model.decision import Effect, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

_EFFECTS: dict[str, Effect] = {"allow": "allow", "ask": "ask", "deny": "deny"}


def rules_of(reading: Reading, agent: Agent, weakest_first: Sequence[tuple[str, Node]]) -> tuple[Rule, ...]:
    """The rules of all files in the order in which they are tried; a key keeps its place when overridden.

    The older `tools` map (`false` hides) is weaker than any `permission`.
    """
    older: dict[str, Rule] = {}
    merged: dict[str, Rule] = {}
    for level, root in weakest_first:
        tools, permission = root.child("tools"), root.child("permission")
        for name, node in tools.items() if tools else ():
            if isinstance(node.value, bool):
                effect: Effect = "allow" if node.value else "deny"
                older[name] = Rule(agent.id, effect, name, level, node.place, "any")
        for pattern, effect, node in _entries(permission) if permission else ():
            merged[pattern] = Rule(agent.id, effect, pattern, level, node.place, "any")
        agents = root.child("agent")
        for name, node in agents.items() if agents and isinstance(agents.value, dict) else ():
            if (own := node.child("permission") or node.child("tools")) is not None:
                reason = f"mcpaudit does not apply what the agent {name} may do beyond the rules for all"
                reading.gaps.append(Gap("not-understood", own.place, reason, agent.client))
    return (*older.values(), *merged.values())


def _entries(permission: Node) -> Iterator[tuple[str, Effect, Node]]:
    """`tool: effect`, `tool: {pattern: effect}`, or one effect for every tool."""
    if isinstance(permission.value, str):
        if permission.value in _EFFECTS:
            yield "*", _EFFECTS[permission.value], permission
        return
    for tool, node in permission.items():
        if isinstance(node.value, str) and node.value in _EFFECTS:
            yield tool, _EFFECTS[node.value], node
        for pattern, inner in node.items() if isinstance(node.value, dict) else ():
            if isinstance(inner.value, str) and inner.value in _EFFECTS:
                # A rule for some uses cannot decide a tool as a whole: its pattern must not match any.
                yield tool if pattern == "*" else f"{tool} (only {pattern})", _EFFECTS[inner.value], inner


def last_match(rules: Sequence[Rule], installation: Installation, tool: Tool) -> Rule | None:
    """The rule that decides: the last of those whose pattern fits the tool's full name."""
    return next((rule for rule in reversed(rules) if matches(rule, installation, tool)), None)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Whether a rule's pattern fits the whole name of a tool."""
    name = tool.name if installation.server.builtin else rule_name(installation, tool)
    return fits(rule.pattern, name)


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"{installation.name}_{tool.name}"
