"""Kiro (IDE and CLI): servers per workspace and user, agents and powers; rules by capability since 2026.

Sources: kiro.dev/docs (MCP configuration, custom agents, permissions of IDE 1.0 and CLI 3.0); for powers
snyk/agent-scan. Agents written as Markdown are not read.
"""

from collections.abc import Iterable, Iterator, Sequence

from mcpaudit.clients.agent_files import agent_rules, listed_in
from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import braced
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Effect, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.server import Agent
from mcpaudit.parsing.node import Node

ID, TITLE = "kiro", "Kiro"
PERMISSIONS = "{home}/.kiro/settings/permissions.yaml"
_EFFECTS: dict[str, Effect] = {"allow": "allow", "ask": "ask", "deny": "deny"}


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """What agents allow, and the rules on the capability `mcp`, of which the strictest wins."""
    root = reading.file(PERMISSIONS, "yaml", f"{TITLE} permissions", ID)
    listed = root.child("rules") if root else None
    own = [rule for node in (listed.elements() if listed else ()) for rule in _rule(reading, agent, node)]
    return (*own, *agent_rules(reading, agent, files)), ()


def _rule(reading: Reading, agent: Agent, node: Node) -> Iterator[Rule]:
    effect = _EFFECTS.get(node.text("effect")) if isinstance(node.value, dict) else None
    if effect is None or node.text("capability") != "mcp":
        return
    if (but := node.child("exclude")) is not None and effect != "allow":
        # An exemption can only make it milder, and that is not followed: nothing looks safer than it is.
        reason = "`exclude` exempts some tools from this rule, which mcpaudit does not follow"
        reading.gaps.append(Gap("not-understood", but.place, reason, ID))
        return
    matches = node.texts("match")
    for pattern in matches or ():
        yield Rule(agent.id, effect, reading.rule(pattern), "user", pattern.place)
    if matches is None:
        yield Rule(agent.id, effect, "*", "user", node.place)


CLIENT = Declared(
    ID,
    TITLE,
    (
        Source("project", "{project}/.kiro/settings/mcp.json"),
        Source("user", "{home}/.kiro/settings/mcp.json"),
        Source("project agent", "{project}/.kiro/agents/*.json", apart=True),
        Source("agent", "{home}/.kiro/agents/*.json", apart=True),
        Source("power", "{home}/.kiro/powers/installed/*/mcp.json", apart=True),
    ),
    asks("Kiro asks, unless its user trusts the tool in the app"),
    Dialect(
        expand=braced,
        options=("disabled",),
        except_tools="disabledTools",
        login_tables=("oauth",),
        harmless=("autoApprove", "timeout", "disabledPrompts"),
    ),
    approves="autoApprove",
    approved=Certainty.POSSIBLE,  # the agent may be another one
    rules=rules,
    applies=listed_in,
).client
