"""Gemini CLI: settings at three levels, folder trust, and a policy engine in TOML.

Sources: the documentation bundled in npm @google/gemini-cli 0.61.0 and that client's own listing, observed.
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import shell_like
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Effect, Mode, Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "gemini-cli", "Gemini CLI"
DIALECT = Dialect(
    expand=shell_like,
    url=("httpUrl", "url"),
    options=("trust",),
    only_tools="includeTools",
    except_tools="excludeTools",
)
SYSTEM = {
    "linux": "/etc/gemini-cli/settings.json",
    "macos": "/Library/Application Support/GeminiCli/settings.json",
    "windows": "{programdata}/gemini-cli/settings.json",
}


_EFFECTS: dict[str, Effect] = {"allow": "allow", "deny": "deny", "ask_user": "ask"}
# Conditions under which a rule decides on part of a tool's uses only.
_PARTIAL = (
    *("argsPattern", "commandPrefix", "commandRegex", "modes", "toolAnnotations", "interactive", "subagent"),
)


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Gemini CLI; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    files = (
        ("system", SYSTEM[reading.site.platform]),
        ("project", "{project}/.gemini/settings.json"),
        ("user", "{home}/.gemini/settings.json"),
    )
    roots = [(level, reading.file(path, "json", f"{TITLE} {level} settings", ID)) for level, path in files]
    if not any(root or reading.unreadable(path) for (_, root), (_, path) in zip(roots, files, strict=True)):
        return None
    trusted = _trusted(reading, [root for _, root in roots if root])
    excluded = {str(node.value) for _, root in roots if root for node in _listed(root, "excluded") or ()}
    limits = [
        {str(node.value) for node in listed}
        for _, root in roots
        if root and (listed := _listed(root, "allowed"))
    ]
    found: list[Installation] = []
    switches: list[Switch] = []
    for level, root in roots:
        servers = root.child("mcpServers") if root else None
        if servers is not None:
            for one in entries.installations(servers, level):
                found.append(_state(one, trusted, excluded, limits))
        mode = root.at("general", "defaultApprovalMode") if root else None
        if mode is not None and isinstance(mode.value, str):
            switches.append(Switch("defaultApprovalMode", mode.value, mode.place))
    rules = tuple(_rules(reading, agent))
    return AgentConfig(agent, settle(found, ("system", "project", "user")), rules, tuple(switches))


def _listed(root: Node, key: str) -> tuple[Node, ...] | None:
    section = root.child("mcp")
    return section.texts(key) if section else None


def _trusted(reading: Reading, roots: list[Node]) -> bool:
    """Folder trust is on by default; without a decision no server loads, not even the user's (observed)."""
    if any((node := root.at("security", "folderTrust")) and node.flag("enabled") is False for root in roots):
        return True
    folders = reading.file("{home}/.gemini/trustedFolders.json", "json", f"{TITLE} folder trust", ID)
    if folders is None or reading.site.project is None:
        return False
    project = str(reading.site.project)
    verdicts = {name: node.value for name, node in folders.items()}
    if verdicts.get(project) == "DO_NOT_TRUST":
        return False
    return any(
        value in ("TRUST_FOLDER", "TRUST_PARENT")
        and (project == name or project.startswith(f"{name.rstrip('/')}/"))
        for name, value in verdicts.items()
    )


def _state(one: Installation, trusted: bool, excluded: set[str], limits: list[set[str]]) -> Installation:
    if one.name in excluded:
        return replace(one, state="disabled", reason="listed in mcp.excluded")
    if any(one.name not in limit for limit in limits):
        return replace(one, state="disabled", reason="not listed in mcp.allowed")
    if not trusted and one.state == "loaded" and one.level != "system":
        return replace(one, state="pending", reason="the user has not trusted this folder yet")
    return one


def _rules(reading: Reading, agent: Agent) -> Iterator[Rule]:
    """Rules of the user's policy folder; a repository's own do nothing (the workspace tier is disabled)."""
    found = reading.site.locate("{home}/.gemini/policies")
    if found is None or not found[0].is_dir():
        return
    ranked: list[tuple[int, Rule]] = []
    for path in sorted(found[0].glob("*.toml")):
        root = reading.open(path, f"{found[1]}/{path.name}", "toml", f"{TITLE} policies", ID)
        rules = root.child("rule") if root else None
        for node in rules.elements() if rules else ():
            for rule in _of_table(agent, node):
                priority = node.child("priority")
                ranked.append((priority.value if priority and isinstance(priority.value, int) else 0, rule))
    yield from (rule for _, rule in sorted(ranked, key=lambda pair: -pair[0]))


def _of_table(agent: Agent, node: Node) -> Iterator[Rule]:
    """The rules of one `[[rule]]` table: it may name several tools."""
    effect = _EFFECTS.get(node.text("decision"))
    if effect is None:
        return
    server, names = node.text("mcpName"), node.child("toolName")
    if names is not None and isinstance(names.value, list):
        tools = [str(one.value) for one in node.texts("toolName") or ()]
    else:
        tools = [node.text("toolName") or "*"]
    partial = next((key for key in _PARTIAL if node.child(key) is not None), "")
    for tool in tools:
        # Without a server, a rule speaks of the client's own tools; `*` alone of every tool there is.
        scope = server or ("*" if tool == "*" else "(own)")
        yield Rule(
            agent.id,
            effect,
            # A rule for some uses cannot decide a tool as a whole: its pattern must not match any.
            f"{scope}:{tool}" + (f" (only {partial})" if partial else ""),
            "user",
            node.place,
            "command" if scope == "(own)" else "tool",
        )


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The entry's tool lists, then the policy rule of highest priority, then `trust`, then ask."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    name = "(own)" if installation.server.builtin else installation.name
    for rule in config.rules:
        if rule.effective is not False and fnmatchcase(f"{name}:{tool.name}", rule.pattern):
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
