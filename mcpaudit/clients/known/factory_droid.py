"""Factory Droid: servers in each folder up to the git root and in the home; approvals in the user's file.

Source: npm droid 0.215.0: its own `droid mcp list`, observed, and the schema and the check of approvals in
its bundle (`persistentPermissions`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import braced
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Rule
from mcpaudit.model.server import Agent
from mcpaudit.parsing.document import Oddity
from mcpaudit.parsing.node import Node

_DROPS: tuple[Oddity, ...] = ("trailing-comma", "bom")


def unwrap(name: str, entry: Node) -> Node:
    """An entry without a type is started as a command, so that a URL alone does nothing (observed)."""
    del name
    table = entry.value if isinstance(entry.value, dict) else {}
    if "type" in table or "url" not in table:
        return entry
    return replace(entry, value={key: one for key, one in table.items() if key != "url"})


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """What the user approved for good, of whole servers and of tools; only the user's own file counts."""
    return [rule for file in files if file.level == "user" for rule in _approvals(reading, agent, file)], ()


def _approvals(reading: Reading, agent: Agent, file: File) -> Iterator[Rule]:
    servers = file.root.at("persistentPermissions", "servers")
    for server, node in servers.items() if servers else ():
        if isinstance(node.value, dict) and {"approvedAt", "impactLevel"} <= node.value.keys():
            yield Rule(agent.id, "allow", f"{server}/*", "user", replace(node.place, on_key=True))
    tools = file.root.at("persistentPermissions", "tools")
    for server, own in tools.items() if tools else ():
        for tool, node in own.items():
            if isinstance(node.value, dict) and {"approvedAt", "impactLevel"} <= node.value.keys():
                yield Rule(agent.id, "allow", f"{server}/{tool}", "user", replace(node.place, on_key=True))


CLIENT = Declared(
    "factory-droid",
    "Factory Droid",
    (
        Source("project", "{project}/.factory/mcp.json", rejects=_DROPS, upward=True),
        Source("user", "{home}/.factory/mcp.json", rejects=_DROPS),
    ),
    asks("Droid asks, unless the level of autonomy lets tools of that impact run"),
    Dialect(
        expand_pairs=braced,
        options=("disabled",),
        only_tools="enabledTools",
        except_tools="disabledTools",
        login_tables=("oauth",),
        harmless=("timeout", "connectTimeout"),
    ),
    approved=Certainty.POSSIBLE,  # bound to an impact and an identity that are worked out at run time
    unwrap=unwrap,
    rules=rules,
).client
