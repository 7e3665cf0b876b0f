"""opencode: one configuration merged field by field over all files; what no rule speaks of runs unasked.

Sources: npm opencode-linux-x64 1.18.33 (schema, file names) and that client's own server listing, observed;
anomalyco/opencode docs, permissions.mdx, and its issue 41513 (`opencode run` rejects what it would ask,
`--auto` answers yes). An organisation's `.well-known/opencode` and macOS preferences are in no file that is
read; what else makes a file invalid beside its servers is not followed.
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import allowed, asked, denied
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import folders, in_folder, rejected, stopped, there
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.opencode_entry import is_server, is_switch, switch_of
from mcpaudit.clients.permission_map import last_match, matches, rule_name, rules_of
from mcpaudit.clients.precedence import switched_off
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.clients.variables import curly
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "opencode", "opencode"
DIALECT = Dialect(
    expand=curly,
    env="environment",
    transports=(("local", "stdio"), ("remote", "http")),
    options=("enabled",),
    login_tables=("oauth",),
    harmless=("timeout",),
)
SYSTEM = {
    "linux": "/etc/opencode/",
    "macos": "/Library/Application Support/opencode/",
    "windows": "{programdata}/opencode/",
}
# The weakest first, as the client reads them.
USER = (
    "{home}/.config/opencode/config.json",
    "{home}/.config/opencode/opencode.json",
    "{home}/.config/opencode/opencode.jsonc",
)
INNER_HOME = ("{home}/.opencode/opencode.json", "{home}/.opencode/opencode.jsonc")
PROJECT = ("{project}/opencode.json", "{project}/opencode.jsonc")
INNER = ("{project}/.opencode/opencode.json", "{project}/.opencode/opencode.jsonc")
FILE, FOLDER, CONTENT = "OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "$OPENCODE_CONFIG_CONTENT"
NAMES = ("opencode.json", "opencode.jsonc")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of opencode; `None` where it has none on this site."""
    files = [one for one in _files(reading) if one[1] == CONTENT or there(reading, one[1])]
    if not files:
        return None
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    roots = [(level, root) for level, path in files if (root := _root(reading, level, path))]
    by_name: dict[str, list[tuple[str, Node]]] = {}
    for level, root in reversed(roots):
        servers = root.child("mcp")
        for name, node in servers.items() if servers else ():
            # What is no whole server counts for its switch alone (observed).
            by_name.setdefault(name, []).append((level, node if is_server(node.value) else switch_of(node)))
    found = []
    for name, own in by_name.items():
        if not any(is_server(one.value) for _, one in own):
            continue  # switches without a server are not listed (observed)
        node = layered([one for _, one in own])
        one = _state(entries.installation(name, node, own[0][0]), node)
        below = node.below if isinstance(node, Layered) else ()
        found.append(replace(one, shadows=tuple(replace(layer.place, on_key=True) for layer in below)))
    found = rejected(found, _stopped(reading, roots, [path for _, path in files]))
    return AgentConfig(agent, tuple(found), rules_of(reading, agent, roots))


def _stopped(reading: Reading, roots: list[tuple[str, Node]], paths: list[str]) -> str:
    """Why it does not start: an invalid file of any level, or one invalid entry; an empty file is as none."""
    broken = [path for path in paths if not ((gap := reading.unreadable(path)) and gap.reason == EMPTY)]
    reason = stopped(reading, broken, TITLE, ID)
    for _, root in roots:
        servers = root.child("mcp")
        for name, node in servers.items() if servers else ():
            if not (is_server(node.value) or is_switch(node.value)):
                gap = Gap("wrong-type", node.place, f"the invalid server {name}", ID)
                reason = reason or reading.stops(gap, TITLE)
    return reason


def _root(reading: Reading, level: str, path: str) -> Node | None:
    role = f"{TITLE} {level} configuration"
    if path == CONTENT:
        return reading.text(reading.site.env[CONTENT[1:]], CONTENT, "json", role, ID)
    return reading.file(path, "json", role, ID)


def _files(reading: Reading) -> list[tuple[str, str]]:
    """Every file that may be there, the weakest first; outside a repository all parents count.

    Of the folders `.opencode` the outer one beats the nearer, and that of the home beats them all (observed).
    One that a variable names counts between the user's and the project's, a folder that one names, and then
    the content of one, after the project's (observed).
    """
    nearest_first = folders(reading.site, parents_without_git=True)
    system = SYSTEM[reading.site.platform]
    env = reading.site.env
    file, folder = _named(env.get(FILE, "")), _named(env.get(FOLDER, ""))
    return [
        *(("user", one) for one in USER),
        *([("environment", file)] if file else []),
        *(("project", in_folder(one, folder)) for folder in reversed(nearest_first) for one in PROJECT),
        *(("project", in_folder(one, folder)) for folder in nearest_first for one in INNER),
        *(("user", one) for one in INNER_HOME),
        *(("environment", f"{folder}/{name}") for name in NAMES if folder),
        *([("environment", CONTENT)] if env.get(CONTENT[1:]) else []),
        *(("managed", f"{system}{name}") for name in NAMES),
    ]


def _named(path: str) -> str:
    """A path as a template, empty for none: a relative one starts at the folder that the client runs in."""
    return path if not path or path.startswith("/") else "{project}/" + path


def _state(one: Installation, node: Node) -> Installation:
    """Only `enabled` switches a server off; hiding all its tools leaves it on (observed)."""
    if one.option("enabled") == "false":
        return switched_off(one, node, "enabled", "enabled: false")
    return one


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The last rule that matches, else allow: nobody is asked."""
    rule = last_match(config.rules, installation, tool)
    if rule is None:
        if installation.server.builtin:
            return default_decision(ID, tool.name, mode)
        return allowed("no rule matches and opencode allows by default")
    says = f"the last rule that matches, `{rule.pattern}`, says {rule.effect}"
    if rule.effect == "deny":
        return denied(says, rule)
    if rule.effect == "allow":
        return allowed(says, rule)
    if mode == "bypass":
        return allowed(f"{says}, and its bypass mode answers every question", rule)
    return asked(mode, says, rule)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
