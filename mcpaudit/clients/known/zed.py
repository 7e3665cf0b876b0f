"""Zed: servers in its settings, one permission a tool; a folder's settings wait until its user trusts it.

Sources: zed-industries/zed, docs/src/ai/mcp.md, docs/src/ai/tool-permissions.md, docs/src/worktree-trust.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import asks, denied
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.layers import layered
from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "zed", "Zed"
_HOME = "{home}/.config/zed/settings.json"
_EFFECTS: dict[str, Effect] = {"allow": "allow", "confirm": "ask", "deny": "deny"}
_DEFAULT, _OLDER = "agent.tool_permissions.default", "agent.always_allow_tool_actions"


def unwrap(name: str, entry: Node) -> Node:
    """Older entries nest the command; an extension's has none, and starts what the extension says."""
    inner = entry.child("command")
    if inner is not None and isinstance(inner.value, dict):
        return layered([entry, inner])
    if isinstance(entry.value, dict) and not {"command", "url"} & entry.value.keys():
        return replace(entry, value={**entry.value, "command": name})
    return entry


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """What the user's settings say of tools; those of a folder are not known to count."""
    found: list[Rule] = []
    switches: list[Switch] = []
    for file in files:
        told = file.root.child("agent")
        if told is None or not isinstance(told.value, dict):
            continue
        if file.level != "user":
            reason = "whether Zed heeds a folder's own settings of the agent is not known: they are left out"
            reading.gaps.append(Gap("not-understood", told.place, reason, ID))
            continue
        if (profiles := told.child("profiles")) is not None:
            reason = "mcpaudit does not follow profiles, which can leave servers and tools out"
            reading.gaps.append(Gap("not-understood", profiles.place, reason, ID))
        if (older := told.child("always_allow_tool_actions")) is not None and older.value is True:
            switches.append(Switch(_OLDER, "true", older.place))
        default = told.at("tool_permissions", "default")
        if default is not None and default.value in ("allow", "deny"):
            switches.append(Switch(_DEFAULT, str(default.value), default.place))
        tools = told.at("tool_permissions", "tools")
        for name, node in tools.items() if tools else ():
            effect = _EFFECTS.get(node.text("default")) if isinstance(node.value, dict) else None
            if effect is not None:
                subject = "tool" if name.startswith("mcp:") else "command"
                place = node.place.at("default")
                found.append(
                    Rule(agent.id, effect, name, "user", place, "tool" if subject == "tool" else "command")
                )
    return found, switches


def trusting(reading: Reading) -> bool:
    """Whether the user's settings trust every folder."""
    path = "{appdata}/Zed/settings.json" if reading.site.platform == "windows" else _HOME
    root = reading.file(path, "json", f"{TITLE} settings", ID)
    session = root.child("session") if root else None
    return session is not None and session.flag("trust_all_worktrees") is True


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as the settings name it."""
    return f"mcp:{one.name}:{tool.name}"


ZED = Declared(
    ID,
    TITLE,
    (
        Source(
            "project",
            "{project}/.zed/settings.json",
            ("context_servers",),
            settings=True,
            waits="Zed reads a folder's settings once its user trusts the folder",
        ),
        Source(
            "user",
            {"linux": _HOME, "macos": _HOME, "windows": "{appdata}/Zed/settings.json"},
            ("context_servers",),
            settings=True,
        ),
    ),
    asks("no permission matches and Zed asks by default", sure=True),
    Dialect(
        command=("command", "path"),
        options=("enabled",),
        login_tables=("oauth",),
        harmless=("source", "settings", "timeout", "remote"),
    ),
    off=("enabled", False),
    unwrap=unwrap,
    rules=rules,
    trusting=trusting,
    wildcards=False,
    naming=name_of,
)


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """The tool's own permission, else the default of the settings, else it asks."""
    found = ZED.decide(config, one, tool, mode)
    if found.rule is not None or found.verdict is Verdict.HIDDEN:
        return found
    default, older = config.switch(_DEFAULT), config.switch(_OLDER)
    if default is not None and default.value == "deny":
        return denied(f"`{_DEFAULT}` is deny")
    if switch := default or older:
        return Decision(Verdict.ALLOW, f"`{switch.name}` is {switch.value}")
    return found


CLIENT = replace(ZED.client, decide=decide)
