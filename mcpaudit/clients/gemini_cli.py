"""Gemini CLI: settings at several levels, extensions, folder trust, and a policy engine in TOML.

Sources: the documentation, the default policies and the code bundled in npm @google/gemini-cli 0.61.0, and
that client's own listing, observed. Not applied: `tools.core` and `tools.confirmationRequired`, and where a
policy's priority lies between those that settings have (4.1 to 4.4).
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Switch
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
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

__all__ = ["ID", "TITLE", "decide", "load"]

DIALECT = Dialect(
    expand=shell_or_percent,
    url=("httpUrl", "url"),
    options=("trust",),
    only_tools="includeTools",
    except_tools="excludeTools",
)
# Approval modes that settings may choose. `yolo` is none of them: there it does nothing.
_AUTO_EDIT, _PLAN = "auto_edit", "plan"
_EDITS = ("replace", "write_file")
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
    switches = [switch for root in counted for switch in _switches(root)]
    if reading.as_is and not trust:
        # In a folder that is not trusted every approval mode becomes the default one.
        switches = [one for one in switches if one.name != "defaultApprovalMode"]
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


def _listed(root: Node, key: str, section: str = "mcp") -> tuple[Node, ...] | None:
    owner = root.child(section)
    return owner.texts(key) if owner else None


def _switches(root: Node) -> Iterator[Switch]:
    mode, barred = root.at("general", "defaultApprovalMode"), root.at("security", "disableYoloMode")
    if mode is not None and isinstance(mode.value, str):
        yield Switch("defaultApprovalMode", mode.value, mode.place)
    if barred is not None and barred.value is True:
        yield Switch("disableYoloMode", "true", barred.place)
    for section, key in (("mcp", "allowed"), ("tools", "allowed"), ("tools", "exclude")):
        for node in _listed(root, key, section) or ():
            yield Switch(f"{section}.{key}", str(node.value), node.place)


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
    """The entry's tool lists, the policy rule of highest priority, the settings' lists, then the mode."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    # With disableYoloMode Gemini CLI does not start in its bypass mode.
    if mode == "bypass" and config.switch("disableYoloMode"):
        mode = "interactive"
    builtin = installation.server.builtin
    name = f"(own):{tool.name}" if builtin else seen_as(installation.name, tool.name)
    for rule in config.rules:
        if rule.effective is not False and _matches(rule, name, builtin):
            reason = f"the policy rule of highest priority that matches says {rule.effect}"
            if rule.effect == "deny":
                return denied(reason, rule)
            return allowed(reason, rule) if rule.effect == "allow" else asked(mode, reason, rule)
    chosen = config.switch("defaultApprovalMode")
    approval = chosen.value if chosen and mode != "bypass" else ""
    if builtin:
        return _own_tool(config, tool.name, mode, approval)
    if approval == _PLAN:
        if tool.hints.read_only is True:
            return asked(mode, "the approval mode is plan and the server claims `readOnlyHint`")
        return denied("the approval mode is plan, which changes nothing")
    if installation.option("trust") == "true":
        return allowed("the entry says `trust: true`, which skips every question")
    if _names(config, "mcp.allowed", installation.name):
        return allowed("`mcp.allowed` lists its server, which skips every question")
    return asked(mode, "no policy rule matches and Gemini CLI asks by default")


def _own_tool(config: AgentConfig, name: str, mode: Mode, approval: str) -> Decision:
    """The settings' lists of its own tools, then what the default policies say of the approval mode."""
    if _names(config, "tools.exclude", name):
        return denied("`tools.exclude` lists it")
    if _names(config, "tools.allowed", name):
        return allowed("`tools.allowed` lists it")
    if approval == _AUTO_EDIT and name in _EDITS:
        reason = "the approval mode is auto_edit, which lets it run inside the working directory"
        return Decision(Verdict.ALLOW, reason, here=True)
    if approval == _AUTO_EDIT and name == "web_fetch":
        return allowed("the approval mode is auto_edit, which lets it run")
    default = default_decision(ID, name, mode)
    if approval == _PLAN and default.verdict is not Verdict.ALLOW and name != "web_fetch":
        return denied("the approval mode is plan, which changes nothing but its own plans")
    return default


def _names(config: AgentConfig, setting: str, name: str) -> bool:
    """Whether a list of the settings has this name as a whole: `run_shell_command(git)` is part of one."""
    return any(one.name == setting and one.value == name for one in config.switches)


def _matches(rule: Rule, name: str, builtin: bool) -> bool:
    """Rules on tools of servers speak of none of the client's own, `*` alone of every tool there is."""
    if builtin and rule.subject != "command" and rule.pattern != "*":
        return False
    return fnmatchcase(name, rule.pattern)
