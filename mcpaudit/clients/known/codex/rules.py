"""Codex: may a tool run? Approval modes of servers and tools, the approval policy and the sandbox.

Sources: openai/codex core/src/mcp_tool_call.rs (October 2026). For its own tools: what Codex 0.169.0 tells
the model of its sandbox and approvals, observed; openai/codex codex-rs/core/src/exec_policy.rs and safety.rs,
codex-rs/exec/src/lib.rs (stored versions).
"""

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, hidden_by_entry
from mcpaudit.clients.known.codex.files import ID
from mcpaudit.clients.known.codex.requirements import POLICIES
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

# Its own tools of which the sandbox decides.
_SHELL, _PATCH = "exec_command", "apply_patch"
_WRITABLE, _FULL = "workspace-write", "danger-full-access"


def tool_rules(agent: Agent, level: str, entry: Node | None, server: str) -> list[Rule]:
    """`tools.<tool>.approval_mode` of one server, as rules."""
    tools = entry.child("tools") if entry else None
    rules = []
    for name, node in tools.items() if tools else ():
        value = node.text("approval_mode")
        if value:
            effect = {"approve": "allow", "prompt": "ask", "writes": "ask", "auto": "ask"}.get(value)
            if effect is None:
                continue
            rules.append(
                Rule(
                    agent.id,
                    "allow" if effect == "allow" else "ask",
                    f"{server}.{name} = {value}",
                    level,
                    node.place.at("approval_mode"),
                )
            )
    return rules


def switches_of(root: Node) -> list[Switch]:
    found = []
    for key in ("approval_policy", "sandbox_mode", "default_permissions"):
        node = root.child(key)
        if node is not None and isinstance(node.value, str):
            found.append(Switch(key, node.value, node.place))
        elif node is not None and node.child("granular") is not None:
            found.append(Switch(key, "granular", node.place))
    if (node := root.at("sandbox_workspace_write", "network_access")) is not None and node.value is True:
        found.append(Switch("network_access", "true", node.place))
    return found


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The tool's own approval mode, else the server's default, else by the server's claims (`auto`)."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    barred = config.switch(POLICIES)
    if mode == "bypass" and barred and "never" not in barred.value.split(", "):
        mode = "interactive"
    policy, sandbox = config.switch("approval_policy"), config.switch("sandbox_mode")
    if mode == "bypass":
        return allowed("its bypass mode asks for nothing, whatever the approval modes say")
    if policy and sandbox and policy.value == "never" and sandbox.value == "danger-full-access":
        return allowed("approval_policy is never with full access")
    if installation.server.builtin:
        return _own_tool(config, tool.name, mode)
    rule = next((one for one in config.rules if matches(one, installation, tool)), None)
    default = installation.option("default_tools_approval_mode")
    chosen = rule.pattern.rpartition(" = ")[2] if rule else default
    if chosen == "approve":
        return allowed("its approval mode is `approve`", rule)
    if chosen == "prompt":
        return asked(mode, "its approval mode is `prompt`", rule)
    if chosen == "writes":
        if tool.hints.read_only is True:
            return allowed("its approval mode is `writes` and the server claims `readOnlyHint`", rule)
        return asked(mode, "its approval mode is `writes`", rule)
    return _auto(tool, mode)


def _own_tool(config: AgentConfig, name: str, mode: Mode) -> Decision:
    """The sandbox says what commands and patches can do, the approval policy when Codex asks before."""
    if name not in (_SHELL, _PATCH):
        return default_decision(ID, name, mode)
    if profile := config.switch("default_permissions"):
        reason = f"what the permission profile `{profile.value}` permits is not read"
        return Decision(Verdict.UNKNOWN, reason, certainty=Certainty.UNKNOWN)
    policy, folder = config.switch("approval_policy"), config.switch("trust_level")
    # `codex exec` never asks, whatever the file says. A folder marked as untrusted makes Codex ask otherwise.
    trusting = folder.value if folder else "trusted"
    chosen = policy.value if policy else "untrusted" if trusting == "untrusted" else "on-request"
    if mode == "interactive" and chosen == "untrusted":
        return asked(mode, "Codex asks before each change and each command that it does not know as harmless")
    # Without a record of the folder the sandbox only reads; both records let it write (observed).
    sandbox = config.switch("sandbox_mode")
    box = sandbox.value if sandbox else "read-only" if trusting == "undecided" else _WRITABLE
    if box == _FULL:
        return allowed(f"the sandbox is off (`{box}`) and the approval policy does not ask")
    if box != _WRITABLE and name == _PATCH:
        reason = f"the sandbox is `{box}` and a patch has to leave it"
        never = mode == "headless" or chosen == "never"
        return denied(f"{reason}, which the approval policy refuses") if never else asked(mode, reason)
    writes = "writes inside the working directory" if box == _WRITABLE else "does not write"
    network = box == _WRITABLE and config.switch("network_access")
    reach = writes + (" and reaches the network" if network else " and has no network")
    reason = f"it runs unasked in the sandbox `{box}`, which {reach}"
    return Decision(Verdict.ALLOW, reason, here=True)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """A tool's own approval mode is written in its server's table."""
    return rule.pattern.startswith(f"{installation.name}.{tool.name} = ")


def _auto(tool: Tool, mode: Mode) -> Decision:
    hints = tool.hints
    if hints.destructive is True:
        return asked(mode, "the server claims `destructiveHint`")
    if hints.read_only is True:
        return allowed("the server itself claims `readOnlyHint`, which Codex believes")
    if hints.destructive is False and hints.open_world is False:
        return allowed("the server claims it neither destroys nor reaches out, which Codex believes")
    return asked(mode, "no approval mode is set and the server claims nothing")
