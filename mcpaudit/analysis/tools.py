"""Each tool of each server, once: what it does, what its server claims, and what every client decides."""

from collections import defaultdict
from dataclasses import replace

from mcpaudit.access.effective import decide
from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.analysis.facts import ToolFact, ToolOutcome
from mcpaudit.clients.outcome import client_of
from mcpaudit.model.access import Access
from mcpaudit.model.action import changes, in_words
from mcpaudit.model.certainty import strongest
from mcpaudit.model.decision import MODES
from mcpaudit.model.manifest import Hints, Tool

_NO_HINTS = Hints()


def tool_facts(access: AccessGraph, rows: tuple[Access, ...]) -> tuple[ToolFact, ...]:
    """Every known tool of every reachable installation, sorted by server and name."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in access.tools:
        holders[(_server(access, node), access.tools[node].name)].append(node)
    touched: dict[tuple[str, str], list[Access]] = defaultdict(list)
    for row in rows:
        touched[(row.server, row.tool)].append(row)
    facts = []
    for (server, name), nodes in sorted(holders.items()):
        if name == ANY_TOOL:
            continue
        tool = access.tools[nodes[0]]
        own = touched.get((server, name), [])
        facts.append(
            ToolFact(
                server=server,
                tool=tool,
                certainty=strongest(*(touch.certainty for touch in tool.touches)).value,
                hint_mismatch=hint_mismatch(tool),
                labels=tuple(sorted({label for row in own for label in row.labels})),
                resources=tuple(sorted({str(row.resource) for row in own})),
                outcomes=tuple(_outcome(access, node) for node in sorted(nodes)),
            )
        )
    return tuple(facts)


def _installation(access: AccessGraph, node: str) -> str:
    """The installation of a tool's node; names may hold slashes, so the graph is asked."""
    return access.offered[node]


def _server(access: AccessGraph, node: str) -> str:
    return access.installations[_installation(access, node)].server.id


def _outcome(access: AccessGraph, node: str) -> ToolOutcome:
    one = access.installations[_installation(access, node)]
    tool, config = access.tools[node], access.configs[one.agent]
    interactive, headless, bypass = (decide(access, one, node, mode) for mode in MODES)
    believed = (interactive, headless, bypass)
    if tool.hints == _NO_HINTS or not client_of(one.client).believes:
        return ToolOutcome(one.id, believed, believed)
    # The decisions as if the server claimed nothing about the tool.
    bare, client = replace(tool, hints=_NO_HINTS), client_of(one.client)
    interactive, headless, bypass = (client.decide(config, one, bare, mode) for mode in MODES)
    return ToolOutcome(one.id, believed, (interactive, headless, bypass))


def hint_mismatch(tool: Tool) -> str:
    """How a server's own claims differ from what its tool was found to do; empty where they agree."""
    if tool.hints.read_only is True and changes(tool.actions):
        return f"its server claims it only reads, but it seems to {in_words(tool.actions)}"
    if tool.hints.destructive is False and "delete" in tool.actions:
        return "its server claims it destroys nothing, but it seems to delete"
    return ""
