"""Holds the names of usage evidence against installations: which calls may have been calls of which tool.

Clients change names before a model sees them, and their logs keep the changed ones. Where two installations
may be meant, both count as called: nothing is said to be unused on a guess.
"""

import re
from collections.abc import Iterable, Iterator

from mcpaudit.clients.outcome import rule_name
from mcpaudit.dataclass import dataclass
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation
from mcpaudit.model.usage import ToolUse, Usage, Window, folder_digest

_ODD = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 64
"""Clients cut what is longer, and some put a digest of up to 40 digits at the end."""
_KEPT = _LONGEST - 40 - len("mcp__")
_EVERYWHERE = ("user", "managed", "system", "extension")
"""Levels at which a server is there in every folder."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The usage evidence of one audit, by what it is asked for."""

    uses: tuple[tuple[ToolUse, str], ...]
    """Each with server and tool as one name."""
    usage: Usage

    @classmethod
    def of(cls, usage: Usage) -> "Calls":
        """The names are worked out once, and asked for many times."""
        return cls(tuple((use, _joined(use)) for use in usage.tools), usage)

    def of_server(self, one: Installation) -> Iterator[ToolUse]:
        """The calls that may have gone to an installation, whatever the tool."""
        name = clean(one.name)
        for use, called in self.uses:
            if self._speaks_of(use, one):
                exact = use.server in (one.name, one.server.id) or called.startswith(f"{name}__")
                if exact or (len(name) > _KEPT and called[:_KEPT] == name[:_KEPT]):
                    yield use

    @staticmethod
    def of_tool(one: Installation, tool: Tool, uses: Iterable[ToolUse]) -> Iterator[ToolUse]:
        """Of the calls of an installation, those that may have gone to one of its tools."""
        whole = f"{clean(one.name)}__{clean(tool.name)}"
        names = {whole, rule_name(one, tool).removeprefix("mcp__")}
        long = len("mcp__") + len(whole) > _LONGEST
        for use in uses:
            called = _joined(use)
            exact = called in names or (use.server in (one.name, one.server.id) and use.tool == tool.name)
            if exact or (long and called[:_KEPT] == whole[:_KEPT]):
                yield use

    def windows(self, one: Installation, project: str) -> Iterator[Window]:
        """Where a call of an installation would have shown."""
        here, everywhere = folder_digest(project), one.level in _EVERYWHERE
        for window in self.usage.windows:
            if window.client and window.client != one.client:
                continue
            own = (window.identity or one.server.id) == one.server.id
            # A recording that was not told the name has the identity in its place.
            if window.server and not (own and window.server in (one.name, clean(one.name), one.server.id)):
                continue
            if everywhere or window.folder == here or (window.server and not window.folder):
                yield window

    def strangers(self, installed: list[Installation]) -> Iterator[tuple[str, str]]:
        """Clients and servers that were called and are none of these installations."""
        known = {use for one in installed for use in self.of_server(one)}
        seen = {one.client for one in installed}
        for use in self.usage.tools:
            if use not in known and (not use.client or use.client in seen):
                yield use.client, use.server

    @staticmethod
    def _speaks_of(use: ToolUse, one: Installation) -> bool:
        """Whether evidence is of this client and, where it knows the server's identity, of this server."""
        if use.client and use.client != one.client:
            return False
        return (use.identity or one.server.id) == one.server.id


def clean(name: str) -> str:
    """A name as most clients show it to a model."""
    return _ODD.sub("_", name)


def _joined(use: ToolUse) -> str:
    """Server and tool as one name: a log that has them as one cannot say where the server's name ends."""
    return f"{clean(use.server)}__{clean(use.tool)}"
