"""Applies a supposition to what clients' files say: the same agents, with servers added or taken away."""

from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.entry import EntryReader
from mcpaudit.clients.given_file import COMMON, tables
from mcpaudit.clients.reading import Reading
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.model.server import Installation
from mcpaudit.model.supposition import Supposition

ADDED = "--what-if-add"


def suppose(reading: Reading, configs: Sequence[AgentConfig], what: Supposition) -> list[AgentConfig]:
    """The agents as they would be; raises UsageError for a server or an agent that is not there."""
    agents = {config.agent.id for config in configs}
    if what.agent and what.agent not in agents:
        raise UsageError(
            f"there is no agent `{what.agent}` here; there are {', '.join(sorted(agents)) or 'none'}"
        )
    found = [one if what.agent not in ("", one.agent.id) else _added(reading, one, what) for one in configs]
    names = {name for config in found for one in config.installations for name in _names(one)}
    for gone in what.remove:
        if gone not in names:
            hint = did_you_mean(gone, names)
            raise UsageError(f"there is no server `{gone}` here{f'; {hint}' if hint else ''}")
    return [_left(config, what) if what.agent in ("", config.agent.id) else config for config in found]


def _names(one: Installation) -> tuple[str, ...]:
    return one.name, one.id, one.server.id


def _left(config: AgentConfig, what: Supposition) -> AgentConfig:
    kept = [one for one in config.installations if not set(_names(one)) & set(what.remove)]
    rules = tuple(rule for rule in config.rules if rule.place not in what.drop)
    return replace(config, installations=tuple(kept), rules=rules, denied=what.deny)


def _added(reading: Reading, config: AgentConfig, what: Supposition) -> AgentConfig:
    if not what.add:
        return config
    root = reading.text(what.add, ADDED, "json", ADDED)
    servers = [table for table, _ in tables(root)] if root else []
    if not servers:
        why = next((gap.reason for gap in reading.gaps if gap.place.file == ADDED), "it names no server")
        raise UsageError(f"{ADDED} takes entries as a client writes them, in JSON: {why}")
    entries = EntryReader(reading, config.agent, COMMON)
    more = [one for table in servers for one in entries.installations(table, "supposed")]
    return replace(config, installations=(*config.installations, *more))
