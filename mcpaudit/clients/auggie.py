"""Auggie (Augment): settings at four levels, the workspace at the git root; what no rule names runs unasked.

Sources: npm @augmentcode/auggie 0.36.0 (bundle: files, rules, event types) and that client's own server
listing, observed. Not known: whether values are expanded, how the rules of several levels are joined, what
happens headless with what would be asked, and the tenant's policy, which is on a server and may be stricter.
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.decisions import allowed
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import MARK, accepted, folders, in_folder, rejected, there
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import unknown
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Effect, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = "auggie", "Auggie"
DIALECT = Dialect(
    expand=unknown,
    transports=(("stdio", "stdio"), ("http", "http"), ("sse", "sse")),
    options=("disabled",),
)
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
_EFFECTS: dict[str, Effect] = {"allow": "allow", "deny": "deny", "ask-user": "ask"}
# What decides there is a program or a service: neither is run.
_DECIDED_ELSEWHERE = ("script-policy", "webhook-policy")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Auggie; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
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
    stop = ""
    for level, path in files:
        root = reading.file(path, "json", f"{TITLE} {level} settings", ID)
        root = accepted(reading, root, TITLE, ID, () if level == "managed" else MARK)
        if root is None:
            continue
        servers = root.child("mcpServers")
        if servers is not None:
            found += _of_file(reading, entries, servers, level)
            stop = stop or _stop(reading, servers)
        rules += _rules(agent, level, root)
    return AgentConfig(agent, settle(rejected(found, stop), LEVELS), tuple(rules))


def _of_file(reading: Reading, entries: EntryReader, servers: Node, level: str) -> list[Installation]:
    """One file's servers: all of them vanish without a word where one entry is invalid (observed)."""
    found = [_state(one) for one in entries.installations(servers, level)]
    for name, node in servers.items() if isinstance(servers.value, dict) else ():
        kind, args = node.child("type"), node.child("args")
        known = [name for name, _ in DIALECT.transports]
        what = "the unknown `type`" if kind and kind.value not in known else ""
        what = what or ("`args` that are no list" if args and isinstance(args.value, str) else "")
        if what:
            reason = f"Auggie ignores all servers of this file because of {what} of {name}"
            reading.gaps.append(Gap("ignored", node.place, reason, ID))
            return rejected(found, reason)
    return found


def _stop(reading: Reading, servers: Node) -> str:
    """An entry with neither command nor URL stops the client (observed)."""
    for _, node in servers.items() if isinstance(servers.value, dict) else ():
        if isinstance(node.value, dict) and not node.child("command") and not node.child("url"):
            gap = Gap("ignored", node.place, "an entry with neither a command nor a URL", ID)
            return reading.stops(gap, TITLE)
    return ""


def _state(one: Installation) -> Installation:
    """`disabled: true` switches off; `enabled: false` does nothing (observed)."""
    if one.option("disabled") == "true" and one.state == "loaded":
        return replace(one, state="disabled", reason="the entry says `disabled: true`")
    return one


def _rules(agent: Agent, level: str, root: Node) -> Iterator[Rule]:
    listed = root.child("toolPermissions")
    for node in listed.elements() if listed else ():
        name, permission = node.text("toolName"), node.child("permission")
        kind = permission.text("type") if permission else ""
        if not name or kind not in (*_EFFECTS, *_DECIDED_ELSEWHERE):
            node.complain("a tool's name with a known type of permission")
            continue
        if node.text("eventType") == "tool-response":
            name += " (only answers)"
        elif node.child("shellInputRegex") is not None:
            # A rule for some uses cannot decide a tool as a whole: its pattern must not match any.
            name += " (only some commands)"
        elif kind in _DECIDED_ELSEWHERE:
            name += f" = {kind}"
        yield Rule(agent.id, _EFFECTS.get(kind, "ask"), name, level, node.place, "any")
    for node in root.texts("removedTools") or ():
        yield Rule(agent.id, "hide", str(node.value), level, node.place, "any")


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Removed tools are hidden; then the first rule that matches, else allow: nobody is asked."""
    own = installation.server.builtin
    name = tool.name if own else rule_name(installation, tool)
    certainty = Certainty.CERTAIN if own else Certainty.POSSIBLE
    matching = [rule for rule in config.rules if matches(rule, installation, tool)]
    for rule in matching:
        if rule.effect == "hide":
            return Decision(Verdict.HIDDEN, f"`removedTools` of the {rule.level} settings lists it", rule)
    firsts: dict[str, Rule] = {}
    for rule in matching:
        firsts.setdefault(rule.level, rule)
    if not firsts:
        if own:
            return default_decision(ID, tool.name, mode)
        sure = Certainty.POSSIBLE if config.rules else Certainty.CERTAIN
        return allowed("no rule matches and Auggie allows by default", certainty=sure)
    rule = next(iter(firsts.values()))
    says = f"the first rule that matches, `{rule.pattern}`, says {rule.effect}"
    if any(" = " in one.pattern for one in firsts.values()):
        return _unknown("a script or a service decides, which is not run", rule)
    if any(one.pattern != name for one in firsts.values()):
        return _unknown("whether Auggie reads wildcards in `toolName` is not known", rule)
    if len({one.effect for one in firsts.values()}) > 1:
        return _unknown("rules of several levels differ, and how Auggie joins them is not known", rule)
    if rule.effect == "ask" and mode != "interactive":
        return _unknown(f"{says}, and what Auggie does in {mode} mode is not known", rule)
    verdict = {"allow": Verdict.ALLOW, "deny": Verdict.DENY}.get(rule.effect, Verdict.ASK)
    return Decision(verdict, says, rule, certainty)


def matches(rule: Rule, installation: Installation, tool: Tool) -> bool:
    """`removedTools` names a tool; whether permissions take wildcards is not known, so they may."""
    name = tool.name if installation.server.builtin else rule_name(installation, tool)
    if rule.effect == "hide":
        return rule.pattern == name
    return fnmatchcase(name, rule.pattern.partition(" = ")[0])


def rule_name(installation: Installation, tool: Tool) -> str:
    """A server's tool as rules name it; that it is this form was not verified."""
    return f"{tool.name}_{installation.name}"


def _unknown(reason: str, rule: Rule) -> Decision:
    return Decision(Verdict.UNKNOWN, reason, rule, Certainty.UNKNOWN)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
