"""What an agent's client does with a tool, whichever client it is, and which rules had a say in it."""

import json
import re
from dataclasses import replace

from mcpaudit.clients import given_file
from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation

_BY_ID: dict[str, Client] = {client.id: client for client in (*CLIENTS, given_file.CLIENT)}


_MARK = re.compile(r"\{(?:name|server|tool)\}")


def client_of(name: str) -> Client:
    """The client with this id."""
    return _BY_ID[name]


def outcome(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The client's decision, with the rules that matched too and lost."""
    if config.denied:
        names = {tool.name, f"{installation.name}/{tool.name}", f"{installation.id}/{tool.name}"}
        if names & set(config.denied):
            return Decision(Verdict.DENY, "it is supposed to be denied")
    decision = _BY_ID[installation.client].decide(config, installation, tool, mode)
    if decision.rule is None:
        return decision
    beaten = tuple(
        rule
        for rule in config.rules
        if rule.effective is not False
        and rule.effect != decision.rule.effect
        and matches(rule, installation, tool)
    )
    return replace(decision, beats=beaten)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """Whether a rule speaks of a tool, by the names that the client's rules use."""
    speaks = _BY_ID[installation.client].matches
    return speaks is not None and speaks(rule, installation, tool)


def rule_name(installation: Installation, tool: Tool) -> str:
    """The tool's name in rules; empty where the client's rules keep server and tool apart."""
    name = _BY_ID[installation.client].rule_name
    return name(installation, tool) if name else ""


def rule_of(one: Installation, tool: Tool) -> str:
    """What denies a tool in the client's own syntax; empty where it has none."""
    client = client_facts(one.client)
    if client is None or client.denies is None:
        return ""
    words = {"{name}": rule_name(one, tool), "{server}": one.name, "{tool}": tool.name}
    # Names are not ours: a quote in one must not end the string that it is written into.
    return _MARK.sub(lambda mark: json.dumps(words[mark[0]])[1:-1], client.denies.rule)
