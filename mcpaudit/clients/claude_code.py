"""Claude Code: where it keeps servers, which of them load, and what its rules decide.

Sources: the settings schema in @anthropic-ai/claude-code 2.1.330 and that client's own `mcp list`,
observed in November 2026; code.claude.com docs on MCP, settings and managed MCP.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import braced
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "claude-code", "Claude Code"
DIALECT = Dialect(expand=braced, options=("type",))
# An approved project entry beats the user's own of that name; local beats both (observed).
PRECEDENCE = ("managed", "local", "project", "user")
MANAGED = {
    "linux": "/etc/claude-code/",
    "macos": "/Library/Application Support/ClaudeCode/",
    "windows": "/Program Files/ClaudeCode/",
}
SETTINGS = (
    ("user", "{home}/.claude/settings.json"),
    ("project", "{project}/.claude/settings.json"),
    ("local", "{project}/.claude/settings.local.json"),
)
# In the order in which they decide, whatever the level.
EFFECTS: tuple[Effect, ...] = ("deny", "ask", "allow")
_NOT_APPLIED = ("allowedMcpServers", "deniedMcpServers", "managedMcpServers", "strictPluginOnlyCustomization")
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_RESERVED = {"workspace", "claude-in-chrome", "computer-use", "Claude Preview", "Claude Browser"}


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Claude Code; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    settings = list(_settings(reading))
    user = reading.file("{home}/.claude.json", "json", f"{TITLE} user servers", ID)
    project = _servers_file(reading, "{project}/.mcp.json", f"{TITLE} project servers")
    exclusive = MANAGED[reading.site.platform] + "managed-mcp.json"
    managed = _servers_file(reading, exclusive, f"{TITLE} managed servers")
    # A managed file that is broken leaves no servers at all, as an empty one does (observed).
    only_managed = managed is not None or reading.present(exclusive)
    own = _project_record(reading, user)
    found: list[Installation] = []
    for level, root in (("managed", managed), ("local", own), ("project", project), ("user", user)):
        servers = root.child("mcpServers") if root else None
        if servers is not None:
            found += entries.installations(servers, level)
    found = [_admitted(one, settings, own, only_managed) for one in found]
    rules = tuple(rule for level, root in settings for rule in _rules(reading, agent, level, root))
    switches = tuple(switch for level, root in settings for switch in _switches(root))
    if not (found or settings or user or project or reading.unreadable("{project}/.mcp.json")):
        return None
    # Until a project server is approved, the user's own of that name stays active (observed).
    return AgentConfig(
        agent, settle(found, PRECEDENCE, ("pending",) if reading.as_is else ()), rules, switches
    )


def _settings(reading: Reading) -> Iterator[tuple[str, Node]]:
    """Settings files from the strongest level to the weakest; what is not strict JSON is ignored whole."""
    files = [("managed", MANAGED[reading.site.platform] + "managed-settings.json"), *reversed(SETTINGS)]
    for level, template in files:
        root = reading.file(template, "json", f"{TITLE} settings", ID)
        if root is None or _dropped(reading, root):
            continue
        yield level, root
        if (servers := root.child("mcpServers")) is not None:
            reason = "Claude Code reads no servers from its settings files; these entries do nothing"
            reading.gaps.append(Gap("ignored", servers.place, reason, ID))
        for key in _NOT_APPLIED:
            if (node := root.child(key)) is not None:
                reason = f"mcpaudit does not apply `{key}`: what it blocks or adds is not taken into account"
                reading.gaps.append(Gap("not-understood", node.place, reason, ID))


def _servers_file(reading: Reading, template: str, role: str) -> Node | None:
    root = reading.file(template, "json", role, ID)
    return None if root is None or _dropped(reading, root) else root


def _dropped(reading: Reading, root: Node) -> bool:
    """Claude Code drops a settings or servers file with a comment or trailing comma as a whole (observed)."""
    for oddity in root.document.irregularities:
        if oddity.kind in ("comment", "trailing-comma"):
            what = "a comment" if oddity.kind == "comment" else "a trailing comma"
            reason = f"Claude Code ignores this whole file because of {what}"
            gap = Gap("ignored", root.place, reason, ID, oddity.line, oddity.column)
            if gap not in reading.gaps:
                reading.gaps.append(gap)
            return True
    return False


def _project_record(reading: Reading, user: Node | None) -> Node | None:
    """What `~/.claude.json` keeps for the audited project, by its absolute path."""
    return user.at("projects", str(reading.site.project)) if user and reading.site.project else None


def _admitted(
    one: Installation, settings: list[tuple[str, Node]], own: Node | None, exclusive: bool
) -> Installation:
    """Apply the load layer: exclusive managed servers, rejections, per-project switches, approvals."""
    if one.state == "rejected":
        return one
    if one.name in _RESERVED:
        return replace(one, state="rejected", reason="Claude Code reserves this name for itself")
    if one.entry.url is not None and not one.entry.command and not one.option("type"):
        return replace(one, state="rejected", reason="Claude Code skips an entry with a URL and no `type`")
    if exclusive and one.level != "managed":
        return replace(one, state="blocked", reason="managed-mcp.json gives an exclusive set of servers")
    if own is not None and one.name in _names(own, "disabledMcpServers"):
        return replace(one, state="disabled", reason="switched off for this project in ~/.claude.json")
    if one.level != "project":
        return one
    sources = [root for _, root in settings] + ([own] if own else [])
    if any(one.name in _names(root, "disabledMcpjsonServers") for root in sources):
        return replace(one, state="rejected", reason="listed in disabledMcpjsonServers")
    trusted = own is not None and own.flag("hasTrustDialogAccepted") is True
    # In an untrusted folder, approvals that come from files of the repository do not count (since 2.1.196).
    counted = [root for level, root in settings if trusted or level in ("user", "managed")] + (
        [own] if own else []
    )
    for root in counted:
        if root.flag("enableAllProjectMcpServers") or one.name in _names(root, "enabledMcpjsonServers"):
            return one
    return replace(one, state="pending", reason="the user has not approved this project server yet")


def _names(root: Node, key: str) -> set[str]:
    return {str(node.value) for node in root.texts(key) or ()}


def _rules(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    permissions = root.child("permissions")
    if permissions is None:
        return
    for effect in EFFECTS:
        for node in permissions.texts(effect) or ():
            pattern = reading.rule(node)
            problem = _problem(pattern, effect)
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
    matching = [
        rule for rule in config.rules if rule.effective is not False and _matches(rule, installation, tool)
    ]
    for effect in EFFECTS:
        if rule := first_rule(matching, effect):
            beaten = tuple(other for other in matching if other.effect != effect)
            return replace(_by_rule(config, installation, rule, mode), beats=beaten)
    return _by_mode(config, installation, tool, mode)


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
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    return asked(mode, "no rule matches and Claude Code asks by default")


def _matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules speak of names: `mcp__server`, `mcp__server__tool`, or the client's own tools."""
    if installation.server.builtin:
        # A rule with arguments speaks of part of the tool's uses: it cannot decide the tool as a whole.
        return rule.pattern in (tool.name, f"{tool.name}(*)", f"{tool.name}(:*)", f"{tool.name}(**)", "*")
    server = normal(installation.name)
    full = f"mcp__{server}__{normal(tool.name)}"
    return rule.pattern == f"mcp__{server}" or fnmatchcase(full, rule.pattern)


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """A name as Claude Code's rules see it: all but letters, digits, `_` and `-` become `_`."""
    return _ODD.sub("_", name)
