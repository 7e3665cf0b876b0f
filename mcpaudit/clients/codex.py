"""Codex (CLI, IDE extension, app): TOML tables merged field by field over its levels.

Sources: openai/codex codex-rs/config/src/mcp_types.rs and core/src/mcp_tool_call.rs (October 2026);
Codex 0.169.0's own server listing, observed; developers.openai.com on managed configuration.
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.codex_entry import fault, unknown_keys
from mcpaudit.clients.codex_files import ID, LEVELS, TITLE, Layer, layers
from mcpaudit.clients.codex_requirements import POLICIES, admitted, policies, requirements
from mcpaudit.clients.decisions import allowed, asked, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

DIALECT = Dialect(
    transports=(),  # a `type` is ignored: what has a URL is http (observed)
    headers=("http_headers",),
    variable_keys=("bearer_token_env_var",),
    secret_keys=("bearer_token",),
    options=("enabled", "default_tools_approval_mode"),
    only_tools="enabled_tools",
    except_tools="disabled_tools",
)


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
    switches = policies(required, [switch for root in counted for switch in _switches(root)])
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
    for key in ("approval_policy", "sandbox_mode"):
        node = root.child(key)
        if node is not None and isinstance(node.value, str):
            found.append(Switch(key, node.value, node.place))
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
        return default_decision(ID, tool.name, mode)
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


CLIENT = Client(ID, TITLE, load, decide, matches)
