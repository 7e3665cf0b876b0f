"""Permission rules put to the tools that are there: what each one speaks of, if anything."""

import re
from collections.abc import Iterator, Sequence

from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.analysis.facts import RuleFact
from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.outcome import matches, rule_name
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.decision import Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation

_LONGEST = 200
"""Longer patterns are not taken apart: no client's tool has such a name."""


def rule_facts(access: AccessGraph) -> tuple[RuleFact, ...]:
    """Every rule of every agent, in the order in which files state them."""
    return tuple(
        _fact(access, config, rule) for _, config in sorted(access.configs.items()) for rule in config.rules
    )


def _fact(access: AccessGraph, config: AgentConfig, rule: Rule) -> RuleFact:
    if rule.effective is False:
        return RuleFact(rule)
    installed = config.installations
    if any(matches(rule.whole, one, tool) for one in installed for tool in _tools(access, one)):
        return RuleFact(rule, server_found=True, tool_found=True)
    if rule.subject in ("command", "mode"):
        return RuleFact(rule)  # which tools a client brings is not listed to the last one
    named = [one for one in installed if not one.server.builtin and _may_match(rule.whole, one)]
    if named:
        manifests = [access.manifests[one.id] for one in named]
        certainty = weakest(*(manifest.certainty for manifest in manifests))
        if not all(manifest.complete for manifest in manifests):
            return RuleFact(rule, server_found=True)
        return RuleFact(rule, True, False, certainty, _nearest(access, named, rule))
    if rule.subject == "any":
        return RuleFact(rule)
    # Servers also come from accounts, flags and plugins that no file shows.
    return RuleFact(rule, False, False, Certainty.POSSIBLE, _nearest(access, installed, rule))


def _nearest(access: AccessGraph, installed: Sequence[Installation], rule: Rule) -> str:
    # Imported here: most rules speak of something.
    from difflib import get_close_matches

    names = {rule_name(one, tool) for one in installed for tool in access.manifests[one.id].tools}
    return next(iter(get_close_matches(rule.pattern, sorted(names), 1, 0.8)), "")


def _tools(access: AccessGraph, one: Installation) -> tuple[Tool, ...]:
    """What a server is known to offer; a rule for all that it has matches whatever that is."""
    return access.manifests[one.id].tools or (Tool(ANY_TOOL, ()),)


def _may_match(rule: Rule, one: Installation) -> bool:
    """Whether a server could have a tool that the rule matches, if its tools were not known."""
    return any(matches(rule, one, Tool(name, ())) for name in _parts(rule.pattern))


def _parts(pattern: str) -> Iterator[str]:
    """Every part of a pattern that could be the tool's own name in it."""
    text = re.sub(r"\[[^\]]*\]|[*?]", "x", pattern)[:_LONGEST]
    for at in range(len(text) + 1):
        yield from (text[at:], text[at:-1], text[:at])
