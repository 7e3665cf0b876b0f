"""Auggie: may a tool run? Rules by whole names over all levels, the strongest first; else it runs.

Source: npm @augmentcode/auggie 0.36.0 (its bundle: the schema of rules, matching, tool names).
"""

import re
from collections.abc import Iterator, Mapping

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.decisions import allowed, asked, denied, first_rule
from mcpaudit.clients.reading import Reading
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID = "auggie"
_EFFECTS: dict[str, Effect] = {"allow": "allow", "deny": "deny", "ask-user": "ask"}
# What decides there is a program or a service: neither is run. Each needs the key that names it.
_DECIDED_ELSEWHERE = {"script-policy": "script", "webhook-policy": "webhookUrl"}
_SHELL_TOOLS = ("launch-process", "shell", "bash")


def rules_of(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    """One file's rules: one invalid entry of a list takes the whole list along."""
    listed = root.child("toolPermissions")
    nodes = list(listed.elements()) if listed else []
    bad = [node for node in nodes if _bad_rule(node)]
    if listed and bad:
        reason = "Auggie ignores all rules of this list because one of them is invalid"
        reading.gaps.append(Gap("ignored", listed.place, reason, ID))
        nodes = []
    for node in nodes:
        yield _rule(agent, level, node)
    removed = root.child("removedTools")
    names = list(removed.elements()) if removed else []
    if all(isinstance(node.value, str) for node in names):
        for node in names:
            yield Rule(agent.id, "hide", str(node.value), level, node.place, "any")
    elif removed:
        removed.complain("a list of strings")


def _bad_rule(node: Node) -> bool:
    rule = node.value if isinstance(node.value, dict) else {}
    permission = rule.get("permission")
    table: Mapping[str, object] = permission if isinstance(permission, dict) else {}
    kind = table.get("type")
    needed = _DECIDED_ELSEWHERE.get(str(kind), "type")
    good = (
        isinstance(rule.get("toolName"), str)
        and kind in (*_EFFECTS, *_DECIDED_ELSEWHERE)
        and isinstance(table.get(needed), str)
        and rule.get("eventType", "tool-call") in ("tool-call", "tool-response")
        and isinstance(rule.get("shellInputRegex", ""), str)
    )
    if not good:
        node.complain("a tool's name with a known type of permission")
    return not good


def _rule(agent: Agent, level: str, node: Node) -> Rule:
    permission = node.child("permission")
    name, kind = node.text("toolName"), permission.text("type") if permission else ""
    problem = ""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", name):
        problem = "Auggie compares whole names, and no name of an MCP tool has such characters"
    if node.text("eventType") == "tool-response":
        name += " (only answers)"
    elif name in _SHELL_TOOLS and node.text("shellInputRegex"):
        # A rule for some uses cannot decide a tool as a whole. Of other tools the expression is ignored.
        name += " (only some commands)"
    elif kind in _DECIDED_ELSEWHERE:
        name += f" = {kind}"
    effect = _EFFECTS.get(kind, "ask")
    return Rule(agent.id, effect, name, level, node.place, "any", False if problem else None, problem)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Removed tools are hidden; then the first rule with this name, the strongest level first, else allow."""
    own = installation.server.builtin
    matching = [one for one in config.rules if matches(one, installation, tool)]
    hides = first_rule(matching, "hide")
    rule = next((one for one in matching if one.effect != "hide"), None)
    found = config.switch("enableToolSearch")
    if not own and found and found.value == "True" and (hides or rule):
        # Where the service allows that too, such calls go through its `execute-tool`, which asks no rule.
        return _unknown(
            "with `enableToolSearch` its tools may run past the rules that name them", hides or rule
        )
    if hides:
        return Decision(Verdict.HIDDEN, f"`removedTools` of the {hides.level} settings lists it", hides)
    if rule is None:
        if own:
            return default_decision(ID, tool.name, mode)
        return allowed("no rule names it and Auggie allows by default")
    says = f"the first rule that names it, of the {rule.level} settings, says {rule.effect}"
    if " = " in rule.pattern:
        return _unknown("a script or a service decides, which is not run", rule)
    if rule.effect == "deny":
        return denied(says, rule)
    # There is no mode that answers questions; with `--print` nobody is there, and the call is refused.
    return allowed(says, rule) if rule.effect == "allow" else asked(mode, says, rule)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Rules and `removedTools` name one tool as a whole; there are no wildcards."""
    name = tool.name if installation.server.builtin else rule_name(installation, tool)
    return rule.pattern.partition(" = ")[0] == name


def rule_name(installation: Installation, tool: Tool) -> str:
    """`<tool>_<server>`, as rules name it: other characters become `_`, cut at 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{tool.name}_{installation.name}")[:64]


def _unknown(reason: str, rule: Rule | None) -> Decision:
    return Decision(Verdict.UNKNOWN, reason, rule, Certainty.UNKNOWN)
