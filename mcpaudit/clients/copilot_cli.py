"""Copilot CLI: servers per user and per folder up to the git root, approvals by name and location.

Sources: github/docs, copilot-cli-reference (configuration directory, commands) and allowing-tools;
Copilot CLI 1.0.102's own server listing, observed. Not in any file: the servers it brings along
(github-mcp-server, playwright, fetch, time), flags, MDM settings and the enterprise allowlist.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.decisions import allowed, asked, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import (
    STRICT,
    accepted,
    covers,
    folders,
    in_folder,
    rejected,
    stopped,
    there,
)
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import shell_like
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "copilot-cli", "Copilot CLI"
# Variables are expanded in `env` and `headers` only; a missing `tools` means all tools (observed).
DIALECT = Dialect(
    expand_pairs=shell_like,
    transports=(("local", "stdio"), ("stdio", "stdio"), ("http", "http"), ("sse", "sse")),
    only_tools="tools",
)
USER, TRUST = "{home}/.copilot/mcp-config.json", "{home}/.copilot/config.json"
SETTINGS, APPROVALS = "{home}/.copilot/settings.json", "{home}/.copilot/permissions-config.json"
SHARED, OWN = "{project}/.mcp.json", "{project}/.github/mcp.json"
REPOSITORY = ("{project}/.github/copilot/settings.json", "{project}/.github/copilot/settings.local.json")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Copilot CLI; `None` where it has none of its own (`.mcp.json` has many readers)."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    user = reading.file(USER, "json", f"{TITLE} user servers", ID)
    settings = reading.file(SETTINGS, "json", f"{TITLE} settings", ID)
    approvals = reading.file(APPROVALS, "json", f"{TITLE} approvals", ID)
    trusted = _trusted(reading)
    repository = [reading.file(one, "json", f"{TITLE} repository settings", ID) for one in REPOSITORY]
    own = [in_folder(OWN, folder) for folder in folders(reading.site)]
    if not any(there(reading, one) for one in (USER, SETTINGS, APPROVALS, TRUST, *REPOSITORY, *own)):
        return None
    # What a repository switches off counts once its folder is trusted, and goes for the user's servers too.
    judging = [settings, *(repository if trusted or not reading.as_is else [])]
    off = {str(node.value) for root in judging if root for node in root.texts("disabledMcpServers") or ()}
    servers = user.child("mcpServers") if user else None
    found = entries.installations(servers, "user") if servers else []
    for folder in folders(reading.site):
        found += _of_folder(reading, entries, folder)
    found = rejected([_state(one, off, trusted) for one in found], stopped(reading, (USER,), TITLE, ID))
    idle = ("pending",) if reading.as_is else ()
    rules = tuple(_approved(reading, agent, approvals)) if approvals else ()
    return AgentConfig(agent, settle(found, ("project", "user"), idle), rules, tuple(_switches(settings)))


def _trusted(reading: Reading) -> bool:
    """Folders are trusted in `config.json`, not in `settings.json`; a trusted parent counts (observed)."""
    root = reading.file(TRUST, "json", f"{TITLE} folder trust", ID)
    listed = [node for key in ("trusted_folders", "trustedFolders") if root for node in root.texts(key) or ()]
    return any(covers(str(node.value), reading.site.project) for node in listed)


def _of_folder(reading: Reading, entries: EntryReader, folder: str) -> list[Installation]:
    """One folder's servers: `.github/mcp.json` only where there is no `.mcp.json`, even a broken one."""
    shared, own = in_folder(SHARED, folder), in_folder(OWN, folder)
    template = shared if there(reading, shared) else own
    root = reading.file(template, "json", f"{TITLE} project servers", ID)
    root = accepted(reading, root, TITLE, ID, STRICT)
    if root is None:
        return []
    if (servers := root.child("mcpServers")) is not None:
        return entries.installations(servers, "project")
    if template == own or not isinstance(root.value, dict):
        return []
    # A map of entries without `mcpServers` loads from `.mcp.json` (observed; not tried for the other file).
    flat = [(name, node) for name, node in root.items() if node.child("command") or node.child("url")]
    return [entries.installation(name, node, "project") for name, node in flat]


def _state(one: Installation, off: set[str], trusted: bool) -> Installation:
    if one.only_tools is not None and "*" in one.only_tools:
        one = replace(one, only_tools=None)
    if one.state == "rejected":
        return one
    if one.entry.url is not None and not one.entry.command and "${" in one.entry.url.text:
        return replace(one, state="rejected", reason="Copilot CLI drops an entry with a variable in its URL")
    if one.name in off:
        return replace(one, state="disabled", reason="listed in disabledMcpServers")
    if one.level == "project" and not trusted:
        return replace(one, state="pending", reason="the user has not trusted this folder yet")
    return one


def _approved(reading: Reading, agent: Agent, root: Node) -> Iterator[Rule]:
    """What the user approved for good at this location; this file knows neither deny nor ask."""
    node = root.at("locations", str(reading.site.project), "tool_approvals")
    for approval in node.elements() if node else ():
        server, tool = approval.text("serverName"), approval.text("toolName")
        if approval.text("kind") == "mcp" and server:
            pattern = f"{server}({tool})" if tool else server
            yield Rule(agent.id, "allow", pattern, "user", approval.place, "tool" if tool else "server")


def _switches(settings: Node | None) -> Iterator[Switch]:
    node = settings.at("permissions", "disableBypassPermissionsMode") if settings else None
    if node is not None and node.value in ("disable", True):
        yield Switch("disableBypassPermissionsMode", "disable", node.place)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """A saved approval by the server's raw name, else ask: also for tools that claim to only read."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    if mode == "bypass" and config.switch("disableBypassPermissionsMode"):
        mode = "interactive"
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    if rule := next((rule for rule in config.rules if matches(rule, installation, tool)), None):
        return allowed("the user approved it for this location", rule)
    return asked(mode, "nothing approves it and Copilot CLI asks by default")


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """An approval names a server as it is written, or one of its tools."""
    return rule.pattern in (installation.name, f"{installation.name}({tool.name})")


CLIENT = Client(ID, TITLE, load, decide, matches)
