"""Kilo Code: opencode's configuration under names of its own, and the extension's older `.kilocode/mcp.json`.

Sources: npm @kilocode/cli-linux-x64 7.7.9 (its bundle: files, order, merging, variables, older files, default
rules, `run`) and that client's own server listing and `debug agent`, observed. What no rule names runs
unasked in its default agent, `code`; its agents `ask` and `plan` ask then. `alwaysAllow` of the older files
counts nowhere, and the CLI does not read the editor's own `mcp_settings.json`. In no file that is read: what
an organisation's account, `.well-known/opencode` and macOS preferences say. Not followed: the main folder of
a linked git worktree, and what makes a file invalid beside its servers.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import STRICT, accepted, folders, in_folder, moved, rejected, stopped, there
from mcpaudit.clients.layers import layered
from mcpaudit.clients.permission_map import last_match, rules_of
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.clients.variables import curly
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

ID, TITLE = "kilo-code", "Kilo Code"
DIALECT = Dialect(
    expand=curly,
    env="environment",
    transports=(("local", "stdio"), ("remote", "http")),
    options=("enabled",),
)
# What the older files say is taken as it is: it is converted after variables were put in.
OLDER_DIALECT = replace(DIALECT, expand=Dialect().expand, env="env")
# The weaker first; of one name the stronger file's entry replaces the other's.
OLDER = ("{project}/.kilocode/mcp.json", "{project}/.kilo/mcp.json")
# All of these are the weakest first. Only the folder that it runs in has older files.
USER = tuple(
    "{home}/.config/kilo/" + name
    for name in ("config.json", "kilo.json", "kilo.jsonc", "opencode.json", "opencode.jsonc")
)
PROJECT = (
    ("{project}/kilo.json", "{project}/kilo.jsonc"),
    ("{project}/opencode.json", "{project}/opencode.jsonc"),
)
# Inside `.kilo` and the managed folder the order is another one than beside it (observed).
INNER = ("kilo.jsonc", "kilo.json", "opencode.jsonc", "opencode.json")
INNER_FOLDERS = (".kilocode/", ".kilo/")
SYSTEM = {
    "linux": "/etc/kilo/",
    "macos": "/Library/Application Support/kilo/",
    "windows": "{programdata}/kilo/",
}
ELSEWHERE = (
    *("KILO_CONFIG", "KILO_CONFIG_DIR", "KILO_CONFIG_CONTENT"),
    *("KILO_DISABLE_PROJECT_CONFIG", "KILO_PERMISSION"),
)
_NAME = re.compile(r"[^A-Za-z0-9_-]")
_VARIABLE = re.compile(r"\{(?:env|file):[^}]+\}")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Kilo Code; `None` where it has none of its own (`opencode.json` is opencode's)."""
    moved(reading, ELSEWHERE, TITLE, ID)
    files = [one for one in _files(reading) if there(reading, one[1])]
    if not any(there(reading, one) for one in OLDER) and all(_of_opencode(path) for _, path in files):
        return None
    agent = Agent(ID, ID, TITLE)
    roots, stop = _roots(reading, files)
    by_name, found = _entries(reading, agent, roots)
    found = [*(_installation(reading, agent, name, own) for name, own in by_name.items()), *found]
    chosen = [root.child("default_agent") for _, root in reversed(roots)]
    switches = [Switch("default_agent", str(node.value), node.place) for node in chosen if node]
    return AgentConfig(agent, tuple(rejected(found, stop)), rules_of(reading, agent, roots), tuple(switches))


def _roots(reading: Reading, files: list[tuple[str, str]]) -> tuple[list[tuple[str, Node]], str]:
    """The files that count, and why the client does not start, if so.

    It stops at a broken file of the user and at a managed one; any other is dropped, an empty one is as none
    (observed, but for the managed one).
    """
    roots: list[tuple[str, Node]] = []
    reasons: list[str] = []
    for level, path in files:
        strict = path in USER or level == "managed"
        root = reading.file(path, "json", f"{TITLE} {level} configuration", ID)
        if root is None:
            gap = reading.unreadable(path)
            empty = gap is not None and gap.reason == EMPTY
            reasons += [stopped(reading, [path], TITLE, ID)] if strict and not empty else []
        elif not (what := _invalid(root, level)):
            roots.append((level, root))
        elif strict:
            reasons.append(reading.stops(Gap("ignored", root.place, what, ID), TITLE))
        else:
            reason = f"{TITLE} ignores this whole file because of {what}"
            reading.gaps.append(Gap("ignored", root.place, reason, ID))
    return roots, next(filter(None, reasons), "")


