"""Amp: settings of workspace, user and organisation; a server's tool runs unless a rule says otherwise.

Sources: npm @ampcode/cli 0.0.1790142911, `amp mcp list` and `amp permissions list --builtin`, observed
(files, the built-in rule `allow mcp__*`); ampcode.com/docs (form of rules); for `mcpPermissions` secondary.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, allows, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import braced
from mcpaudit.clients.wildcards import fits
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Platform
from mcpaudit.parsing.node import Node

ID, TITLE = "amp", "Amp"
_POINTER = ("amp.mcpServers",)
_ALL = "amp.dangerouslyAllowAll"
_EFFECTS: dict[str, Effect] = {"allow": "allow", "ask": "ask", "reject": "deny"}
_MANAGED: dict[Platform, str] = {
    "linux": "/etc/ampcode/managed-settings.json",
    "macos": "/Library/Application Support/ampcode/managed-settings.json",
    "windows": "{programdata}/ampcode/managed-settings.json",
}


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """`amp.tools.disable` and `amp.permissions` of every file, the strongest file first."""
    found: list[Rule] = []
    switches: list[Switch] = []
    for file in files:
        for node in file.root.texts("amp.tools.disable") or ():
            found.append(Rule(agent.id, "hide", reading.rule(node), file.level, node.place, "any"))
        permissions = file.root.child("amp.permissions")
        for node in permissions.elements() if permissions else ():
            found += _rule(reading, agent, file.level, node)
        everything = file.root.child(_ALL)
        if everything is not None and everything.value is True:
            switches.append(Switch(_ALL, "true", everything.place))
    return found, switches


def _rule(reading: Reading, agent: Agent, level: str, node: Node) -> Iterator[Rule]:
    name = node.child("tool") if isinstance(node.value, dict) else None
    if name is None or not isinstance(name.value, str):
        return
    action = node.text("action")
    if action == "delegate":
        reason = "a program decides this (`delegate`); it is not run, so the rule is passed over"
        reading.gaps.append(Gap("not-understood", node.place, reason, ID))
    elif action in _EFFECTS:
        limited = " (only some uses)" if node.child("matches") or node.child("context") else ""
        yield Rule(agent.id, _EFFECTS[action], reading.rule(name) + limited, level, node.place, "any")


def admitted(reading: Reading, files: Sequence[File], one: Installation) -> Installation:
    """`amp.mcpPermissions`: the first entry whose patterns all fit decides whether a server loads."""
    del reading
    words = {
        "command": one.entry.command,
        "args": " ".join(word.text for word in one.entry.args),
        "url": one.entry.url.text if one.entry.url else "",
    }
    for file in files:
        listed = file.root.child("amp.mcpPermissions")
        for node in listed.elements() if listed else ():
            wanted = node.child("matches") if isinstance(node.value, dict) else None
            if wanted is None or not isinstance(wanted.value, dict):
                continue
            if all(fits(str(text), words.get(key, "")) for key, text in wanted.value.items()):
                if node.text("action") != "reject" or one.state == "rejected":
                    return one
                reason = "`amp.mcpPermissions` rejects it"
                return replace(one, state="blocked", reason=reason, decided=node.place)
    return one


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"mcp__{one.name}__{tool.name}"


AMP = Declared(
    ID,
    TITLE,
    (
        Source("managed", _MANAGED, _POINTER),
        Source(
            "workspace",
            "{project}/.amp/settings.json",
            _POINTER,
            waits="Amp asks its user to approve the servers of a workspace",
        ),
        Source("user", "{home}/.config/amp/settings.json", _POINTER),
        Source("editor", "{userdata}/Code/User/settings.json", _POINTER, settings=True),
    ),
    allows("Amp's built-in rules allow every server's tool (`allow mcp__*`)"),
    Dialect(
        expand=braced,
        only_tools="includeTools",
        login_tables=("oauth",),
        options=("disabled",),
        harmless=("timeout", "transport", "description"),
    ),
    rules=rules,
    amend=admitted,
    naming=name_of,
)


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """Disabled, else the first rule whose pattern fits, else the built-in rules."""
    if hidden := hidden_by_entry(one, tool):
        return hidden
    matching = [rule for rule in config.rules if matches(rule, one, tool)]
    if rule := first_rule(matching, "hide"):
        return Decision(
            Verdict.HIDDEN, f"the {rule.level} list `amp.tools.disable` has `{rule.pattern}`", rule
        )
    if switch := config.switch(_ALL):
        return allowed(f"`{switch.name}` is true")
    if matching:
        rule = matching[0]
        told = f"the {rule.level} rule `{rule.pattern}`"
        if rule.effect == "deny":
            return denied(f"{told} rejects it", rule)
        return (
            allowed(f"{told} allows it", rule)
            if rule.effect == "allow"
            else asked(mode, f"{told} asks", rule)
        )
    if one.server.builtin:
        return default_decision(ID, tool.name, mode)
    return AMP.unruled(mode)


def matches(rule: Rule, one: Installation, tool: Tool) -> bool:
    """A rule on some uses decides nothing about a tool as a whole: its pattern fits no name."""
    return fits(rule.pattern, tool.name if one.server.builtin else name_of(one, tool))


CLIENT = replace(AMP.client, decide=decide, matches=matches)
