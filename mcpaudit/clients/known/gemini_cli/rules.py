"""Gemini CLI: may a tool run? Rules of policy files and settings by priority, then the approval mode.

Sources: the code, the default policies and the documentation bundled in npm @google/gemini-cli 0.61.0
(every setting that decides is a rule of the user's tier with a priority of its own).
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied, hidden_by_entry
from mcpaudit.clients.known.gemini_cli.files import ID, Settings
from mcpaudit.clients.known.gemini_cli.policies import pattern_of, policy_rules, seen_as
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

# Approval modes that settings may choose. `yolo` is none of them: there it does nothing.
_AUTO_EDIT, _PLAN = "auto_edit", "plan"
_EDITS = ("replace", "write_file")
_SHELL = "run_shell_command"
# Lists of tools: their priority, what they say, and whether the strongest file's list replaces the others.
_LISTS: tuple[tuple[str, float, Effect, bool], ...] = (
    ("exclude", 4.4, "deny", False),
    ("confirmationRequired", 4.35, "ask", True),
    ("allowed", 4.3, "allow", True),
    ("core", 4.25, "allow", True),
)
_TRUSTED_SERVER, _ALLOWED_SERVER = 4.2, 4.1
_JUST_BELOW = 0.01
Ranked = tuple[float, Rule]


def rules_of(reading: Reading, agent: Agent, counted: Sequence[Settings]) -> tuple[Rule, ...]:
    """The rules of policy files and settings, the highest priority first."""
    ranked = [*policy_rules(reading, agent), *_of_settings(agent, counted)]
    return tuple(rule for _, rule in sorted(ranked, key=lambda pair: -pair[0]))


def _of_settings(agent: Agent, counted: Sequence[Settings]) -> Iterator[Ranked]:
    for key, rank, effect, replaced in _LISTS:
        lists = _lists(counted, "tools", key)
        for level, listed in lists[:1] if replaced else lists:
            for node in listed.elements():
                yield from _of_tool(agent, level, key, node, rank, effect)
            if key == "core":
                everything = Rule(agent.id, "deny", "*", level, listed.place, "any")
                yield rank - _JUST_BELOW, everything
    for level, node in _trusting(counted):
        yield _TRUSTED_SERVER, Rule(agent.id, "allow", f"{node.route[-2]}:*", level, node.place, "server")
    for level, listed in _lists(counted, "mcp", "allowed")[:1]:
        for node in listed.elements():
            pattern = f"{node.value}:*"
            yield _ALLOWED_SERVER, Rule(agent.id, "allow", pattern, level, node.place, "server")


def _of_tool(agent: Agent, level: str, key: str, node: Node, rank: float, effect: Effect) -> Iterator[Ranked]:
    """One tool of a list. `run_shell_command(git)` allows that command, and no other command after it."""
    name, brace, _ = str(node.value).partition("(")
    name = _SHELL if name == "ShellTool" else name
    pattern, own = pattern_of("", name)
    narrowed = brace and (name == _SHELL or effect == "deny")
    # A rule for some uses cannot decide a tool as a whole: its pattern must not match any.
    shown = f"{pattern} (only some uses)" if narrowed else pattern
    yield rank, Rule(agent.id, effect, shown, level, node.place, "command" if own else "tool")
    if narrowed and key == "allowed":
        yield rank - _JUST_BELOW, Rule(agent.id, "deny", pattern, level, node.place, "command")


def _trusting(counted: Sequence[Settings]) -> Iterator[tuple[str, Node]]:
    """`trust: true` of entries, of which the strongest of each name counts; not those of extensions."""
    seen: set[str] = set()
    for one in counted:
        servers = one.root.child("mcpServers") if one.root else None
        for name, node in servers.items() if servers and isinstance(servers.value, dict) else ():
            trust = node.child("trust")
            if name not in seen and trust is not None and trust.value is True:
                yield one.level, trust
            seen.add(name)


def _lists(counted: Sequence[Settings], section: str, key: str) -> list[tuple[str, Node]]:
    found = [(one.level, one.root.at(section, key)) for one in counted if one.root]
    return [(level, node) for level, node in found if node is not None and isinstance(node.value, list)]


def switches_of(root: Node) -> Iterator[Switch]:
    """The settings that decide where no rule does, or bar the bypass mode."""
    mode = root.at("general", "defaultApprovalMode")
    if mode is not None and isinstance(mode.value, str):
        yield Switch("defaultApprovalMode", mode.value, mode.place)
    for section, key in (("security", "disableYoloMode"), ("mcp", "autoAllowInHeadless")):
        node = root.at(section, key)
        if node is not None and node.value is True:
            yield Switch(key, "true", node.place)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The entry's tool lists, the rule of highest priority that matches, then the approval mode."""
    if hidden := hidden_by_entry(installation, tool):
        return hidden
    # With disableYoloMode Gemini CLI does not start in its bypass mode.
    if mode == "bypass" and config.switch("disableYoloMode"):
        mode = "interactive"
    chosen = config.switch("defaultApprovalMode")
    approval = chosen.value if chosen and mode != "bypass" else ""
    planning, partial = approval == _PLAN, None
    for rule in config.rules:
        if rule.effective is False or not matches(rule.whole, installation, tool):
            continue
        if rule.whole != rule:
            partial = partial or (rule if rule.effect == "allow" else None)
            continue
        if planning and rule.subject == "server":
            continue  # trust in a server does not count while planning
        says = f"the rule of highest priority that matches, `{rule.pattern}`, says {rule.effect}"
        if rule.effect == "deny" and partial is not None:
            says = "a rule of higher priority allows some uses of it, and all others are refused"
            return allowed(says, partial, Certainty.POSSIBLE)
        if rule.effect == "deny":
            return denied(says, rule)
        return allowed(says, rule) if rule.effect == "allow" else asked(mode, says, rule)
    if installation.server.builtin:
        return _own_tool(tool.name, mode, approval)
    if planning:
        if tool.hints.read_only is True:
            return asked(mode, "the approval mode is plan and the server claims `readOnlyHint`")
        return denied("the approval mode is plan, which changes nothing")
    if mode == "headless" and config.switch("autoAllowInHeadless"):
        return allowed("`mcp.autoAllowInHeadless` lets servers' tools run where nobody can answer")
    return asked(mode, "no rule matches and Gemini CLI asks by default")


def _own_tool(name: str, mode: Mode, approval: str) -> Decision:
    """What the default policies say of its own tools in each approval mode."""
    if approval == _AUTO_EDIT and name in _EDITS:
        reason = "the approval mode is auto_edit, which lets it run inside the working directory"
        return Decision(Verdict.ALLOW, reason, here=True)
    if approval == _AUTO_EDIT and name == "web_fetch":
        return allowed("the approval mode is auto_edit, which lets it run")
    default = default_decision(ID, name, mode)
    if approval == _PLAN and default.verdict is not Verdict.ALLOW and name != "web_fetch":
        return denied("the approval mode is plan, which changes nothing but its own plans")
    return default


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules on tools of servers speak of none of the client's own, `*` alone of every tool there is."""
    if not installation.server.builtin:
        # The settings name servers as they are, policy files by the first part of the tool's full name.
        own = rule.subject == "server" and rule.pattern.removesuffix(":*") in (installation.name, "*")
        return own or fnmatchcase(rule_name(installation, tool), rule.pattern)
    if rule.subject != "command" and rule.pattern != "*":
        return False
    return fnmatchcase(f"(own):{tool.name}", rule.pattern)


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules see it."""
    return seen_as(installation.name, tool.name)
