"""Auggie (Augment): settings at four levels, the workspace at the git root; what no rule names runs unasked.

Sources: npm @augmentcode/auggie 0.36.0 (its bundle: files, merging, the schemas of entries and rules,
matching, tool names, variables, shell) and that client's own server listing, observed. In no file: the
tenant's policy and servers, which come from a service; of its rules and these the heaviest wins, so they can
only make an outcome stricter. Not followed: plugins; flags, of which `--permission` comes before all rules.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Switch
from mcpaudit.clients.decisions import allowed, asked, denied
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import MARK, accepted, folders, in_folder, rejected, there
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expanded, braced, shell_like
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

ID, TITLE = "auggie", "Auggie"
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
TYPES = ("stdio", "http", "sse")
_EFFECTS: dict[str, Effect] = {"allow": "allow", "deny": "deny", "ask-user": "ask"}
# What decides there is a program or a service: neither is run. Each needs the key that names it.
_DECIDED_ELSEWHERE = {"script-policy": "script", "webhook-policy": "webhookUrl"}
_SHELL_TOOLS = ("launch-process", "shell", "bash")
# A command line with one of these does more than start one program.
_COMPOUND = re.compile(r"[|&;<>`\n]|\$\(")


def _workspace(text: str, site: Site) -> str:
    """`${workspaceFolder}` is the git root, put in before all else."""
    if site.project is None:
        return text
    chain = (site.project, *site.project.parents)
    root = next((folder for folder in chain if (folder / ".git").exists()), site.project)
    return text.replace("${workspaceFolder}", str(root))


def _in_shell(text: str, site: Site) -> Expanded:
    """A command line goes through `/bin/sh -c` (`cmd.exe /c` on Windows), so `$VAR` counts in it too."""
    expand = braced if site.platform == "windows" else shell_like
    return expand(_workspace(text, site), site)


def _plainly(text: str, site: Site) -> Expanded:
    return braced(_workspace(text, site), site)


LOCAL = Dialect(
    expand=_in_shell, expand_pairs=_plainly, transports=(("stdio", "stdio"),), options=("disabled",)
)
REMOTE = replace(LOCAL, expand=_plainly, transports=(("http", "http"), ("sse", "sse")))


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
        rules += _rules(reading, agent, level, root)
        if isinstance(root.value, dict) and isinstance(root.value.get("enableToolSearch"), bool):
            search = root.child("enableToolSearch")
            switches += [Switch("enableToolSearch", str(search.value), search.place)] if search else []
    stop = next((_drop(reading, name, node) for name, node in winners.items() if not _transport(node)), "")
    return AgentConfig(agent, settle(rejected(found, stop), LEVELS), tuple(rules), tuple(switches))


def _of_file(
    reading: Reading, agent: Agent, servers: Node, level: str, winners: dict[str, Node]
) -> list[Installation]:
    """One file's servers: all of them vanish without a word where one entry is invalid (observed)."""
    nodes = list(servers.items())
    found = [_installation(reading, agent, name, node, level) for name, node in nodes]
    for name, node in nodes:
        if what := _bad_entry(node.value):
            reason = f"Auggie ignores all servers of this file because of {what} of {name}"
            reading.gaps.append(Gap("ignored", node.place, reason, ID))
            return rejected(found, reason)
    for name, node in nodes:
        winners.setdefault(name, node)
    return found


def _bad_entry(value: object) -> str:
    """What the schema does not accept in an entry, if anything; keys that it does not know are fine."""
    if not isinstance(value, dict):
        return "the value that is no object"
    plain = str | int | float
    if "type" in value and value["type"] not in TYPES:
        return "the unknown `type`"
    for key in ("name", "title", "command", "url", "clientId", "cwd"):
        if key in value and not isinstance(value[key], str):
            return f"`{key}` that is no string"
    args, env, headers = value.get("args", []), value.get("env", {}), value.get("headers", {})
    if not isinstance(args, list) or not all(isinstance(word, plain) for word in args):
        return "`args` that are no list of words"
    if not isinstance(env, dict) or not all(isinstance(word, plain | None) for word in env.values()):
        return "`env` that is no table of words"
    if not isinstance(headers, dict) or not all(isinstance(word, str) for word in headers.values()):
        return "`headers` that are no table of strings"
    return "" if isinstance(value.get("disabled", False), bool) else "`disabled` that is not true or false"


def _transport(node: Node) -> str:
    """The transport that an entry stands for, empty where it lacks what that needs; a URL beats a command."""
    table = node.value if isinstance(node.value, dict) else {}
    kind = table.get("type") or ("http" if table.get("url") else "stdio")
    return str(kind) if table.get("command" if kind == "stdio" else "url") else ""


def _drop(reading: Reading, name: str, node: Node) -> str:
    """Of all levels together one entry without its transport drops every server, and ends the listing."""
    reason = (
        f"Auggie drops all servers of its settings because {name} has neither a command nor a URL of its type"
    )
    reading.gaps.append(Gap("ignored", node.place, reason, ID))
    return reason


