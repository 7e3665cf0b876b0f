"""Qwen Code: settings at four levels, `.mcp.json`, approvals of project servers by content, rules by name.

Sources: the documentation and the code bundled in npm @qwen-code/qwen-code 0.24.4 and that client's own
server listing, observed. Not known: where folder trust is kept.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import COMMA, MARK, accepted, moved, rejected, stopped, there
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import plain
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "qwen-code", "Qwen Code"
DIALECT = Dialect(
    expand=plain,
    url=("httpUrl", "url"),
    options=("trust",),
    only_tools="includeTools",
    except_tools="excludeTools",
)
SYSTEM = {
    "linux": "/etc/qwen-code/",
    "macos": "/Library/Application Support/QwenCode/",
    "windows": "{programdata}/qwen-code/",
}
USER, PROJECT = "{home}/.qwen/settings.json", "{project}/.qwen/settings.json"
SHARED, APPROVALS = "{project}/.mcp.json", "{home}/.qwen/mcpApprovals.json"
LEVELS = ("system", "project", "user", "defaults")
# The rules' keys in the order in which they decide; the last three are the older spelling.
RULES: tuple[tuple[str, str, Effect], ...] = (
    ("permissions", "deny", "deny"),
    ("permissions", "ask", "ask"),
    ("permissions", "allow", "allow"),
    ("tools", "exclude", "deny"),
    ("tools", "disabled", "deny"),
    ("tools", "allowed", "allow"),
)
# What rules may call its own tools beside their own names; `Read` and `Edit` speak of several.
ALIASES = {
    "run_shell_command": ("Bash", "Shell", "ShellTool"),
    "monitor": ("Monitor", "MonitorTool", "run_shell_command", "Bash", "Shell", "ShellTool"),
    "read_file": ("Read", "ReadFile", "ReadFileTool"),
    "grep_search": ("Grep", "GrepTool", "SearchFiles", "search_file_content", "Read"),
    "glob": ("Glob", "GlobTool", "FindFiles", "Read"),
    "list_directory": ("ListFiles", "ListFilesTool", "ReadFolder", "Read"),
    "edit": ("Edit", "EditFile", "EditTool"),
    "write_file": ("Write", "WriteFile", "WriteFileTool", "Edit"),
    "notebook_edit": ("NotebookEdit", "NotebookEditTool", "Edit"),
    "web_fetch": ("WebFetch", "WebFetchTool"),
    "web_search": ("WebSearch", "WebSearchTool"),
    "agent": ("Agent", "AgentTool", "Task", "TaskTool", "task"),
    "skill": ("Skill", "SkillTool"),
}
_EDITS, _WEB = ("edit", "write_file", "notebook_edit"), ("web_fetch", "web_search")
# Allowed as a whole they would do away with the mode `auto`, which drops these rules.
_DROPPED = ("run_shell_command", "monitor", "agent", "skill")
_NOT_HASHED = ("scope", "extensionName", "description")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Qwen Code; `None` where it has none of its own (`.mcp.json` has many readers)."""
    moved(reading, ("QWEN_CODE_SYSTEM_SETTINGS_PATH",), TITLE, ID)
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    system = SYSTEM[reading.site.platform]
    files = [("system", f"{system}settings.json"), ("project", PROJECT), ("user", USER)]
    files.append(("defaults", f"{system}system-defaults.json"))
    if reading.site.project == reading.site.home:
        files.remove(("project", PROJECT))
    if not any(there(reading, one) for one in (APPROVALS, *(path for _, path in files))):
        return None
    roots = []
    for level, path in files:
        root = reading.file(path, "json", f"{TITLE} {level} settings", ID)
        if level == "project":
            root = accepted(reading, root, TITLE, ID, COMMA)
        if root is not None:
            roots.append((level, root))
    shared = reading.file(SHARED, "json", f"{TITLE} project servers", ID)
    shared = accepted(reading, shared, TITLE, ID, MARK)
    approvals = reading.file(APPROVALS, "json", f"{TITLE} approvals", ID)
    limits = _Limits(reading, [root for _, root in roots])
    found: list[Installation] = []
    # Of the project's two files the settings are the stronger (observed).
    for level, root in [*roots, *([("project", shared)] if shared else [])]:
        servers = root.child("mcpServers")
        for name, node in servers.items() if servers else ():
            one = _remote(entries.installation(name, node, level), node, root is shared)
            found.append(limits.apply(_approved(reading, one, node, approvals)))
    found = rejected(found, stopped(reading, (USER,), TITLE, ID, COMMA))
    rules = tuple(rule for level, root in roots for rule in _rules(reading, agent, level, root))
    switches = tuple(switch for _, root in roots for switch in _switches(root))
    return AgentConfig(agent, settle(found, LEVELS), rules, switches)


