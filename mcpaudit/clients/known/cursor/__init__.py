"""Cursor (IDE and CLI): servers per user and project, allowlists by name.

Sources: the permission service in npm @cursor/sdk 1.0.32; cursor.com/docs/reference/permissions, of which a
newer copy joins the lists of `permissions.json` of user and repository, an older one reads the user's only.
Not on this machine, so never taken into account: a team's controls (their list takes the place of the
user's), the read-only policy of a workspace, and what the user chose in the app.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.known.cursor.plugins import of_plugins
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import named
from mcpaudit.clients.workspaces import opened_in, other_folders
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.glob import globbed
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "cursor", "Cursor"
DIALECT = Dialect(
    expand=named,
    only_tools="enabledTools",
    login_tables=("auth",),
    env_file="envFile",
    harmless=("placement",),
)
SERVERS = (("project", "{project}/.cursor/mcp.json"), ("user", "{home}/.cursor/mcp.json"))
IDE_RULES = (("project", "{project}/.cursor/permissions.json"), ("user", "{home}/.cursor/permissions.json"))
FOLDER = "workspace folder"
WIDENED = "project (widens the user's)"
_NO_COLON = "an entry without a colon never matches"
_WRAPPED = "this list takes `server:tool`: the wrapper `Mcp(...)` is for the CLI's files"
_UNWRAPPED = "the CLI's files need the wrapper `Mcp(...)` around `server:tool`"
CLI_RULES = (("project", "{project}/.cursor/cli.json"), ("user", "{home}/.cursor/cli-config.json"))


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Cursor; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    found: list[Installation] = []
    seen = False
    for level, template in SERVERS:
        root = reading.file(template, "json", f"{TITLE} {level} servers", ID)
        servers = root.child("mcpServers") if root else None
        seen = seen or root is not None or reading.unreadable(template) is not None
        if servers is not None:
            found += entries.installations(servers, level)
    for folder in other_folders(reading, ID):
        root = reading.file(f"{folder}.cursor/mcp.json", "json", f"{TITLE} {FOLDER} servers", ID)
        servers = root.child("mcpServers") if root else None
        seen = seen or root is not None
        own = replace(DIALECT, expand=opened_in(folder, DIALECT.expand))
        found += EntryReader(reading, agent, own).installations(servers, FOLDER) if servers else []
    found += of_plugins(reading, entries, ID)
    seen = seen or bool(found)
    rules: list[Rule] = []
    switches: list[Switch] = []
    for level, template in IDE_RULES:
        root = reading.file(template, "json", f"{TITLE} permissions", ID)
        if root is not None:
            seen = True
            rules += _ide_rules(reading, agent, level, root)
            if (node := root.child("autoRun")) is not None and node.value in (True, "always", "unrestricted"):
                switches.append(Switch("autoRun", "true", node.place))
    for level, template in CLI_RULES:
        root = reading.file(template, "json", f"{TITLE} CLI permissions", ID)
        if root is not None:
            seen = True
            rules += _cli_rules(reading, agent, level, root)
    # Cursor gives project and user entries ids of their own, so equal names both load: nothing is shadowed.
    return AgentConfig(agent, tuple(found), tuple(rules), tuple(switches)) if seen else None


def _ide_rules(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    for node in root.texts("mcpAllowlist") or ():
        pattern = reading.rule(node)
        wrapped = re.fullmatch(r"Mcp\(.*\)", pattern, re.IGNORECASE)
        problem = _WRAPPED if wrapped else "" if ":" in pattern else _NO_COLON
        # A list that is committed with a repository adds to the user's own (newer documentation).
        told = WIDENED if level == "project" else level
        yield Rule(agent.id, "allow", pattern, told, node.place, "tool", False if problem else None, problem)


def _cli_rules(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    permissions = root.child("permissions")
    for effect in ("deny", "allow"):
        for node in (permissions.texts(effect) if permissions else None) or ():
            pattern = reading.rule(node)
            inside = re.fullmatch(r"Mcp\((.*)\)", pattern, re.IGNORECASE)
            problem = _NO_COLON if inside and ":" not in inside[1] else ""
            if not inside and re.fullmatch(r"[^()\s]+:[^()\s]+", pattern):
                problem = _UNWRAPPED
            yield Rule(
                agent.id,
                "deny" if effect == "deny" else "allow",
                inside[1] if inside else pattern,
                level,
                node.place,
                "tool" if inside else "command",
                False if problem else None,
                problem,
            )


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """deny > allowlist > Run Everything > ask; matching is by name, with globs, ignoring case."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    matching = [
        rule for rule in config.rules if rule.effective is not False and matches(rule, installation, tool)
    ]
    if rule := first_rule(matching, "deny"):
        return denied(f"the {rule.level} rule `{rule.pattern}` denies it", rule)
    if rule := first_rule(matching, "allow"):
        admits = f"the {rule.level} allowlist entry `{rule.pattern}` admits it"
        return allowed(f"{admits}, unless the team's own list replaces it", rule)
    if config.switch("autoRun"):
        return allowed("autoRun is on in permissions.json")
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    reason = "no allowlist entry matches and Cursor asks, unless its user or team chose otherwise in the app"
    return asked(mode, reason, certainty=Certainty.POSSIBLE)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules on servers' tools are globs, those on the client's own are wrapped names."""
    if installation.server.builtin:
        return rule.subject == "command" and rule.pattern in (
            f"{tool.name}(*)",
            f"{tool.name}(**)",
            tool.name,
        )
    if rule.subject != "tool":
        return False
    return globbed(rule_name(installation, tool), rule.pattern.lower())


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it, whatever the case."""
    return f"{installation.name}:{tool.name}".lower()


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
