"""Kilo Code: may a tool run? opencode's rules over cleaned names, then what its agents do.

Source: npm @kilocode/cli-linux-x64 7.7.9 (its bundle: default rules, `run`) and its `debug agent`, observed.
"""

import re
from dataclasses import replace

from mcpaudit.clients import permission_map
from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.decisions import allowed, asked, denied
from mcpaudit.clients.known.kilo_code.files import ID
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation

_NAME = re.compile(r"[^A-Za-z0-9_-]")


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The last rule that matches, else what the agent does: the default one, `code`, asks nobody."""
    own = installation.server.builtin
    rule = next((one for one in reversed(config.rules) if matches(one, installation, tool)), None)
    if rule is None:
        if own:
            return default_decision(ID, tool.name, mode)
        chosen = config.switch("default_agent")
        if chosen is None or chosen.value in ("code", "build", "debug"):
            return allowed("no rule matches and the default agent of Kilo Code allows then")
        if chosen.value not in ("ask", "plan"):
            return allowed(
                "no rule matches; agents but `ask` and `plan` allow then", certainty=Certainty.POSSIBLE
            )
        if mode == "bypass":
            return allowed("no rule matches, and `--auto` answers every question")
        return asked(mode, f"no rule matches and the default agent, `{chosen.value}`, asks then")
    says = f"the last rule that matches, `{rule.pattern}`, says {rule.effect}"
    if rule.effect == "deny":
        return denied(says, rule)
    if rule.effect == "allow":
        return allowed(says, rule)
    # `kilo run` refuses what it would ask, with `--auto` it answers yes.
    if mode == "bypass":
        return allowed(f"{says}, and `--auto` answers every question", rule)
    return asked(mode, says, rule)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Whether a rule's pattern fits the whole name of a tool."""
    if installation.server.builtin:
        return permission_map.matches(rule, installation, tool)
    return permission_map.matches(rule, _cleaned(installation), replace(tool, name=_clean(tool.name)))


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"{_clean(installation.name)}_{_clean(tool.name)}"


def _cleaned(installation: Installation) -> Installation:
    return replace(installation, name=_clean(installation.name))


def _clean(name: str) -> str:
    """Rules see names with all but letters, digits, `_` and `-` replaced."""
    return _NAME.sub("_", name)