def _remote(one: Installation, node: Node, shared: bool) -> Installation:
    """`url` is SSE in settings whatever its `type`; in `.mcp.json` the `type` counts (observed)."""
    if one.entry.url is None or one.entry.command or node.text("httpUrl"):
        return one
    if not shared:
        return replace(one, server=replace(one.server, transport="sse"))
    return one if node.text("type") else replace(one, server=replace(one.server, transport="unknown"))


def _approved(reading: Reading, one: Installation, node: Node, approvals: Node | None) -> Installation:
    """A project's server needs an approval of exactly this entry; changed, it is pending again (observed)."""
    if one.level != "project" or one.state != "loaded":
        return one
    record = approvals.at(str(reading.site.project), one.name) if approvals else None
    if record is not None and record.text("hash") == fingerprint(node):
        if record.text("status") == "approved":
            return one
        if record.text("status") == "rejected":
            return replace(one, state="rejected", reason="the user rejected this project server")
    return replace(one, state="pending", reason="the user has not approved this project server yet")


def fingerprint(node: Node) -> str:
    """What an approval is bound to: the entry as compact JSON with sorted keys (observed)."""
    entry = node.value if isinstance(node.value, dict) else {}
    kept = {key: value for key, value in entry.items() if key not in _NOT_HASHED}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Limits:
    """`mcp.excluded` and `mcp.allowed`: lists of globs, of which the former wins; and folder trust."""

    def __init__(self, reading: Reading, roots: list[Node]) -> None:
        sections = [section for root in roots if (section := root.child("mcp"))]
        self.excluded = [str(node.value) for one in sections for node in one.texts("excluded") or ()]
        lists = [listed for one in sections if (listed := one.texts("allowed")) is not None]
        self.allowed = [str(node.value) for listed in lists for node in listed] if lists else None
        if len(lists) > 1:
            reason = "how Qwen Code joins `mcp.allowed` of several levels is not known; read as one list"
            section = next(one for one in sections if one.child("allowed"))
            reading.gaps.append(Gap("not-understood", section.place, reason, ID))
        self.trust = _folder_trust(roots)

    def apply(self, one: Installation) -> Installation:
        """The installation as these settings leave it."""
        if one.state == "rejected":
            return one
        if any(fnmatchcase(one.name, glob) for glob in self.excluded):
            return replace(one, state="disabled", reason="listed in mcp.excluded")
        if self.allowed is not None and not any(fnmatchcase(one.name, glob) for glob in self.allowed):
            return replace(one, state="disabled", reason="not listed in mcp.allowed")
        if self.trust and one.level == "project" and one.state == "loaded":
            reason = "folder trust is on, and whether the user trusts this folder is not known"
            return replace(one, state="pending", reason=reason)
        return one


def _folder_trust(roots: list[Node]) -> bool:
    """Folder trust is off by default (observed); the strongest file that speaks of it decides."""
    flags = [node.flag("enabled") for root in roots if (node := root.at("security", "folderTrust"))]
    return next((flag for flag in flags if flag is not None), False)


