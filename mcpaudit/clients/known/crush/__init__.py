"""Crush: a shell script or older JSON for each project and user; what is not allowed by name is asked.

Source: charmbracelet/crush, README.md and schema.json of August 2026.
"""

import re
from collections.abc import Iterable, Sequence

from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.known.crush import script
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expanded, shell_like
from mcpaudit.model.decision import Rule
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Site

ID, TITLE = script.ID, "Crush"
_RUN = re.compile(r"\$\([^)]{0,500}\)?|`[^`]{0,500}`?")


def expand(text: str, site: Site) -> Expanded:
    """`$NAME` and its like; what a command would put in (`$(...)`) is not known."""
    ran = tuple(dict.fromkeys(match[0] for match in _RUN.finditer(text)))
    if ran:
        return Expanded(text, ran)
    return shell_like(text, site)


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """Allowed and disabled tools of every file."""
    found: list[Rule] = []
    for file in files:
        if file.source.syntax == "shell":
            commands = file.root.child("commands")
            found += script.rules(reading, agent, file.level, commands) if commands else ()
            continue
        permissions, options = file.root.child("permissions"), file.root.child("options")
        for node in (permissions.texts("allowed_tools") if permissions else None) or ():
            found.append(Rule(agent.id, "allow", reading.rule(node), file.level, node.place, "any"))
        for node in (options.texts("disabled_tools") if options else None) or ():
            found.append(Rule(agent.id, "hide", reading.rule(node), file.level, node.place, "any"))
    return found, ()


def name_of(one: Installation, tool: Tool) -> str:
    """A server's tool as rules name it."""
    return f"mcp_{one.name}_{tool.name}"


def _script(level: str, path: str) -> Source:
    return Source(level, path, ("commands",), "shell", entries=script.servers)


CLIENT = Declared(
    ID,
    TITLE,
    (
        _script("project", "{project}/.crushrc"),
        _script("project", "{project}/crushrc"),
        Source("project", "{project}/.crush.json", ("mcp",)),
        Source("project", "{project}/crush.json", ("mcp",)),
        _script("user", "{home}/.config/crush/crushrc"),
        Source("user", "{home}/.config/crush/crush.json", ("mcp",)),
    ),
    asks("no permission names it and Crush asks by default", sure=True),
    Dialect(
        expand=expand,
        options=("disabled",),
        only_tools="enabled_tools",
        except_tools="disabled_tools",
        secret_keys=("oauth_client_secret",),
        harmless=("timeout", "oauth", "oauth_client_id", "oauth_callback_port"),
    ),
    rules=rules,
    wildcards=False,
    naming=name_of,
).client
