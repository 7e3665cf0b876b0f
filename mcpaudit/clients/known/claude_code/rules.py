"""Claude Code: may a tool run? Its permission rules, and the mode for what no rule speaks of.

Sources: the settings schema in @anthropic-ai/claude-code 2.1.330, its changelog, and the client's own
messages, observed in November 2026.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule
from mcpaudit.clients.known.claude_code.settings import ID, Layer
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import builtin_tools, default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.glob import globbed
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

# In the order in which they decide, whatever the level.
EFFECTS: tuple[Effect, ...] = ("deny", "ask", "allow")
_KEYS = (*EFFECTS, "defaultMode", "disableBypassPermissionsMode", "additionalDirectories")
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_EDITS = ("Edit", "Write", "NotebookEdit")
_HARMLESS = {"read", "list"}


def rules_of(reading: Reading, agent: Agent, settings: list[Layer]) -> tuple[Rule, ...]:
    """The rules of all settings files, each with why it has no effect where it has none."""
    only_managed = any(
        level == "managed" and root.flag("allowManagedPermissionRulesOnly") for level, root in settings
    )
    return tuple(
        rule for level, root in settings for rule in _rules(reading, agent, level, root, only_managed)
    )


def _rules(reading: Reading, agent: Agent, level: str, root: Node, only_managed: bool) -> Iterator[Rule]:
    permissions = root.child("permissions")
    if permissions is None:
        return
    for key, node in permissions.items() if isinstance(permissions.value, dict) else ():
        if key == "additionalDirectories" and node.value:
            reason = "its own tools also work in these folders as in the project; that is not counted"
            reading.gaps.append(Gap("not-understood", node.place, reason, ID))
        elif key not in _KEYS:
            reason = f"`permissions.{key}` is not known, and is taken to decide nothing"
            reading.gaps.append(Gap("not-understood", node.place, reason, ID))
    for effect in EFFECTS:
        for node in permissions.texts(effect) or ():
            pattern = reading.rule(node)
            problem = _problem(pattern, effect)
            if only_managed and level != "managed":
                # Verified of allow rules only. A deny rule that might not count must not calm anybody.
                problem = "managed settings say allowManagedPermissionRulesOnly, and this rule is not theirs"
            yield Rule(
                agent.id,
                effect,
                pattern,
                level,
                node.place,
                "tool" if pattern.startswith("mcp__") else "command",
                False if problem else None,
                problem,
            )


def _problem(pattern: str, effect: Effect) -> str:
    """Why Claude Code accepts a rule and then ignores it (observed)."""
    if pattern.startswith("mcp__") and "(" in pattern:
        return "Claude Code skips MCP rules with parentheses"
    literal, star, _ = pattern.partition("*")
    unbound = not literal or (literal.startswith("mcp__") and not re.match(r"mcp__.+__", literal))
    if effect == "allow" and star and unbound:
        return "an allow rule needs the literal server name before any `*`"
    return ""


def switches_of(settings: list[Layer]) -> tuple[Switch, ...]:
    """The modes of all settings files, the strongest first."""
    return tuple(switch for _, root in settings for switch in _switches(root))


def _switches(root: Node) -> Iterator[Switch]:
    permissions = root.child("permissions")
    for owner, key in ((permissions, "defaultMode"), (permissions, "disableBypassPermissionsMode")):
        node = owner.child(key) if owner else None
        if node is not None and isinstance(node.value, str):
            yield Switch(key, node.value, node.place)
    if (node := root.child("enableAllProjectMcpServers")) is not None and node.value is True:
        yield Switch("enableAllProjectMcpServers", "true", node.place)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """deny > ask > allow over all levels; the mode only changes what no rule speaks of."""
    effective = [rule for rule in config.rules if rule.effective is not False]
    matching = [rule for rule in effective if matches(rule, installation, tool)]
    for effect in EFFECTS:
        if rule := first_rule(matching, effect):
            decision = _by_rule(config, installation, rule, mode)
            break
    else:
        decision = _by_mode(config, installation, tool, mode)
    if installation.server.builtin and (note := _partial(effective, tool.name)):
        return replace(decision, reason=f"{decision.reason} ({note})")
    return decision


def _partial(rules: list[Rule], tool: str) -> str:
    """How many rules speak of some uses of a tool: `Bash(git:*)` cannot decide on all of Bash."""
    own = [rule for rule in rules if rule.pattern.startswith(f"{tool}(") and rule.pattern not in _whole(tool)]
    uses = "some of its commands" if tool == "Bash" else "some of its uses"
    verbs = {"allow": ("allows", "allow"), "ask": ("asks before", "ask before"), "deny": ("denies", "deny")}
    parts = []
    for effect, (one, many) in verbs.items():
        number = sum(rule.effect == effect for rule in own)
        if number:
            parts.append(f"1 rule {one} {uses}" if number == 1 else f"{number} rules {many} {uses}")
    return ", ".join(parts)


def _by_rule(config: AgentConfig, installation: Installation, rule: Rule, mode: Mode) -> Decision:
    says = f"the {rule.level} rule `{rule.pattern}`"
    if rule.effect == "deny":
        whole = not installation.server.builtin and rule.pattern == f"mcp__{normal(installation.name)}"
        return Decision(Verdict.HIDDEN if whole else Verdict.DENY, f"{says} denies it", rule)
    if rule.effect == "allow":
        return allowed(f"{says} allows it", rule)
    default = config.switch("defaultMode")
    if default and default.value == "dontAsk" and mode != "bypass":
        return denied(f"{says} asks, and defaultMode dontAsk refuses what would be asked", rule)
    return asked(mode, f"{says} asks", rule)


def _by_mode(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    default = config.switch("defaultMode")
    barred = config.switch("disableBypassPermissionsMode")
    chosen = default.value if default else "default"
    if mode == "bypass" and barred and barred.value == "disable":
        mode = "interactive"
    if chosen == "bypassPermissions" and not (barred and barred.value == "disable"):
        return allowed("defaultMode is bypassPermissions")
    if chosen == "dontAsk" and mode != "bypass":
        return denied("defaultMode dontAsk refuses what no rule allows")
    if chosen == "auto" and mode != "bypass":
        # A classifier decides call by call (not verified): no file says what it will answer.
        reason = "defaultMode is auto, which decides call by call"
        return Decision(Verdict.UNKNOWN, reason, certainty=Certainty.UNKNOWN)
    if not installation.server.builtin:
        return asked(mode, "no rule matches and Claude Code asks by default")
    if chosen == "acceptEdits" and mode != "bypass" and tool.name in _EDITS:
        reason = "defaultMode acceptEdits lets it run inside the working directory"
        return Decision(Verdict.ALLOW, reason, here=True)
    if chosen == "plan" and mode != "bypass" and _changes(tool.name):
        return denied("defaultMode is plan, which changes nothing")
    return default_decision(ID, tool.name, mode)


def _changes(name: str) -> bool:
    """Whether one of the client's own tools can change something; sending a request counts as reading."""
    own = next((tool for tool in builtin_tools(ID) if tool.name == name), None)
    return own is not None and any(touch.actions - _HARMLESS - {"send"} for touch in own.touches)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules speak of names: `mcp__server`, `mcp__server__tool`, or the client's own tools."""
    if installation.server.builtin:
        return rule.pattern in _whole(tool.name)
    full = rule_name(installation, tool)
    return rule.pattern == f"mcp__{normal(installation.name)}" or globbed(full, rule.pattern)


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"mcp__{normal(installation.name)}__{normal(tool.name)}"


def _whole(tool: str) -> tuple[str, ...]:
    """The patterns that speak of one of the client's own tools as a whole."""
    return (tool, f"{tool}(*)", f"{tool}(:*)", f"{tool}(**)", "*")


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """A name as Claude Code's rules see it: all but letters, digits, `_` and `-` become `_`."""
    return _ODD.sub("_", name)
