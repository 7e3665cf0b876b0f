"""Qwen Code: may a tool run? Rules by name over all levels, then the approval mode.

Sources: the documentation and the code bundled in npm @qwen-code/qwen-code 0.24.4. Not known: where folder
trust is kept.
"""

from collections.abc import Iterator

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID = "qwen-code"
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


def rules_of(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    for section, key, effect in RULES:
        owner = root.child(section)
        for node in (owner.texts(key) if owner else None) or ():
            pattern = reading.rule(node)
            subject = "tool" if pattern.startswith("mcp__") else "command"
            yield Rule(
                agent.id, effect, pattern, level, node.place, "tool" if subject == "tool" else "command"
            )


def switches_of(root: Node) -> Iterator[Switch]:
    if (node := root.at("tools", "approvalMode")) is not None and isinstance(node.value, str):
        yield Switch("tools.approvalMode", node.value, node.place)
    if (node := root.at("security", "folderTrust")) is not None and node.child("enabled"):
        yield Switch("folderTrust", "true" if node.flag("enabled") else "false", node.place)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """deny > ask > allow over all levels; then `trust`, in a trusted folder only; then the approval mode."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    matching = [rule for rule in config.rules if matches(rule, installation, tool)]
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
    chosen = config.switch("tools.approvalMode")
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


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules name a server, one of its tools, or one of the client's own."""
    if installation.server.builtin:
        names = (tool.name, *ALIASES.get(tool.name, ()))
        return rule.subject == "command" and _bare(rule.pattern) in names
    return rule.pattern in (f"mcp__{installation.name}", rule_name(installation, tool))


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"mcp__{installation.name}__{tool.name}"