def _installation(reading: Reading, agent: Agent, name: str, node: Node, level: str) -> Installation:
    """`disabled: true` switches off; `enabled: false` does nothing (observed)."""
    kind = _transport(node)
    shown = _as_run(node, kind, reading.site) if not _bad_entry(node.value) else node
    dialect = REMOTE if kind in ("http", "sse") else LOCAL
    one = EntryReader(reading, agent, dialect).installation(name, shown, level)
    if one.option("disabled") == "true" and one.state == "loaded":
        return replace(one, state="disabled", reason="the entry says `disabled: true`")
    return one


def _as_run(node: Node, kind: str, site: Site) -> Node:
    """The entry as it is run: numbers as words, and a command line that a shell takes apart taken apart."""
    if not isinstance(node.value, dict):
        return node
    table = dict(node.value)
    if kind != "stdio":
        return replace(node, value=table | {"type": kind or "stdio"})
    listed = table.get("args")
    words = [_word(one) for one in listed] if isinstance(listed, list) else []
    line = " ".join([str(table["command"]), *words])
    if site.platform != "windows" and any(" " in one for one in (str(table["command"]), *words)):
        try:
            split = [] if _COMPOUND.search(line) else shlex.split(line)
        except ValueError:
            split = []
        if split:
            table["command"], words = split[0], split[1:]
    return replace(node, value=table | {"args": [*words]})


def _word(value: object) -> str:
    """A word of `args` as JavaScript writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rules(reading: Reading, agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    """One file's rules: one invalid entry of a list takes the whole list along."""
    listed = root.child("toolPermissions")
    nodes = list(listed.elements()) if listed else []
    bad = [node for node in nodes if _bad_rule(node)]
    if listed and bad:
        reason = "Auggie ignores all rules of this list because one of them is invalid"
        reading.gaps.append(Gap("ignored", listed.place, reason, ID))
        nodes = []
    for node in nodes:
        yield _rule(agent, level, node)
    removed = root.child("removedTools")
    names = list(removed.elements()) if removed else []
    if all(isinstance(node.value, str) for node in names):
        for node in names:
            yield Rule(agent.id, "hide", str(node.value), level, node.place, "command")
    elif removed:
        removed.complain("a list of strings")


def _bad_rule(node: Node) -> bool:
    rule = node.value if isinstance(node.value, dict) else {}
    permission = rule.get("permission")
    table: Mapping[str, object] = permission if isinstance(permission, dict) else {}
    kind = table.get("type")
    needed = _DECIDED_ELSEWHERE.get(str(kind), "type")
    good = (
        isinstance(rule.get("toolName"), str)
        and kind in (*_EFFECTS, *_DECIDED_ELSEWHERE)
        and isinstance(table.get(needed), str)
        and rule.get("eventType", "tool-call") in ("tool-call", "tool-response")
        and isinstance(rule.get("shellInputRegex", ""), str)
    )
    if not good:
        node.complain("a tool's name with a known type of permission")
    return not good


def _rule(agent: Agent, level: str, node: Node) -> Rule:
    permission = node.child("permission")
    name, kind = node.text("toolName"), permission.text("type") if permission else ""
    problem = ""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", name):
        problem = "Auggie compares whole names, and no name of an MCP tool has such characters"
    if node.text("eventType") == "tool-response":
        name += " (only answers)"
    elif name in _SHELL_TOOLS and node.text("shellInputRegex"):
        # A rule for some uses cannot decide a tool as a whole. Of other tools the expression is ignored.
        name += " (only some commands)"
    elif kind in _DECIDED_ELSEWHERE:
        name += f" = {kind}"
    effective = False if problem else None
    return Rule(
        agent.id, _EFFECTS.get(kind, "ask"), name, level, node.place, effective=effective, problem=problem
    )


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Removed tools are hidden; then the first rule with this name, the strongest level first, else allow."""
    own = installation.server.builtin
    name = tool.name if own else full_name(installation.name, tool.name)
    hides = next((one for one in config.rules if one.effect == "hide" and one.pattern == name), None)
    rule = next(
        (one for one in config.rules if one.effect != "hide" and one.pattern.partition(" = ")[0] == name),
        None,
    )
    found = config.switch("enableToolSearch")
    if not own and found and found.value == "True" and (hides or rule):
        # Where the service allows that too, such calls go through its `execute-tool`, which asks no rule.
        return _unknown(
            "with `enableToolSearch` its tools may run past the rules that name them", hides or rule
        )
    if hides:
        return Decision(Verdict.HIDDEN, f"`removedTools` of the {hides.level} settings lists it", hides)
    if rule is None:
        if own:
            return default_decision(ID, tool.name, mode)
        return allowed("no rule names it and Auggie allows by default")
    says = f"the first rule that names it, of the {rule.level} settings, says {rule.effect}"
    if " = " in rule.pattern:
        return _unknown("a script or a service decides, which is not run", rule)
    if rule.effect == "deny":
        return denied(says, rule)
    # There is no mode that answers questions; with `--print` nobody is there, and the call is refused.
    return allowed(says, rule) if rule.effect == "allow" else asked(mode, says, rule)


def full_name(server: str, tool: str) -> str:
    """`<tool>_<server>`, as rules name it: other characters become `_`, cut at 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{tool}_{server}")[:64]


def _unknown(reason: str, rule: Rule | None) -> Decision:
    return Decision(Verdict.UNKNOWN, reason, rule, Certainty.UNKNOWN)
