"""Kilo Code: opencode's configuration under names of its own, and the extension's older `.kilocode/mcp.json`.

Sources: Kilo-Org/kilocode, kilo-docs, using-in-kilo-code.md (files, rules); Kilo 7.7.9's own server listing,
observed. Not known: what it does headless with what would be asked, whether the older `alwaysAllow` still
counts, the order of the user's own files, and managed files outside Linux.
"""

from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import allowed, asked, denied
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import folders, in_folder, moved, rejected, stopped, there
from mcpaudit.clients.layers import Layered, layered
from mcpaudit.clients.permission_map import last_match, matches, rule_name, rules_of
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import curly
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "kilo-code", "Kilo Code"
DIALECT = Dialect(
    expand=curly,
    env="environment",
    transports=(("local", "stdio"), ("remote", "http")),
    options=("enabled", "disabled"),
)
# The older file keeps the usual shape; whether its values are expanded was not observed.
OLDER_DIALECT = Dialect(options=("enabled", "disabled"))
OLDER = "{project}/.kilocode/mcp.json"
OLDER_FILE = OLDER.removeprefix("{project}/")
# The weakest first: any `.json` before any `.jsonc`, `kilo` before `opencode` (observed for projects).
USER = (
    *("{home}/.config/kilo/config.json", "{home}/.config/kilo/kilo.json"),
    *("{home}/.config/kilo/opencode.json", "{home}/.config/kilo/kilo.jsonc"),
    "{home}/.config/kilo/opencode.jsonc",
)
PROJECT = (
    "{project}/kilo.json",
    "{project}/opencode.json",
    "{project}/kilo.jsonc",
    "{project}/opencode.jsonc",
)
INNER = ("{project}/.kilo/kilo.json", "{project}/.kilo/kilo.jsonc")
MANAGED = ("/etc/kilo/kilo.json", "/etc/kilo/kilo.jsonc")
ELSEWHERE = ("KILO_CONFIG_CONTENT",)


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Kilo Code; `None` where it has none of its own (`opencode.json` is opencode's)."""
    moved(reading, ELSEWHERE, TITLE, ID)
    files = [one for one in _files(reading) if there(reading, one[1])]
    older = reading.file(OLDER, "json", f"{TITLE} older project servers", ID)
    if not there(reading, OLDER) and all(_of_opencode(path) for _, path in files):
        return None
    agent = Agent(ID, ID, TITLE)
    roots = [
        (level, root)
        for level, path in files
        if (root := reading.file(path, "json", f"{TITLE} {level} configuration", ID))
    ]
    by_name: dict[str, list[tuple[str, Node]]] = {}
    tables = [(level, root.child("mcp")) for level, root in reversed(roots)]
    # The older file is the weakest of all: the user's own file beats it (observed).
    tables.append(("project", older.child("mcpServers") if older else None))
    for level, servers in tables:
        for name, node in servers.items() if servers else ():
            by_name.setdefault(name, []).append((level, node))
    found = [_installation(reading, agent, name, own) for name, own in by_name.items()]
    # A broken file of the user stops the client, one of a project is dropped (observed).
    found = rejected(found, stopped(reading, USER, TITLE, ID))
    approved = _always_allowed(agent, older.child("mcpServers") if older else None)
    return AgentConfig(agent, tuple(found), (*approved, *rules_of(reading, agent, roots)))


def _files(reading: Reading) -> list[tuple[str, str]]:
    """Every file that may be there, the weakest first; outside a repository all parents count."""
    outer_first = folders(reading.site, parents_without_git=True)[::-1]
    return [
        *(("user", one) for one in USER),
        *(("project", in_folder(one, folder)) for folder in outer_first for one in PROJECT),
        *(("project", in_folder(one, folder)) for folder in outer_first for one in INNER),
        *(("managed", one) for one in MANAGED if reading.site.platform == "linux"),
    ]


def _of_opencode(path: str) -> bool:
    return path.startswith("{project}/") and path.rpartition("/")[2].startswith("opencode.")


def _installation(reading: Reading, agent: Agent, name: str, own: list[tuple[str, Node]]) -> Installation:
    node = layered([one for _, one in own])
    command = node.child("command")
    older = command is not None and isinstance(command.value, str)
    one = EntryReader(reading, agent, OLDER_DIALECT if older else DIALECT).installation(name, node, own[0][0])
    below = node.below if isinstance(node, Layered) else ()
    one = replace(one, shadows=tuple(replace(layer.place, on_key=True) for layer in below))
    if one.option("enabled") == "false":
        return replace(one, state="disabled", reason="the entry says `enabled: false`")
    if one.option("disabled") == "true" and not one.option("enabled") and own[-1][1].place.file == OLDER_FILE:
        return replace(one, state="disabled", reason="the entry says `disabled: true`")
    return one


def _always_allowed(agent: Agent, servers: Node | None) -> tuple[Rule, ...]:
    """`alwaysAllow` of the older file, by full names; weaker than any rule."""
    return tuple(
        Rule(agent.id, "allow", f"{server}_{node.value}", "older", node.place)
        for server, entry in (servers.items() if servers else ())
        for node in entry.texts("alwaysAllow") or ()
    )


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The last rule that matches, else ask."""
    rule = last_match(config.rules, installation, tool)
    if rule is None:
        if installation.server.builtin:
            return default_decision(ID, tool.name, mode)
        return _ask(mode, "no rule matches and Kilo Code asks by default")
    if rule.level == "older":
        return _unknown("whether Kilo Code still honours `alwaysAllow` of its older file is not known", rule)
    says = f"the last rule that matches, `{rule.pattern}`, says {rule.effect}"
    if rule.effect == "deny":
        return denied(says, rule)
    return allowed(says, rule) if rule.effect == "allow" else _ask(mode, says, rule)


def _ask(mode: Mode, reason: str, rule: Rule | None = None) -> Decision:
    if mode == "interactive":
        return asked(mode, reason, rule)
    return _unknown(f"{reason}, and what it does in {mode} mode is not known", rule)


def _unknown(reason: str, rule: Rule | None) -> Decision:
    return Decision(Verdict.UNKNOWN, reason, rule, Certainty.UNKNOWN)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
