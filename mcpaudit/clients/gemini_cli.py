"""Gemini CLI: settings at several levels, extensions, folder trust, and a policy engine in TOML.

Sources: the documentation bundled in npm @google/gemini-cli 0.61.0 and that client's own listing, observed.
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.gemini_files import (
    ID,
    LEVELS,
    TITLE,
    Settings,
    extensions,
    settings,
    stopped,
    switched_off,
    trusted,
)
from mcpaudit.clients.gemini_policies import rules, seen_as
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, Expanded, shell_or_percent
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

DIALECT = Dialect(
    expand=shell_or_percent,
    url=("httpUrl", "url"),
    options=("trust",),
    only_tools="includeTools",
    except_tools="excludeTools",
)
# Keys of other clients; Gemini CLI warns of them and the server is on all the same (observed).
_FOREIGN = ("disabled", "enabled", "autoApprove")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Gemini CLI; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    files = settings(reading)
    found = [*_of_settings(reading, agent, files), *_of_extensions(reading, agent)]
    if not (files or found):
        return None
    trust, reason = trusted(reading, files), stopped(reading, files)
    # Until the folder is trusted, what the project's own settings say does not count.
    counted = [
        one.root for one in files if one.root and (one.level != "project" or trust or not reading.as_is)
    ]
    excluded = {str(node.value) for root in counted for node in _listed(root, "excluded") or ()}
    limits = [
        {str(node.value) for node in listed} for root in counted if (listed := _listed(root, "allowed"))
    ]
    off = switched_off(reading)
    found = [_state(one, trust, off, excluded, limits) for one in found]
    if reason:
        found = [replace(one, state="rejected", reason=reason) for one in found]
    switches = [
        Switch("defaultApprovalMode", mode.value, mode.place)
        for root in counted
        if (mode := root.at("general", "defaultApprovalMode")) and isinstance(mode.value, str)
    ]
    return AgentConfig(agent, settle(found, LEVELS), rules(reading, agent), tuple(switches))


def _of_settings(reading: Reading, agent: Agent, files: list[Settings]) -> Iterator[Installation]:
    entries = EntryReader(reading, agent, DIALECT)
    for one in files:
        servers = one.root.child("mcpServers") if one.root else None
        if servers is None:
            continue
        yield from entries.installations(servers, one.level)
        for _, node in servers.items() if isinstance(servers.value, dict) else ():
            for key in _FOREIGN:
                if (child := node.child(key)) is not None:
                    why = f"Gemini CLI does not know `{key}` and ignores it: it changes nothing"
                    reading.gaps.append(Gap("not-understood", child.place, why, ID))


def _of_extensions(reading: Reading, agent: Agent) -> Iterator[Installation]:
    """The servers of the user's extensions, whose `trust` does not count."""
    for folder, root in extensions(reading):
        servers = root.child("mcpServers")
        if servers is not None:
            dialect = replace(DIALECT, expand=_in_extension(folder), options=())
            yield from EntryReader(reading, agent, dialect).installations(servers, "extension")


def _in_extension(folder: Path) -> Expand:
    """Variables in an extension's manifest: its own folder and the workspace beside the usual ones."""

    def expand(text: str, site: Site) -> Expanded:
        own = text.replace("${extensionPath}", str(folder)).replace("${/}", "/")
        own = own.replace("${workspacePath}", str(site.project)) if site.project else own
        return shell_or_percent(own, site)

    return expand


def _listed(root: Node, key: str) -> tuple[Node, ...] | None:
    section = root.child("mcp")
    return section.texts(key) if section else None


def _state(
    one: Installation, trust: bool, off: set[str], excluded: set[str], limits: list[set[str]]
) -> Installation:
    if one.name in off:
        return replace(one, state="disabled", reason="switched off in mcp-server-enablement.json")
    if one.name in excluded:
        return replace(one, state="disabled", reason="listed in mcp.excluded")
    if any(one.name not in limit for limit in limits):
        return replace(one, state="disabled", reason="not listed in mcp.allowed")
    if not trust and one.state == "loaded":
        return replace(one, state="pending", reason="the user has not trusted this folder yet")
    return one


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The entry's tool lists, then the policy rule of highest priority, then `trust`, then ask."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    for rule in config.rules:
        if rule.effective is not False and matches(rule, installation, tool):
            reason = f"the policy rule of highest priority that matches says {rule.effect}"
            if rule.effect == "deny":
                return denied(reason, rule)
            return allowed(reason, rule) if rule.effect == "allow" else asked(mode, reason, rule)
    if installation.option("trust") == "true":
        return allowed("the entry says `trust: true`, which skips every question")
    if installation.server.builtin:
        return default_decision(ID, tool.name, mode)
    chosen = config.switch("defaultApprovalMode")
    if chosen and chosen.value == "yolo":
        return allowed("the default approval mode is yolo")
    return asked(mode, "no policy rule matches and Gemini CLI asks by default")


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules on tools of servers speak of none of the client's own, `*` alone of every tool there is."""
    if not installation.server.builtin:
        return fnmatchcase(rule_name(installation, tool), rule.pattern)
    if rule.subject != "command" and rule.pattern != "*":
        return False
    return fnmatchcase(f"(own):{tool.name}", rule.pattern)


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules see it."""
    return seen_as(installation.name, tool.name)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
