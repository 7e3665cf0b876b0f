"""Codex (CLI, IDE extension, app): TOML tables merged field by field over its levels.

Sources: openai/codex codex-rs/config/src/mcp_types.rs and core/src/mcp_tool_call.rs (October 2026);
Codex 0.169.0's own server listing, observed; developers.openai.com on managed configuration.
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.known.codex.entry import KEYS, fault
from mcpaudit.clients.known.codex.files import ID, LEVELS, TITLE, Layer, layers, trust
from mcpaudit.clients.known.codex.plugins import plugin_servers
from mcpaudit.clients.known.codex.requirements import admitted, policies, requirements
from mcpaudit.clients.known.codex.rules import decide, matches, switches_of, tool_rules
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.precedence import settle, switched_off
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.model.decision import Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
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
    login_tables=("oauth",),
    variable_tables=("env_http_headers", "env_vars"),
    harmless=tuple(KEYS),
    ignores=True,
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
        one = _state(entries.installation(name, node, level), node, own, reading.as_is)
        one = admitted(one, node, required)
        found.append(replace(one, shadows=tuple(replace(layer.place, on_key=True) for layer in _below(node))))
        rules += tool_rules(agent, level, node, name)
    counted = [layer.root for layer in files if layer.root and _counts(layer, reading.as_is)]
    for one, node in plugin_servers(reading, agent, DIALECT, counted):
        found.append(admitted(one, node, required))
        rules += tool_rules(agent, one.level, node, one.name)
    if stopped:
        found = [replace(one, state="rejected", reason=stopped) for one in found]
    for root in counted:
        if (policy := root.child("approval_policy")) is not None and policy.value == "untrusted":
            reason = "Codex 0.169 does not start with this approval policy; read as older versions do"
            reading.gaps.append(Gap("not-understood", policy.place, reason, ID))
    switches = policies(required, [switch for root in counted for switch in switches_of(root)])
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


def _state(one: Installation, node: Node, own: tuple[Layer, ...], as_is: bool) -> Installation:
    if any(layer.trust == "untrusted" for layer in own):
        return replace(one, state="rejected", reason="the user marked this folder as untrusted")
    unread = any(layer.trust == "undecided" for layer in own)
    if one.option("enabled") == "false" and not (unread and as_is):
        return switched_off(one, node, "enabled", "enabled = false")
    if unread and one.state == "loaded":
        return replace(one, state="pending", reason="the user has not trusted this project yet")
    return one


CLIENT = Client(ID, TITLE, load, decide, matches, believes=True)
