"""Codex (CLI, IDE extension, app): TOML tables merged field by field over its levels.

Sources: openai/codex codex-rs/config/src/mcp_types.rs and core/src/mcp_tool_call.rs (October 2026);
Codex 0.169.0's own server listing, observed; developers.openai.com on managed configuration.
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "codex", "Codex"
DIALECT = Dialect(
    headers=("http_headers",),
    variable_keys=("bearer_token_env_var",),
    secret_keys=("bearer_token",),
    options=("enabled", "default_tools_approval_mode"),
    only_tools="enabled_tools",
    except_tools="disabled_tools",
)
SYSTEM = {"linux": "/etc/codex/", "macos": "/etc/codex/", "windows": "{programdata}/OpenAI/Codex/"}
LEVELS = ("project", "user", "system")
FILES = (("project", "{project}/.codex/config.toml"), ("user", "{home}/.codex/config.toml"))


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Codex; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    tables: list[tuple[str, Node]] = []
    switches: list[Switch] = []
    seen = False
    trusted = _trusted(reading)
    for level, template in (*FILES, ("system", SYSTEM[reading.site.platform] + "config.toml")):
        root = reading.file(template, "toml", f"{TITLE} {level} configuration", ID)
        seen = seen or root is not None or reading.unreadable(template) is not None
        if root is None:
            continue
        switches += _switches(root)
        if (servers := root.child("mcp_servers")) is not None:
            tables += ((level, node) for _, node in servers.items())
    found: list[Installation] = []
    rules: list[Rule] = []
    for level, node in _merged(tables, trusted or not reading.as_is):
        name = str(node.route[-1])
        one = _state(entries.installation(name, node, level), trusted, reading.as_is)
        found.append(replace(one, shadows=tuple(replace(layer.place, on_key=True) for layer in _below(node))))
        rules += _tool_rules(agent, level, node, name)
    idle = ("pending",) if reading.as_is else ()
    return AgentConfig(agent, settle(found, LEVELS, idle), tuple(rules), tuple(switches)) if seen else None


def _merged(tables: list[tuple[str, Node]], project_counts: bool) -> list[tuple[str, Node]]:
    """Tables of one name as one, the strongest first; what counts for nothing stays by itself."""
    by_name: dict[str, list[tuple[str, Node]]] = {}
    alone: list[tuple[str, Node]] = []
    for level, node in tables:
        if isinstance(node.value, dict) and (level != "project" or project_counts):
            by_name.setdefault(str(node.route[-1]), []).append((level, node))
        else:
            alone.append((level, node))
    merged = [(own[0][0], layered([node for _, node in own])) for own in by_name.values()]
    return [*merged, *alone]


def _below(node: Node) -> tuple[Node, ...]:
    return node.below if isinstance(node, Layered) else ()


def _trusted(reading: Reading) -> bool:
    """A project's own file counts only once the user's file trusts the project's folder."""
    user = reading.file(FILES[1][1], "toml", f"{TITLE} user configuration", ID)
    record = user.at("projects", str(reading.site.project)) if user and reading.site.project else None
    return record is not None and record.text("trust_level") == "trusted"


def _state(one: Installation, trusted: bool, as_is: bool) -> Installation:
    unread = one.level == "project" and not trusted
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
    policy, sandbox = config.switch("approval_policy"), config.switch("sandbox_mode")
    if policy and sandbox and policy.value == "never" and sandbox.value == "danger-full-access":
        return allowed("approval_policy is never with full access")
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
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


def _auto(tool: Tool, mode: Mode) -> Decision:
    hints = tool.hints
    if hints.destructive is True:
        return asked(mode, "the server claims `destructiveHint`")
    if hints.read_only is True:
        return allowed("the server itself claims `readOnlyHint`, which Codex believes")
    if hints.destructive is False and hints.open_world is False:
        return allowed("the server claims it neither destroys nor reaches out, which Codex believes")
    return asked(mode, "no approval mode is set and the server claims nothing")