def _entries(
    reading: Reading, agent: Agent, roots: list[tuple[str, Node]]
) -> tuple[dict[str, list[tuple[str, Node]]], list[Installation]]:
    """The entries of each name, the strongest first, and those that are skipped alone."""
    by_name: dict[str, list[tuple[str, Node]]] = {}
    skipped: list[Installation] = []
    for level, root in reversed(roots):
        servers = root.child("mcp")
        for name, node in servers.items() if servers else ():
            if level == "project" and _variable_in_headers(node.value):
                reason = f"{TITLE} skips an entry of a project with a variable in its headers"
                skipped.append(_unused(reading, agent, name, node, DIALECT, reason))
            else:
                # What is no whole server counts for its switch alone.
                part = node if _server(node.value) else _part(node, ("enabled",))
                by_name.setdefault(name, []).append((level, part))
    for name, node in _older(reading).items():
        if (entry := _converted(node)) is not None:
            # The older files are the weakest of all: the user's own file beats them (observed).
            by_name.setdefault(name, []).append(("project", entry))
        else:
            reason = f"{TITLE} skips an older entry without a command, or without a type to its URL"
            skipped.append(_unused(reading, agent, name, node, OLDER_DIALECT, reason))
    return by_name, skipped


def _files(reading: Reading) -> list[tuple[str, str]]:
    """Every file that may be there, the weakest first; outside a repository all parents count.

    Beside the code a nearer folder beats an outer one, and any `opencode` file any `kilo` file; of the
    folders `.kilo` the outer one beats the nearer, and that of the home beats them all (observed).
    """
    nearest_first = folders(reading.site, parents_without_git=True)
    inner = [f"{folder}{name}" for folder in nearest_first for name in INNER_FOLDERS]
    at_home = ["{home}/" + name for name in INNER_FOLDERS]
    return [
        *(("user", one) for one in USER),
        *(
            ("project", in_folder(one, folder))
            for pair in PROJECT
            for folder in reversed(nearest_first)
            for one in pair
        ),
        *(("project", folder + name) for folder in inner for name in INNER),
        *(("user", folder + name) for folder in at_home for name in INNER),
        *(("managed", SYSTEM[reading.site.platform] + name) for name in INNER),
    ]


def _of_opencode(path: str) -> bool:
    """Whether a file lies beside the code under opencode's name."""
    folder, _, name = path.rpartition("/")
    return (
        path.startswith("{project}/")
        and name.startswith("opencode.")
        and not folder.endswith((".kilo", ".kilocode"))
    )


def _invalid(root: Node, level: str) -> str:
    """What makes the whole file invalid, if anything: a bad server, or in a project's file a variable."""
    table = root.value if isinstance(root.value, dict) else {}
    servers = table.get("mcp", {})
    if not isinstance(servers, dict):
        return "`mcp` that is no object"
    project = level == "project"
    # A project's entries with variables in their headers are taken out before the rest is looked at.
    kept = {name: one for name, one in servers.items() if not (project and _variable_in_headers(one))}
    if project and "{env:" in "".join(_texts({**table, "mcp": kept})):
        return "a variable of the environment, which no file of a project may use"
    bad = next((name for name, one in kept.items() if not (_server(one) or _switch(one))), None)
    return "" if bad is None else f"the invalid server {bad}"


def _server(value: Json) -> bool:
    """Whether the schema knows a server in this, a local or a remote one."""
    table = value if isinstance(value, dict) else {}
    pairs = [table[key] for key in ("environment", "env", "headers") if key in table]
    words, kind = table.get("command"), table.get("type")
    local = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return (
        (local if kind == "local" else kind == "remote" and isinstance(table.get("url"), str))
        and isinstance(table.get("enabled", True), bool)
        and all(isinstance(one, dict) for one in pairs)
        and all(isinstance(one, str) for pair in pairs if isinstance(pair, dict) for one in pair.values())
    )


