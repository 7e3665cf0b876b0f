"""Qwen Code: settings at four levels, `.mcp.json`, approvals of project servers by content.

Sources: the documentation and the code bundled in npm @qwen-code/qwen-code 0.24.4 and that client's own
server listing, observed. Not known: where folder trust is kept.
"""

import hashlib
import json
from dataclasses import replace
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import COMMA, MARK, accepted, rejected, shares, stopped, there
from mcpaudit.clients.known.qwen_code.rules import ID, decide, matches, rule_name, rules_of, switches_of
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import plain
from mcpaudit.model.gap import Gap
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

TITLE = "Qwen Code"
DIALECT = Dialect(
    expand=plain,
    url=("httpUrl", "url"),
    options=("trust",),
    only_tools="includeTools",
    except_tools="excludeTools",
    numbers=True,
    login_tables=("oauth",),
    harmless=(
        *("timeout", "description", "authProviderType", "targetAudience", "targetServiceAccount"),
        *("extensionName", "scope", "discoveryTimeoutMs", "versionNegotiation"),
    ),
)
SYSTEM = {
    "linux": "/etc/qwen-code/",
    "macos": "/Library/Application Support/QwenCode/",
    "windows": "{programdata}/qwen-code/",
}
USER, PROJECT = "{home}/.qwen/settings.json", "{project}/.qwen/settings.json"
SHARED, APPROVALS = "{project}/.mcp.json", "{home}/.qwen/mcpApprovals.json"
LEVELS = ("system", "project", "user", "defaults")
_NOT_HASHED = ("scope", "extensionName", "description")


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Qwen Code; `None` where it has none, and no sign of its use beside `.mcp.json`."""
    agent = Agent(ID, ID, TITLE)
    entries = EntryReader(reading, agent, DIALECT)
    system = SYSTEM[reading.site.platform]
    files = [("system", f"{system}settings.json"), ("project", PROJECT), ("user", USER)]
    files.append(("defaults", f"{system}system-defaults.json"))
    if reading.site.project == reading.site.home:
        files.remove(("project", PROJECT))
    own = any(there(reading, one) for one in (APPROVALS, *(path for _, path in files)))
    if not own and not shares(reading, SHARED, "{home}/.qwen/", "{project}/.qwen"):
        return None
    roots = []
    for level, path in files:
        root = reading.file(path, "json", f"{TITLE} {level} settings", ID)
        if level == "project":
            root = accepted(reading, root, TITLE, ID, COMMA)
        if root is not None:
            roots.append((level, root))
    shared = reading.file(SHARED, "json", f"{TITLE} project servers", ID)
    shared = accepted(reading, shared, TITLE, ID, MARK)
    approvals = reading.file(APPROVALS, "json", f"{TITLE} approvals", ID)
    counted = roots
    if reading.as_is and _folder_trust([root for _, root in roots]):
        # Which folders the user trusts is not known; in one that is undecided these settings do not count.
        counted = [(level, root) for level, root in roots if level != "project"]
    limits = _Limits(reading, [root for _, root in counted])
    found: list[Installation] = []
    unread: list[Installation] = []
    # Of the project's two files the settings are the stronger (observed).
    for level, root in [*roots, *([("project", shared)] if shared else [])]:
        servers = root.child("mcpServers")
        for name, node in servers.items() if servers else ():
            one = _remote(entries.installation(name, node, level), node, root is shared)
            one = limits.apply(_approved(reading, one, node, approvals))
            # What does not count hides no user's server either, unlike one of `.mcp.json` (observed).
            (found if root is shared or (level, root) in counted else unread).append(one)
    stop = stopped(reading, (USER,), TITLE, ID, COMMA)
    settled = (*settle(rejected(found, stop), LEVELS), *rejected(unread, stop))
    rules = tuple(rule for level, root in counted for rule in rules_of(reading, agent, level, root))
    switches = tuple(switch for _, root in counted for switch in switches_of(root))
    return AgentConfig(agent, settled, rules, switches)


def _remote(one: Installation, node: Node, shared: bool) -> Installation:
    """`url` is SSE in settings whatever its `type`; in `.mcp.json` the `type` counts (observed)."""
    if one.entry.url is None or one.entry.command or node.text("httpUrl"):
        return one
    if not shared:
        return replace(one, server=replace(one.server, transport="sse"))
    return one if node.text("type") else replace(one, server=replace(one.server, transport="unknown"))


def _approved(reading: Reading, one: Installation, node: Node, approvals: Node | None) -> Installation:
    """A project's server needs an approval of exactly this entry; changed, it is pending again (observed)."""
    if one.level != "project" or one.state != "loaded":
        return one
    record = approvals.at(reading.site.folder, one.name) if approvals else None
    if record is not None and record.text("hash") == fingerprint(node):
        if record.text("status") == "approved":
            return one
        if record.text("status") == "rejected":
            reason = "the user rejected this project server"
            return replace(one, state="rejected", reason=reason, decided=record.place.at("status"))
    return replace(one, state="pending", reason="the user has not approved this project server yet")


def fingerprint(node: Node) -> str:
    """What an approval is bound to: the entry as compact JSON with sorted keys (observed)."""
    entry = node.value if isinstance(node.value, dict) else {}
    kept = {key: value for key, value in entry.items() if key not in _NOT_HASHED}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Limits:
    """`mcp.excluded` and `mcp.allowed`: lists of globs, of which the former wins; and folder trust."""

    def __init__(self, reading: Reading, roots: list[Node]) -> None:
        sections = [section for root in roots if (section := root.child("mcp"))]
        self.excluded = [node for one in sections for node in one.texts("excluded") or ()]
        lists = [listed for one in sections if (listed := one.texts("allowed")) is not None]
        self.allowed = [str(node.value) for listed in lists for node in listed] if lists else None
        own = [one for one in sections if one.child("allowed")]
        self.limited = own[0].place.at("allowed") if own else None
        if len(lists) > 1:
            reason = "how Qwen Code joins `mcp.allowed` of several levels is not known; read as one list"
            section = next(one for one in sections if one.child("allowed"))
            reading.gaps.append(Gap("not-understood", section.place, reason, ID))
        self.trust = _folder_trust(roots)

    def apply(self, one: Installation) -> Installation:
        """The installation as these settings leave it."""
        if one.state == "rejected":
            return one
        for node in self.excluded:
            if fnmatchcase(one.name, str(node.value)):
                return replace(one, state="disabled", reason="listed in mcp.excluded", decided=node.place)
        if self.allowed is not None and not any(fnmatchcase(one.name, glob) for glob in self.allowed):
            return replace(one, state="disabled", reason="not listed in mcp.allowed", decided=self.limited)
        if self.trust and one.level == "project" and one.state == "loaded":
            reason = "folder trust is on, and whether the user trusts this folder is not known"
            return replace(one, state="pending", reason=reason)
        return one


def _folder_trust(roots: list[Node]) -> bool:
    """Folder trust is off by default (observed); the strongest file that speaks of it decides."""
    flags = [node.flag("enabled") for root in roots if (node := root.at("security", "folderTrust"))]
    return next((flag for flag in flags if flag is not None), False)


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
