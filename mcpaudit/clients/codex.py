"""Codex (CLI, IDE extension, app): TOML tables merged field by field over its levels.

Sources: openai/codex codex-rs/config/src/mcp_types.rs and core/src/mcp_tool_call.rs (October 2026);
Codex 0.169.0's own server listing, observed; developers.openai.com on managed configuration.
For its own tools: what Codex 0.169.0 tells the model of its sandbox and approvals, observed; openai/codex
codex-rs/core/src/exec_policy.rs and safety.rs, codex-rs/exec/src/lib.rs (stored versions).
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.codex_entry import fault, unknown_keys
from mcpaudit.clients.codex_files import ID, LEVELS, TITLE, Layer, layers, trust
from mcpaudit.clients.codex_requirements import POLICIES, admitted, policies, requirements
from mcpaudit.clients.decisions import allowed, asked, denied, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

__all__ = ["ID", "TITLE", "decide", "load"]

DIALECT = Dialect(
    transports=(),  # a `type` is ignored: what has a URL is http (observed)
    headers=("http_headers",),
    variable_keys=("bearer_token_env_var",),
    secret_keys=("bearer_token",),
    options=("enabled", "default_tools_approval_mode"),
    only_tools="enabled_tools",
    except_tools="disabled_tools",
)
# Its own tools of which the sandbox decides.
_SHELL, _PATCH = "exec_command", "apply_patch"
_WRITABLE, _FULL = "workspace-write", "danger-full-access"


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Codex; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    files, required = layers(reading), requirements(reading)
    if not files:
        return None
    servers = [
        (layer, node)
        for layer in files
        if layer.root and (table := layer.root.child("mcp_servers")) is not None
        for _, node in table.items()
    ]
    found: list[Installation] = []
    rules: list[Rule] = []
    stopped = _stopped_by_file(reading, files)
    for own, node in _merged(servers, reading.as_is):
        name, level = str(node.route[-1]), own[0].level
        counts = all(layer.trust == "trusted" for layer in own)
        if counts and not stopped and (wrong := fault(node)):
            stopped = reading.stops(Gap("wrong-type", wrong[1].place, f"{name}: {wrong[0]}", ID), TITLE)
        for key, child in unknown_keys(node):
            reason = f"Codex does not know `{key}` and ignores it: it changes nothing"
            reading.gaps.append(Gap("not-understood", child.place, reason, ID))
        one = _state(entries.installation(name, node, level), own, reading.as_is)
        one = admitted(one, node, required)
        found.append(replace(one, shadows=tuple(replace(layer.place, on_key=True) for layer in _below(node))))
        rules += _tool_rules(agent, level, node, name)
    if stopped:
        found = [replace(one, state="rejected", reason=stopped) for one in found]
    counted = [layer.root for layer in files if layer.root and _counts(layer, reading.as_is)]
    for root in counted:
        if (policy := root.child("approval_policy")) is not None and policy.value == "untrusted":
            reason = "Codex 0.169 does not start with this approval policy; read as older versions do"
            reading.gaps.append(Gap("not-understood", policy.place, reason, ID))
    switches = policies(required, [switch for root in counted for switch in _switches(root)])
    # A folder of which the user has not decided counts as trusted, as the servers that wait for it do.
    folder = trust(reading)
    if folder == "untrusted" or (folder == "undecided" and reading.as_is):
        switches.append(Switch("trust_level", folder, Place(f"{TITLE}'s trust in this folder")))
    idle = ("pending",) if reading.as_is else ()
    return AgentConfig(agent, settle(found, LEVELS, idle), tuple(rules), tuple(switches))


def _counts(layer: Layer, as_is: bool) -> bool:
    return layer.trust == "trusted" or (layer.trust == "undecided" and not as_is)


def _stopped_by_file(reading: Reading, files: list[Layer]) -> str:
    """Why Codex does not start, where a file that counts breaks the grammar or its servers are no table."""
    for layer in files:
        if layer.trust != "trusted":
            continue
        if layer.broken and layer.broken.kind == "malformed" and layer.broken.reason != EMPTY:
            return reading.stops(layer.broken, TITLE)
        servers = layer.root.child("mcp_servers") if layer.root else None
        if servers is not None and not isinstance(servers.value, dict):
            return reading.stops(Gap("wrong-type", servers.place, "mcp_servers is not a table", ID), TITLE)
    return ""


def _merged(servers: list[tuple[Layer, Node]], as_is: bool) -> list[tuple[tuple[Layer, ...], Node]]:
    """Tables of one name as one, the strongest first; what counts for nothing stays by itself."""
    by_name: dict[str, list[tuple[Layer, Node]]] = {}
    alone: list[tuple[tuple[Layer, ...], Node]] = []
    for layer, node in servers:
        if _counts(layer, as_is):
            by_name.setdefault(str(node.route[-1]), []).append((layer, node))
        else:
            alone.append(((layer,), node))
    merged = [
        (tuple(layer for layer, _ in own), layered([node for _, node in own])) for own in by_name.values()
    ]
    return [*merged, *alone]


def _below(node: Node) -> tuple[Node, ...]:
    return node.below if isinstance(node, Layered) else ()


def _state(one: Installation, own: tuple[Layer, ...], as_is: bool) -> Installation:
    if any(layer.trust == "untrusted" for layer in own):
        return replace(one, state="rejected", reason="the user marked this folder as untrusted")
    unread = any(layer.trust == "undecided" for layer in own)
    if one.option("enabled") == "false" and not (unread and as_is):
        return replace(one, state="disabled", reason="the entry says `enabled = false`")
    if unread and one.state == "loaded":
        return replace(one, state="pending", reason="the user has not trusted this project yet")
    return one


def _tool_rules(agent: Agent, level: str, entry: Node | None, server: str) -> list[Rule]:
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


def _switches(root: Node) -> list[Switch]:
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
    if policy and sandbox and policy.value == "never" and sandbox.value == "danger-full-access":
        return allowed("approval_policy is never with full access")
    if installation.server.builtin:
        return _own_tool(config, tool.name, mode)
    prefix = f"{installation.name}.{tool.name} = "
    rule = next((one for one in config.rules if one.pattern.startswith(prefix)), None)
    chosen = rule.pattern.removeprefix(prefix) if rule else installation.option("default_tools_approval_mode")
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
    if mode == "bypass" or name not in (_SHELL, _PATCH):
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


def _auto(tool: Tool, mode: Mode) -> Decision:
    hints = tool.hints
    if hints.destructive is True:
        return asked(mode, "the server claims `destructiveHint`")
    if hints.read_only is True:
        return allowed("the server itself claims `readOnlyHint`, which Codex believes")
    if hints.destructive is False and hints.open_world is False:
        return allowed("the server claims it neither destroys nor reaches out, which Codex believes")
    return asked(mode, "no approval mode is set and the server claims nothing")
