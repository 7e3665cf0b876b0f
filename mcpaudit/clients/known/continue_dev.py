"""Continue (editors and the CLI `cn`): lists of servers, and permissions that a run without a user relaxes.

Sources: continuedev/continue of June 2026, extensions/cli/src/permissions, extensions/cli/spec/permissions.md
and packages/config-yaml; npm @continuedev/cli 1.5.47 (the order of `permissions.yaml`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, allows, asks, by_mode, hidden_by_entry
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.layers import layered
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import secrets
from mcpaudit.model.decision import Decision, Effect, Mode, Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "continue", "Continue"
PERMISSIONS = "{home}/.continue/permissions.yaml"
_EFFECTS: tuple[tuple[str, Effect], ...] = (("exclude", "hide"), ("ask", "ask"), ("allow", "allow"))


def unwrap(name: str, entry: Node) -> Node:
    """Older entries nest what starts the server below `transport`; headers stand below `requestOptions`."""
    del name
    inner = [node for key in ("transport", "requestOptions") if (node := entry.child(key))]
    return layered([entry, *inner])


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """The CLI's saved permissions, which name tools without their server."""
    del files
    root = reading.file(PERMISSIONS, "yaml", f"{TITLE} permissions", ID)
    return (list(_rules(reading, agent, root)) if root else ()), ()


def _rules(reading: Reading, agent: Agent, root: Node) -> Iterator[Rule]:
    for key, effect in _EFFECTS:
        for node in root.texts(key) or ():
            text = reading.rule(node).removesuffix("(*)")
            yield Rule(agent.id, effect, text, "user", node.place, "any")


def name_of(one: Installation, tool: Tool) -> str:
    """Permissions know no servers: tools of one name are one."""
    del one
    return tool.name


CONTINUE = Declared(
    ID,
    TITLE,
    (
        Source("project", "{project}/.continue/mcpServers/*.yaml", syntax="yaml"),
        Source("project", "{project}/.continue/mcpServers/*.json"),
        Source("user", "{home}/.continue/config.yaml", syntax="yaml"),
        Source("user", "{home}/.continue/config.json", ("experimental", "modelContextProtocolServers")),
    ),
    by_mode(
        interactive=asks("no permission matches and Continue asks by default"),
        headless=allows("without a user the defaults of Continue's CLI allow every tool"),
        bypass=allows("its automatic mode allows every tool"),
    ),
    Dialect(
        expand=secrets,
        secret_keys=("apiKey",),
        env_file="",
        login_tables=("oauth",),
        harmless=("name", "connectionTimeout", "timeout", "faviconUrl", "transport", "requestOptions"),
    ),
    off=None,
    unwrap=unwrap,
    rules=rules,
    naming=name_of,
)


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """The automatic mode comes before every permission."""
    if mode == "bypass" and not hidden_by_entry(one, tool):
        return allowed("its automatic mode allows every tool, whatever the permissions say")
    return CONTINUE.decide(config, one, tool, mode)


CLIENT = replace(CONTINUE.client, decide=decide)
