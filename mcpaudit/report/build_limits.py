"""What an audit cannot know or did not analyse: the sentences that close every report."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mcpaudit.analysis.facts import Facts
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.report.verdict import count

_NAMED = 8

if TYPE_CHECKING:
    from mcpaudit.analysis.needs import Needed
    from mcpaudit.analysis.unused import Evidence


def limits(facts: Facts) -> Iterable[str]:
    """What this audit cannot know, in sentences."""
    yield from _untold(facts)
    clients = {config.agent.client for config in facts.collected.agents}
    unsure = sorted(client for client in clients if not _proved(facts, client))
    if unsure:
        yield (
            f"The built-in tools of {', '.join(unsure)} are common knowledge and were not read in a primary "
            "source."
        )
    if not facts.configuration.profiles:
        yield "No profile says what the agents are for, so no server could be called unneeded."
    untold = sorted({use.provider for use in facts.scopes if use.granted is None})
    if untold:
        yield (
            f"What credentials of {', '.join(untold)} were granted stands in no file; each is bounded only by"
            " what its provider holds."
        )
    if facts.evidence is None:
        yield "No usage evidence was given (`--usage`), so no server could be called unused."
    else:
        yield from _usage(facts.evidence)
    yield from facts.not_granted
    for needed in facts.needed:
        yield from _needs(needed)


def _untold(facts: Facts) -> Iterable[str]:
    """What no file tells of each client that is there; in general, where none of them is known."""
    clients = dict.fromkeys(config.agent.client for config in facts.collected.agents)
    known = [told for client in clients if (told := client_facts(client)) is not None]
    for told in known:
        yield f"{told.title}: {told.unseen}."
    if not known:
        yield "Approvals in clients' private stores and on their vendors' servers cannot be read from files."


def _proved(facts: Facts, client: str) -> bool:
    own = [one for one in facts.access.installations.values() if one.client == client and one.server.builtin]
    touches = [
        touch for one in own for tool in facts.access.manifests[one.id].tools for touch in tool.touches
    ]
    return all(touch.certainty == "certain" for touch in touches)


def _usage(evidence: "Evidence") -> Iterable[str]:
    for agent in evidence.silent:
        yield f"The usage evidence says nothing of {agent}, so nothing there could be called unused."
    names = [f"{server} ({client})" if client else server for client, server in evidence.strangers]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    if names:
        named = ", ".join(names[:_NAMED]) + more
        yield f"The usage evidence has calls of servers that are not installed here: {named}."
    for one in evidence.usage.unread:
        yield f"Part of the logs was not read, and may hold calls: {one.reason} ({count(one.count, 'time')})."


def _needs(needed: "Needed") -> Iterable[str]:
    for unmet in needed.unmet:
        yield f"`{needed.profile.id}` needs to {unmet}, which nothing in {needed.agent} is known to give."
    if not needed.cover.proved:
        yield f"The smallest set for `{needed.profile.id}` in {needed.agent} is the best found, not proved."