def _rules(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    for section, key, effect in RULES:
        owner = root.child(section)
        for node in (owner.texts(key) if owner else None) or ():
            pattern = reading.rule(node)
            subject = "tool" if pattern.startswith("mcp__") else "command"
            yield Rule(
                agent.id, effect, pattern, level, node.place, "tool" if subject == "tool" else "command"
            )


def _switches(root: Node) -> Iterator[Switch]:
    if (node := root.at("tools", "approvalMode")) is not None and isinstance(node.value, str):
        yield Switch("mode", node.value, node.place)
    if (node := root.at("security", "folderTrust")) is not None and node.child("enabled"):
        yield Switch("folderTrust", "true" if node.flag("enabled") else "false", node.place)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """deny > ask > allow over all levels; then `trust`, in a trusted folder only; then the approval mode."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    matching = [rule for rule in config.rules if _matches(rule, installation, tool)]
    builtin, approval = installation.server.builtin, _approval(config, mode)
    # A denied tool of a server stays visible to the model: it is refused when it is called.
    if rule := first_rule(matching, "deny"):
        return denied(f"the {rule.level} rule `{rule.pattern}` denies it", rule)
    if rule := first_rule(matching, "ask"):
        asks = f"the {rule.level} rule `{rule.pattern}` asks"
        if approval == "yolo":
            return allowed(f"{asks}, which the approval mode yolo answers", rule)
        return asked(mode, asks, rule)
    if rule := first_rule(matching, "allow"):
        if builtin and tool.name in _DROPPED and approval == "auto":
            return _unknown(f"the approval mode auto drops the rule `{rule.pattern}`: a model decides", rule)
        return allowed(f"the {rule.level} rule `{rule.pattern}` allows it", rule)
    trust = config.switch("folderTrust")
    if installation.option("trust") == "true":
        if trust and trust.value == "true":
            return _unknown("`trust: true` counts in a trusted folder only, and folder trust is not known")
        return allowed("the entry says `trust: true`, which skips every question")
    if trust and trust.value == "true" and approval not in ("default", "plan"):
        return _unknown(f"the approval mode {approval} counts in a trusted folder only, which is not known")
    if builtin:
        return _own_tool(config, tool.name, mode, approval)
    if approval == "yolo":
        return allowed("the approval mode is yolo")
    if approval == "plan":
        return denied("the approval mode is plan, which changes nothing")
    if approval == "auto":
        return _unknown("no rule matches, and in the approval mode auto a model decides call by call")
    return asked(mode, f"no rule matches and the approval mode is {approval}")


def _approval(config: AgentConfig, mode: Mode) -> str:
    """The approval mode: `auto` where nothing chooses one."""
    chosen = config.switch("mode")
    return "yolo" if mode == "bypass" else chosen.value if chosen else "auto"


def _own_tool(config: AgentConfig, name: str, mode: Mode, approval: str) -> Decision:
    """What each approval mode does with its own tools where no rule matches."""
    known = {alias for own, aliases in ALIASES.items() for alias in (own, *aliases)}
    strange = next(
        (r for r in config.rules if r.subject == "command" and _bare(r.pattern) not in known), None
    )
    if strange and "(" not in strange.pattern:
        return _unknown(f"which of its own tools the rule `{strange.pattern}` means is not known", strange)
    default = default_decision(ID, name, mode)
    # Reading runs unasked in every mode; `auto` is what the defaults were written for.
    if approval == "auto" or (default.verdict is Verdict.ALLOW and name not in _EDITS):
        return default
    says = f"the approval mode is {approval}"
    if approval == "yolo" or (approval == "auto-edit" and name in (*_EDITS, *_WEB)):
        return allowed(says)
    if approval == "plan" and name not in _WEB:
        return denied(f"{says}, which changes nothing")
    return asked(mode, says)


def _unknown(reason: str, rule: Rule | None = None) -> Decision:
    return Decision(Verdict.UNKNOWN, reason, rule, Certainty.UNKNOWN)


def _bare(pattern: str) -> str:
    """A pattern without a specifier that leaves nothing out."""
    return pattern.removesuffix("(*)")


def _matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    if installation.server.builtin:
        names = (tool.name, *ALIASES.get(tool.name, ()))
        return rule.subject == "command" and _bare(rule.pattern) in names
    server = f"mcp__{installation.name}"
    return rule.pattern in (server, f"{server}__{tool.name}")
