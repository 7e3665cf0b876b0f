"""Kilo Code: opencode's configuration under names of its own, and the extension's older `.kilocode/mcp.json`.

Sources: npm @kilocode/cli-linux-x64 7.7.9 (its bundle: files, order, merging, variables, older files, default
rules, `run`) and that client's own server listing and `debug agent`, observed. What no rule names runs
unasked in its default agent, `code`; its agents `ask` and `plan` ask then. `alwaysAllow` of the older files
counts nowhere, and the CLI does not read the editor's own `mcp_settings.json`. In no file that is read: what
an organisation's account, `.well-known/opencode` and macOS preferences say. Not followed: the main folder of
a linked git worktree, and what makes a file invalid beside its servers.
"""

from collections.abc import Collection
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import moved, rejected, there
from mcpaudit.clients.known.kilo_code.files import (
    ELSEWHERE,
    ID,
    TITLE,
    files_of,
    of_opencode,
    roots_of,
    variable_in_headers,
)
from mcpaudit.clients.known.kilo_code.older import OLDER, converted, older_entries
from mcpaudit.clients.known.kilo_code.rules import decide, matches, rule_name
from mcpaudit.clients.layers import layered
from mcpaudit.clients.opencode_entry import is_server
from mcpaudit.clients.permission_map import rules_of
from mcpaudit.clients.precedence import switched_off
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import curly
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

DIALECT = Dialect(
    expand=curly,
    env="environment",
    transports=(("local", "stdio"), ("remote", "http")),
    options=("enabled",),
    login_tables=("oauth",),
    harmless=("timeout",),
)
# What the older files say is taken as it is: it is converted after variables were put in.
OLDER_DIALECT = replace(DIALECT, expand=Dialect().expand, env="env")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Kilo Code; `None` where it has none of its own (`opencode.json` is opencode's)."""
    moved(reading, ELSEWHERE, TITLE, ID)
    files = [one for one in files_of(reading) if there(reading, one[1])]
    if not any(there(reading, one) for one in OLDER) and all(of_opencode(path) for _, path in files):
        return None
    agent = Agent(ID, ID, TITLE)
    roots, stop = roots_of(reading, files)
    by_name, found = _entries(reading, agent, roots)
    # Switches without a server are not listed (observed).
    servers = {name: own for name, own in by_name.items() if any(_whole(node) for _, node in own)}
    found = [*(_installation(reading, agent, name, own) for name, own in servers.items()), *found]
    chosen = [root.child("default_agent") for _, root in reversed(roots)]
    switches = [Switch("default_agent", str(node.value), node.place) for node in chosen if node]
    return AgentConfig(agent, tuple(rejected(found, stop)), rules_of(reading, agent, roots), tuple(switches))


def _entries(
    reading: Reading, agent: Agent, roots: list[tuple[str, Node]]
) -> tuple[dict[str, list[tuple[str, Node]]], list[Installation]]:
    """The entries of each name, the strongest first, and those that are skipped alone."""
    by_name: dict[str, list[tuple[str, Node]]] = {}
    skipped: list[Installation] = []
    for level, root in reversed(roots):
        servers = root.child("mcp")
        for name, node in servers.items() if servers else ():
            if level == "project" and variable_in_headers(node.value):
                reason = f"{TITLE} skips an entry of a project with a variable in its headers"
                skipped.append(_unused(reading, agent, name, node, DIALECT, reason))
            else:
                # What is no whole server counts for its switch alone.
                part = node if is_server(node.value, "env") else _part(node, ("enabled",))
                by_name.setdefault(name, []).append((level, part))
    for name, node in older_entries(reading).items():
        if (entry := converted(node)) is not None:
            # The older files are the weakest of all: the user's own file beats them (observed).
            by_name.setdefault(name, []).append(("project", entry))
        else:
            reason = f"{TITLE} skips an older entry without a command, or without a type to its URL"
            skipped.append(_unused(reading, agent, name, node, OLDER_DIALECT, reason))
    return by_name, skipped


def _whole(node: Node) -> bool:
    return set(_table(node)) != {"enabled"}


def _merged(own: list[tuple[str, Node]]) -> Node:
    """The entries of one name, the strongest first, as one; a project's own server gets no secret of another.

    Of another type it takes only the switch over, with another URL all but the headers and the login.
    """
    layers: list[Node] = []
    for level, node in reversed(own):
        below = layered(layers) if layers else None
        if level == "project" and below is not None:
            kind, url = node.text("type"), node.text("url")
            if kind and kind != below.text("type"):
                layers = [_part(one, ("enabled", "timeout")) for one in layers]
            elif url and below.text("url") not in ("", url):
                layers = [_part(one, set(_table(one)) - {"headers", "oauth"}) for one in layers]
        layers.insert(0, node)
    return layered(layers)


def _table(node: Node) -> dict[str, Json]:
    return node.value if isinstance(node.value, dict) else {}


def _part(node: Node, keys: Collection[str]) -> Node:
    return replace(node, value={key: one for key, one in _table(node).items() if key in keys})


def _installation(reading: Reading, agent: Agent, name: str, own: list[tuple[str, Node]]) -> Installation:
    node = _merged(own)
    command = node.child("command")
    older = command is not None and isinstance(command.value, str)
    # The newer form takes `env` for `environment`, too.
    env = "environment" if node.child("environment") else "env"
    dialect = replace(OLDER_DIALECT if older else DIALECT, env=env)
    one = EntryReader(reading, agent, dialect).installation(name, node, own[0][0])
    one = replace(one, shadows=tuple(replace(layer.place, on_key=True) for _, layer in own[1:]))
    if one.option("enabled") == "false":
        says = "disabled: true" if older else "enabled: false"
        return switched_off(one, node, "enabled" if not older else "disabled", says)
    return one


def _unused(
    reading: Reading, agent: Agent, name: str, node: Node, dialect: Dialect, reason: str
) -> Installation:
    return EntryReader(reading, agent, dialect).installation(name, node, "project", "rejected", reason)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
