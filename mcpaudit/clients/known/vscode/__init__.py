"""VS Code with GitHub Copilot: `mcp.json` per workspace and user, approvals in a private store.

Sources: microsoft/vscode-docs (MCP configuration reference, agent tools, enterprise AI settings) and
microsoft/vscode mcpLanguageModelToolContribution.ts.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.decisions import allowed, asked
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.known.vscode.files import (
    DEVCONTAINER,
    ID,
    TITLE,
    WORKSPACE,
    Source,
    access_denied,
    registry_only,
    sources,
)
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import named
from mcpaudit.clients.workspaces import opened_in
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation

DIALECT = Dialect(
    expand=named,
    options=("sandboxEnabled",),
    env_file="envFile",
    harmless=("sandbox", "dev", "gallery", "version", "oauth"),
)
SHARED_DIALECT = Dialect()
_EVERYTHING = "chat.tools.global.autoApprove"
_ELIGIBLE = "chat.tools.eligibleForAutoApproval"


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of VS Code; `None` where none of them speaks of MCP."""
    agent = Agent(ID, ID, TITLE)
    found, seen = sources(reading)
    switches = tuple(_switches(found))
    if not seen and not switches:
        return None
    installations: list[Installation] = []
    for source in found:
        if source.servers is not None:
            denied = access_denied(found, source.level)
            dialect = SHARED_DIALECT if source.shared else DIALECT
            if source.folder:
                dialect = replace(dialect, expand=opened_in(source.folder, dialect.expand))
            entries = EntryReader(reading, agent, dialect)
            for one in entries.installations(source.servers, source.level):
                if denied and one.state != "rejected":
                    one = replace(one, state="blocked", reason=denied[0], decided=denied[1])
                installations.append(one)
    for node in registry_only(found):
        reason = (
            "only servers of a registry are admitted, whose list is not known here: all count as admitted"
        )
        reading.gaps.append(Gap("not-understood", node.place, reason, ID))
    return AgentConfig(agent, _settled(installations), tuple(_rules(agent, found)), switches)


def _settled(found: list[Installation]) -> tuple[Installation, ...]:
    """The workspace's entries hide those of each edition and profile, which do not hide one another."""
    shared = (WORKSPACE, DEVCONTAINER)
    own = settle([one for one in found if one.level in shared], shared)
    hidden = [one for one in own if one.shadowed_by]
    winners = [one for one in own if not one.shadowed_by]
    users: list[Installation] = []
    for level in dict.fromkeys(one.level for one in found if one.level not in shared):
        both = settle([*winners, *(one for one in found if one.level == level)], (*shared, level))
        winners = [one for one in both if one.level in shared]
        users += (one for one in both if one.level == level)
    return (*winners, *users, *hidden)


def _switches(found: list[Source]) -> Iterator[Switch]:
    """The workspace's value of a setting counts before the user's; of several users' any `true`."""
    for shared in (True, False):
        for source in found:
            node = source.root.child(_EVERYTHING) if source.settings else None
            if node is None or (source.level == WORKSPACE) != shared or not isinstance(node.value, bool):
                continue
            if node.value:
                yield Switch(_EVERYTHING, "true", node.place)
            elif shared:
                return


def _rules(agent: Agent, found: list[Source]) -> Iterator[Rule]:
    """Tools that may not be approved automatically; the workspace's value counts before the user's."""
    decided: set[str] = set()
    for source in found:
        table = source.root.child(_ELIGIBLE) if source.settings else None
        if table is None:
            continue
        for name, node in table.items():
            if node.value is False and name not in decided:
                yield Rule(agent.id, "ask", name, source.level, replace(node.place, on_key=True), "any")
            if source.level == WORKSPACE:
                decided.add(name)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Asks, unless the server says `readOnlyHint: true`, is sandboxed, or everything is approved."""
    builtin = installation.server.builtin
    if rule := next((rule for rule in config.rules if matches(rule, installation, tool)), None):
        return asked(mode, f"`{_ELIGIBLE}` says that it is never approved automatically", rule)
    if switch := config.switch(_EVERYTHING):
        return allowed(f"`{switch.name}` approves every tool")
    if builtin:
        return default_decision(ID, tool.name, mode)
    if installation.option("sandboxEnabled") == "true":
        return allowed("the tools of a sandboxed server are approved automatically")
    if tool.hints.read_only is True:
        return allowed("the server itself claims `readOnlyHint`, which VS Code believes")
    reason = "VS Code asks, unless its user approved the tool or server (kept in a private store)"
    return asked(mode, reason, certainty=Certainty.POSSIBLE)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """How the setting names a server's tools is not verified: any of these is taken for it."""
    if installation.server.builtin:
        return rule.pattern == tool.name
    server = installation.name
    return rule.pattern in (tool.name, f"{server}/{tool.name}", f"mcp_{server}_{tool.name}")


CLIENT = Client(ID, TITLE, load, decide, matches, believes=True)
