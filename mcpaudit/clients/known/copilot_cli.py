"""Copilot CLI: servers per user and per folder up to the git root, approvals by name and location.

Sources: github/docs, copilot-cli-reference (configuration directory, commands) and allowing-tools; the server
listing of npm @github/copilot 1.0.102, observed. Not in any file: the servers it brings along
(github-mcp-server, playwright, fetch, time), flags, MDM settings and the enterprise allowlist. Not known: the
servers of installed plugins.
"""

import os
from collections.abc import Iterable, Iterator
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
    shares,
    stopped,
    there,
)
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import shell_like
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation, State
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_there

ID, TITLE = "copilot-cli", "Copilot CLI"
# Variables are expanded in `env` and `headers` only; a missing `tools` means all tools (observed).
DIALECT = Dialect(
    expand_pairs=shell_like,
    transports=(
        ("local", "stdio"),
        ("stdio", "stdio"),
        ("http", "http"),
        ("streamable-http", "http"),
        ("sse", "sse"),
    ),
    only_tools="tools",
    # An entry with a value of the wrong type is dropped alone, without a word (observed).
    strict=True,
    login_tables=("oidc",),
    login_scopes=("oauthScopes",),
    harmless=(
        *("timeout", "oauthClientId", "oauthPublicClient", "oauthGrantType", "deferTools"),
        *("filterMapping", "slowConnectionThresholdMs", "disableToolCache"),
    ),
    ignores=True,  # observed for `disabled` and `enabled`
)
USER, TRUST = "{home}/.copilot/mcp-config.json", "{home}/.copilot/config.json"
SETTINGS, APPROVALS = "{home}/.copilot/settings.json", "{home}/.copilot/permissions-config.json"
SHARED, OWN = "{project}/.mcp.json", "{project}/.github/mcp.json"
REPOSITORY = ("{project}/.github/copilot/settings.json", "{project}/.github/copilot/settings.local.json")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Copilot CLI; `None` where it has none, and no sign of its use beside `.mcp.json`."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    user = reading.file(USER, "json", f"{TITLE} user servers", ID)
    settings = reading.file(SETTINGS, "json", f"{TITLE} settings", ID)
    approvals = reading.file(APPROVALS, "json", f"{TITLE} approvals", ID)
    named = _trusted(reading)
    here = reading.site.told(reading.site.project) if reading.site.project else None
    trusted = any(covers(one, here) for one in named)
    # The repository's settings are those of the git root alone; outside a repository none count (observed).
    root_folder = folders(reading.site)[-1:] if _in_repository(reading.site) else []
    places = [in_folder(one, folder) for folder in root_folder for one in REPOSITORY]
    repository = [reading.file(one, "json", f"{TITLE} repository settings", ID) for one in places]
    own = [in_folder(OWN, folder) for folder in folders(reading.site)]
    mine = any(there(reading, one) for one in (USER, SETTINGS, APPROVALS, TRUST, *places, *own))
    shared = [in_folder(SHARED, folder) for folder in folders(reading.site)]
    if not mine and not any(shares(reading, one, "{home}/.copilot/") for one in shared):
        return None
    # What a repository switches off counts once its folder is trusted, and goes for the user's servers too.
    judging = [settings, *(repository if trusted or not reading.as_is else [])]
    off = {
        str(node.value): node.place
        for root in judging
        if root
        for node in root.texts("disabledMcpServers") or ()
    }
    servers = user.child("mcpServers") if user else None
    found = _installations(entries, servers.items(), "user") if servers else []
    stop = stopped(reading, (USER,), TITLE, ID)
    if user and not (servers and isinstance(servers.value, dict)):
        stop = reading.stops(Gap("ignored", user.place, "a user file without `mcpServers`", ID), TITLE)
    found = [_state(one, off, True) for one in found]
    for height, folder in enumerate(folders(reading.site)):
        # Each folder needs trust of its own or of one above it: a sub-folder's says nothing here (observed).
        place = [here, *here.parents][height] if here else None
        known = any(covers(one, place) for one in named)
        # What is not read at all until then is not switched off, either (observed).
        named_off = off if known or not reading.as_is else {}
        found += [_state(one, named_off, known) for one in _of_folder(reading, entries, folder)]
    found = rejected(found, stop)
    idle = ("pending",) if reading.as_is else ()
    rules = tuple(_approved(reading, agent, approvals)) if approvals else ()
    return AgentConfig(agent, settle(found, ("project", "user"), idle), rules, tuple(_switches(settings)))


