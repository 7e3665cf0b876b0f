"""Auggie (Augment): settings at four levels, the workspace at the git root; what no rule names runs unasked.

Sources: npm @augmentcode/auggie 0.36.0 (its bundle: files, merging, the schemas of entries and rules,
matching, tool names, variables, shell) and that client's own server listing, observed. In no file: the
tenant's policy and servers, which come from a service; of its rules and these the heaviest wins, so they can
only make an outcome stricter. Not followed: plugins; flags, of which `--permission` comes before all rules.
"""

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.entry import EntryReader
from mcpaudit.clients.files import MARK, accepted, folders, in_folder, rejected, there
from mcpaudit.clients.known.auggie.entry import LOCAL, REMOTE, as_run, bad_entry, transport
from mcpaudit.clients.known.auggie.rules import ID, decide, matches, rule_name, rules_of
from mcpaudit.clients.precedence import settle, switched_off
from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

TITLE = "Auggie"
MANAGED = {
    "linux": "/etc/augment/settings.json",
    "macos": "/etc/augment/settings.json",
    "windows": "{programdata}/augment/settings.json",
}
USER = "{home}/.augment/settings.json"
WORKSPACE = (
    ("local", "{project}/.augment/settings.local.json"),
    ("project", "{project}/.augment/settings.json"),
)
LEVELS = ("managed", "local", "project", "user")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Auggie; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    # The workspace is the git root alone, and outside a repository the current folder (observed).
    root_folder = folders(reading.site)[-1:]
    files = [
        ("managed", MANAGED[reading.site.platform]),
        *((level, in_folder(path, folder)) for folder in root_folder for level, path in WORKSPACE),
        ("user", USER),
    ]
    if not any(there(reading, path) for _, path in files):
        return None
    found: list[Installation] = []
    rules: list[Rule] = []
    switches: list[Switch] = []
    # Of each name the entry that wins, which alone can stop the others.
    winners: dict[str, Node] = {}
    for level, path in files:
        root = reading.file(path, "json", f"{TITLE} {level} settings", ID)
        root = accepted(reading, root, TITLE, ID, MARK)
        if root is None:
            continue
        if (servers := root.child("mcpServers")) is not None:
            found += _of_file(reading, agent, servers, level, winners)
        rules += rules_of(reading, agent, level, root)
        if isinstance(root.value, dict) and isinstance(root.value.get("enableToolSearch"), bool):
            search = root.child("enableToolSearch")
            switches += [Switch("enableToolSearch", str(search.value), search.place)] if search else []
    stop = next((_drop(reading, name, node) for name, node in winners.items() if not transport(node)), "")
    return AgentConfig(agent, settle(rejected(found, stop), LEVELS), tuple(rules), tuple(switches))


def _of_file(
    reading: Reading, agent: Agent, servers: Node, level: str, winners: dict[str, Node]
) -> list[Installation]:
    """One file's servers: all of them vanish without a word where one entry is invalid (observed)."""
    nodes = list(servers.items())
    found = [_installation(reading, agent, name, node, level) for name, node in nodes]
    for name, node in nodes:
        if what := bad_entry(node.value):
            reason = f"Auggie ignores all servers of this file because of {what} of {name}"
            reading.gaps.append(Gap("ignored", node.place, reason, ID))
            return rejected(found, reason)
    for name, node in nodes:
        winners.setdefault(name, node)
    return found


def _drop(reading: Reading, name: str, node: Node) -> str:
    """Of all levels together one entry without its transport drops every server, and ends the listing."""
    reason = (
        f"Auggie drops all servers of its settings because {name} has neither a command nor a URL of its type"
    )
    reading.gaps.append(Gap("ignored", node.place, reason, ID))
    return reason


def _installation(reading: Reading, agent: Agent, name: str, node: Node, level: str) -> Installation:
    """`disabled: true` switches off; `enabled: false` does nothing (observed)."""
    kind = transport(node)
    shown = as_run(node, kind, reading.site) if not bad_entry(node.value) else node
    dialect = REMOTE if kind in ("http", "sse") else LOCAL
    one = EntryReader(reading, agent, dialect).installation(name, shown, level)
    if one.option("disabled") == "true" and one.state == "loaded":
        return switched_off(one, node, "disabled", "disabled: true")
    return one


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