def _switch(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("enabled"), bool)


def _texts(value: Json) -> Iterator[str]:
    """Every key and every string in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _texts(one)


def _variable_in_headers(value: Json) -> bool:
    headers = value.get("headers") if isinstance(value, dict) else None
    return isinstance(headers, dict) and any(_VARIABLE.search(text) for text in _texts(headers))


def _older(reading: Reading) -> dict[str, Node]:
    """The servers of the older files; one that breaks their conversion takes both files along."""
    found: dict[str, Node] = {}
    for template in OLDER:
        root = reading.file(template, "json", f"{TITLE} older project servers", ID)
        root = accepted(reading, root, TITLE, ID, STRICT)
        servers = root.child("mcpServers") if root else None
        found |= dict(servers.items()) if servers else {}
    broken = next((name for name, node in found.items() if _breaks(node.value)), None)
    if broken is not None:
        reason = f"{TITLE} ignores all its older files because it cannot convert {broken}"
        reading.gaps.append(Gap("ignored", found[broken].place, reason, ID))
        return {}
    return found


def _breaks(value: Json) -> bool:
    """Whether the conversion of older entries fails at this one (two of these observed)."""
    if not isinstance(value, dict):
        return value is None
    text = value.get("alwaysAllow")
    return bool(isinstance(text, str) and text) or not isinstance(value.get("args"), list | str | None)


def _converted(node: Node) -> Node | None:
    """An older entry in the newer form, as far as merging asks for it; `None` for one that is skipped."""
    table = node.value if isinstance(node.value, dict) else {}
    remote = table.get("type") in ("sse", "streamable-http")
    if not table.get("url" if remote else "command"):
        return None
    entry = {key: one for key, one in table.items() if key != ("command" if remote else "url")}
    if isinstance(table.get("args"), str):
        # Each letter becomes a word of its own (observed).
        entry["args"] = [*str(table["args"])]
    entry |= {"type": "remote" if remote else "local"} | ({"enabled": False} if table.get("disabled") else {})
    return replace(node, value=entry)


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
        return replace(
            one, state="disabled", reason="the entry says `enabled: false`, or an older `disabled: true`"
        )
    return one


def _unused(
    reading: Reading, agent: Agent, name: str, node: Node, dialect: Dialect, reason: str
) -> Installation:
    return EntryReader(reading, agent, dialect).installation(name, node, "project", "rejected", reason)


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """The last rule that matches, else what the agent does: the default one, `code`, asks nobody."""
    own = installation.server.builtin
    if not own:
        # Rules see names with all but letters, digits, `_` and `-` replaced.
        installation = replace(installation, name=_NAME.sub("_", installation.name))
        tool = replace(tool, name=_NAME.sub("_", tool.name))
    rule = last_match(config.rules, installation, tool)
    if rule is None:
        if own:
            return default_decision(ID, tool.name, mode)
        chosen = config.switch("default_agent")
        if chosen is None or chosen.value in ("code", "build", "debug"):
            return allowed("no rule matches and the default agent of Kilo Code allows then")
        if chosen.value not in ("ask", "plan"):
            return allowed(
                "no rule matches; agents but `ask` and `plan` allow then", certainty=Certainty.POSSIBLE
            )
        if mode == "bypass":
            return allowed("no rule matches, and `--auto` answers every question")
        return asked(mode, f"no rule matches and the default agent, `{chosen.value}`, asks then")
    says = f"the last rule that matches, `{rule.pattern}`, says {rule.effect}"
    if rule.effect == "deny":
        return denied(says, rule)
    if rule.effect == "allow":
        return allowed(says, rule)
    # `kilo run` refuses what it would ask, with `--auto` it answers yes.
    if mode == "bypass":
        return allowed(f"{says}, and `--auto` answers every question", rule)
    return asked(mode, says, rule)
