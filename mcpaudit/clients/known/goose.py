"""Goose: extensions in one file; its default mode runs every tool unasked.

Sources: block/goose, documentation/docs/guides/config-files.md and crates/goose/src/config/permission.rs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, allows, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.knowledge.client_facts import PLATFORMS
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Platform
from mcpaudit.parsing.node import Node

ID, TITLE = "goose", "Goose"
_MODE = "GOOSE_MODE"
# Checked in this order (permission.rs).
_LISTS: tuple[tuple[str, Effect], ...] = (
    ("never_allow", "deny"),
    ("always_allow", "allow"),
    ("ask_before", "ask"),
)


def _folder(platform: Platform) -> str:
    return "{appdata}/Block/goose/config/" if platform == "windows" else "{home}/.config/goose/"


def unwrap(name: str, entry: Node) -> Node | None:
    """What Goose ships: `developer` is its own tools, the others are started as `goose mcp NAME`."""
    kind = entry.value.get("type") if isinstance(entry.value, dict) else None
    if kind not in ("builtin", "platform", "frontend", "inline_python"):
        return entry
    if name == "developer" or kind != "builtin" or not isinstance(entry.value, dict):
        return None
    return replace(entry, value={**entry.value, "type": "stdio", "cmd": "goose", "args": ["mcp", name]})


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """The user's own permissions, and the mode; a variable of the environment comes before the file."""
    folder = _folder(reading.site.platform)
    root = reading.file(f"{folder}permission.yaml", "yaml", f"{TITLE} permissions", ID)
    own = root.child("user") if root else None
    found = [
        Rule(agent.id, effect, reading.rule(node), "user", node.place, "any")
        for key, effect in _LISTS
        for node in (own.texts(key) if own else None) or ()
    ]
    modes = [Switch(_MODE, text, Place(f"${_MODE}")) for text in (reading.site.env.get(_MODE),) if text]
    for file in files:
        node = file.root.child(_MODE)
        if node is not None and isinstance(node.value, str):
            modes.append(Switch(_MODE, node.value, node.place))
    return found, modes


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as permissions name it."""
    return f"{one.name}__{tool.name}"


GOOSE = Declared(
    ID,
    TITLE,
    (
        Source(
            "user",
            {platform: f"{_folder(platform)}config.yaml" for platform in PLATFORMS},
            ("extensions",),
            syntax="yaml",
        ),
    ),
    allows("Goose's default mode runs every tool unasked"),
    Dialect(
        command=("cmd",),
        url=("uri",),
        env="envs",
        transports=(("stdio", "stdio"), ("sse", "sse"), ("streamable_http", "http")),
        variable_tables=("env_keys",),
        options=("enabled",),
        only_tools="available_tools",
        harmless=("name", "timeout", "bundled", "display_name", "description", "socket"),
    ),
    off=("enabled", False),
    unwrap=unwrap,
    rules=rules,
    wildcards=False,
    naming=name_of,
)


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """Never, then always, then ask; else the mode: `auto` runs all, `approve` asks, `chat` has no tools."""
    # An empty list of tools means all of them.
    if one.only_tools and (hidden := hidden_by_entry(one, tool)):
        return hidden
    matching = [rule for rule in config.rules if GOOSE.matches(rule, one, tool)]
    if rule := first_rule(matching, "deny"):
        return denied(f"the {rule.level} permission `{rule.pattern}` never allows it", rule)
    if rule := first_rule(matching, "allow"):
        return allowed(f"the {rule.level} permission `{rule.pattern}` always allows it", rule)
    if rule := first_rule(matching, "ask"):
        return asked(mode, f"the {rule.level} permission `{rule.pattern}` asks before", rule)
    switch = config.switch(_MODE)
    chosen = switch.value if switch else "auto"
    if chosen == "chat":
        return Decision(Verdict.HIDDEN, f"`{_MODE}` is chat, which has no tools")
    if chosen == "approve":
        return asked(mode, f"`{_MODE}` is approve")
    if chosen == "smart_approve":
        if tool.hints.read_only is False:
            return asked(mode, f"`{_MODE}` is smart_approve and the server says that the tool writes")
        reason = f"`{_MODE}` is smart_approve, in which a model decides whether a tool only reads"
        return Decision(Verdict.UNKNOWN, reason, certainty=Certainty.UNKNOWN)
    if one.server.builtin:
        return default_decision(ID, tool.name, mode)
    return GOOSE.unruled(mode)


CLIENT = replace(GOOSE.client, decide=decide, believes=True)
