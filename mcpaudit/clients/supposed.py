"""Applies a supposition to what clients' files say: the same agents, with servers added or taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.entry import EntryReader
from mcpaudit.clients.given_file import COMMON, tables
from mcpaudit.clients.reading import Reading
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.knowledge.secrets import scope_names
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument, Installation
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
    return replace(
        config,
        installations=tuple(_reworded(one, what) for one in kept),
        rules=tuple(rule for rule in config.rules if rule.place not in what.drop),
        switches=tuple(switch for switch in config.switches if switch.place not in what.drop),
        denied=what.deny,
    )


def _reworded(one: Installation, what: Supposition) -> Installation:
    """The installation with other words in its entry; what it starts stays what it is."""
    texts = {word.place: word.means for word in what.reword if word.server == one.id}
    if not texts:
        return one
    entry = replace(
        one.entry,
        args=tuple(_word(word, texts) for word in one.entry.args if texts.get(word.place, "-")),
        env=tuple((name, _word(word, texts)) for name, word in one.entry.env if texts.get(word.place, "-")),
    )
    known = {word.place for word in (*one.entry.args, *(word for _, word in one.entry.env))}
    for place, text in texts.items():
        # What stands nowhere yet is a word more.
        if place in known or (one.entry.login_scopes and place == one.entry.login_scopes.place):
            continue
        name, word = place.route[-1], Argument(text, place)
        if isinstance(name, int):
            entry = replace(entry, args=(*entry.args, word))
        else:
            entry = replace(entry, env=(*entry.env, (name, word)))
    asked = one.entry.login_scopes
    if asked is not None and asked.place in texts:
        entry = replace(entry, login_scopes=Argument(" ".join(scope_names(texts[asked.place])), asked.place))
    return replace(one, entry=entry)


def _word(word: Argument, texts: Mapping[Place, str]) -> Argument:
    return Argument(texts[word.place], word.place) if word.place in texts else word


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