def _in_repository(site: Site) -> bool:
    chain = (site.project, *site.project.parents) if site.project else ()
    return any(is_there(folder / ".git") for folder in chain)


def _trusted(reading: Reading) -> list[str]:
    """The trusted folders in `config.json`, not those in `settings.json`; the older spelling counts only
    where the newer is missing (both observed).
    """
    root = reading.file(TRUST, "json", f"{TITLE} folder trust", ID)
    newer = root.texts("trustedFolders") if root else None
    listed = newer if newer is not None else (root.texts("trusted_folders") if root else None) or ()
    return [os.path.normpath(str(node.value)) for node in listed]


def _of_folder(reading: Reading, entries: EntryReader, folder: str) -> list[Installation]:
    """One folder's servers: `.github/mcp.json` only where there is no `.mcp.json`, even a broken one."""
    shared, own = in_folder(SHARED, folder), in_folder(OWN, folder)
    template = shared if there(reading, shared) else own
    root = reading.file(template, "json", f"{TITLE} project servers", ID)
    root = accepted(reading, root, TITLE, ID, STRICT)
    if root is None:
        return []
    if (servers := root.child("mcpServers")) is not None:
        return _installations(entries, servers.items(), "project")
    if not isinstance(root.value, dict):
        return []
    # A map of entries without `mcpServers` loads from a folder's file, not from the user's (observed).
    flat = [(name, node) for name, node in root.items() if node.child("command") or node.child("url")]
    return _installations(entries, flat, "project")


def _installations(
    entries: EntryReader, listed: Iterable[tuple[str, Node]], level: str
) -> list[Installation]:
    """Bad entries are dropped alone and without a word; one is bad by its type, too (observed)."""
    found = []
    for name, node in listed:
        kind = node.child("type")
        known = kind is None or kind.value in [one for one, _ in DIALECT.transports]
        reason = "" if known else "Copilot CLI drops an entry of a type that it does not know"
        if kind and known and not node.child("command" if kind.value in ("local", "stdio") else "url"):
            reason = "Copilot CLI drops an entry without what its type needs"
        state: State = "rejected" if reason else "loaded"
        found.append(entries.installation(name, _of_its_type(node), level, state, reason))
    return found


def _of_its_type(node: Node) -> Node:
    """The entry without what only the other kind has: no wrong value of that drops it (observed)."""
    table = node.value if isinstance(node.value, dict) else {}
    local = table.get("type") in ("local", "stdio") or not ("type" in table or "url" in table)
    unused = ("url", "headers") if local else ("command", "args", "env", "cwd") if "type" in table else ()
    kept = {key: one for key, one in table.items() if key not in unused}
    return replace(node, value=kept) if len(kept) < len(table) else node


def _state(one: Installation, off: dict[str, Place], trusted: bool) -> Installation:
    if one.only_tools is not None and "*" in one.only_tools:
        one = replace(one, only_tools=None)
    if one.state == "rejected":
        return one
    if one.name in off:
        reason = "listed in disabledMcpServers"
        return replace(one, state="disabled", reason=reason, decided=off[one.name])
    if one.level == "project" and not trusted:
        return replace(one, state="pending", reason="the user has not trusted this folder yet")
    return one


def _approved(reading: Reading, agent: Agent, root: Node) -> Iterator[Rule]:
    """What the user approved for good at this location; this file knows neither deny nor ask."""
    node = root.at("locations", reading.site.folder, "tool_approvals")
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
