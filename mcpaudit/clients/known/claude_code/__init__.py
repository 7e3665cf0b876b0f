"""Claude Code: where it keeps servers.

Sources: the settings schema in @anthropic-ai/claude-code 2.1.330 and that client's own `mcp list`,
observed in November 2026; code.claude.com docs on MCP, settings and managed MCP.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import COMMA, rejected, stopped
from mcpaudit.clients.known.claude_code import settings as claude_settings
from mcpaudit.clients.known.claude_code.admission import Admission, Called
from mcpaudit.clients.known.claude_code.plugins import plugin_servers
from mcpaudit.clients.known.claude_code.rules import decide, matches, rule_name, rules_of, switches_of
from mcpaudit.clients.known.claude_code.settings import (
    Layer,
    dropped,
    project_record,
    server_files,
    settings_files,
)
from mcpaudit.clients.precedence import settle
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, braced, nothing
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.node import Node

ID, TITLE = claude_settings.ID, claude_settings.TITLE
USER = "{home}/.claude.json"
DIALECT = Dialect(
    expand=braced,
    options=("type",),
    login_tables=("oauth",),
    harmless=("timeout", "alwaysLoad", "headersHelper", "description"),
    ignores=True,  # observed for `disabled` and `autoApprove`
)
# An approved project entry beats the user's own of that name; local beats both (observed).
PRECEDENCE = ("managed", "local", "project", "user", "plugin")

Found = tuple[Installation, Node, Expand]
"""An entry as an installation, the entry itself, and how its variables are expanded."""


def load(reading: Reading) -> AgentConfig | None:
    """Read every file of Claude Code; `None` where it has none on this site."""
    agent = Agent(ID, ID, TITLE)
    settings = list(settings_files(reading))
    user = reading.file(USER, "json", f"{TITLE} user servers", ID)
    own = project_record(reading.site, user)
    nearby = list(server_files(reading.site))
    projects = [reading.open(path, shown, "json", f"{TITLE} project servers", ID) for path, shown in nearby]
    exclusive = claude_settings.MANAGED[reading.site.platform] + "managed-mcp.json"
    managed = reading.file(exclusive, "json", f"{TITLE} managed servers", ID)
    # A managed file that is broken leaves no servers at all, as an empty one does (observed).
    only_managed = managed is not None or reading.present(exclusive)
    roots = [("managed", managed), ("local", own), *(("project", root) for root in projects), ("user", user)]
    found = list(_delivered(reading, agent, settings))
    for level, root in roots:
        # The user's own file stops the client where it is not strict; the project's is dropped (observed).
        if root is not None and (level in ("local", "user") or not dropped(reading, root)):
            found += _entries(reading, agent, root.child("mcpServers"), level)
    admission = Admission.by(settings, own, only_managed, reading.site, braced)
    found += plugin_servers(reading, agent, DIALECT, admission)
    called = {one.place: Called.by(node, reading.site, expand) for one, node, expand in found}
    installed = [admission.asked(one, called[one.place]) for one, _, _ in found]
    installed = rejected(installed, stopped(reading, (USER,), TITLE, ID, ("comment", *COMMA)))
    if not (installed or settings or user or any(shown in reading.roles for _, shown in nearby)):
        return None
    # Until a project server is approved, the user's own of that name stays active (observed).
    idle = ("pending",) if reading.as_is else ()
    rules, switches = rules_of(reading, agent, settings), switches_of(settings)
    settled = settle(_nearest(installed), PRECEDENCE, idle)
    judged = [admission.listed(one, called[one.place]) for one in settled]
    return AgentConfig(agent, tuple(_without_repeats(judged, called)), rules, switches)


def _entries(reading: Reading, agent: Agent, servers: Node | None, level: str) -> Iterator[Found]:
    for name, node in servers.items() if servers else ():
        one = EntryReader(reading, agent, DIALECT).installation(name, node, level)
        yield one, node, DIALECT.expand


def _delivered(reading: Reading, agent: Agent, settings: list[Layer]) -> Iterator[Found]:
    """Servers that managed settings deliver: https only, others vanish without a word (observed)."""
    entries = EntryReader(reading, agent, replace(DIALECT, expand=nothing))
    for level, root in settings:
        servers = root.child("managedMcpServers")
        if servers is None:
            continue
        if level != "managed":
            reason = "Claude Code takes managedMcpServers from managed settings only"
            reading.gaps.append(Gap("ignored", servers.place, reason, ID))
            continue
        for name, node in servers.items():
            if isinstance(node.value, dict) and not str(node.value.get("url")).startswith("https://"):
                reason = (
                    "Claude Code takes https servers only from managedMcpServers; this entry does nothing"
                )
                reading.gaps.append(Gap("ignored", node.place, reason, ID))
            else:
                yield entries.installation(name, node, level), node, nothing


def _nearest(installed: list[Installation]) -> list[Installation]:
    """Of the project entries of one name the nearest one counts, also while it awaits approval (observed)."""
    first: dict[str, Installation] = {}
    for one in installed:
        if one.level == "project" and one.state != "rejected":
            first.setdefault(one.name, one)
    return [
        replace(one, shadowed_by=first[one.name].place)
        if one.level == "project" and one is not first.get(one.name, one)
        else one
        for one in installed
    ]


def _without_repeats(installed: list[Installation], called: dict[Place, Called]) -> list[Installation]:
    """A plugin's server is dropped where the user has one with the same command (observed)."""
    own = {
        called[one.place].argv: one.place
        for one in installed
        if one.level in ("user", "local") and one.state == "loaded" and called[one.place].argv
    }
    return [
        replace(one, shadowed_by=own[called[one.place].argv])
        if one.level == "plugin" and called[one.place].argv in own
        else one
        for one in installed
    ]


CLIENT = Client(ID, TITLE, load, decide, matches, rule_name)
