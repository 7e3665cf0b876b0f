"""Claude Code: may a server load? Exclusive sets, allow and deny lists, switches and approvals.

Sources: the settings schema in @anthropic-ai/claude-code 2.1.330 and that client's own `mcp list`,
observed in November 2026; digests of the code.claude.com page on managed MCP where a comment says so.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.known.claude_code.settings import Layer
from mcpaudit.clients.variables import Expand
from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.veiled import unveiled

_RESERVED = {"workspace", "claude-in-chrome", "computer-use", "Claude Preview", "Claude Browser"}
_REMOTE = ("http", "sse", "ws", "streamable-http")
_ORGANIZATION = ("managed", "user")


@dataclass(frozen=True, slots=True)
class Called:
    """What an entry starts or calls, as it is compared with the lists; its secrets are never shown."""

    argv: tuple[str, ...]
    url: str
    variables: bool
    """Whether any word of the entry holds `${...}`."""
    skipped: str = ""
    """Why the client skips the entry; empty where it does not."""

    @classmethod
    def by(cls, entry: Node, site: Site, expand: Expand) -> "Called":
        """Read from the entry as it stands in its file: masking would change what is compared."""
        raw = entry.value if isinstance(entry.value, dict) else {}
        command, args, url = raw.get("command"), raw.get("args"), raw.get("url")
        words = [command, *(args if isinstance(args, list) else ())] if command else []
        argv = tuple(expand(word, site).text for word in words if isinstance(word, str))
        called = expand(url, site).text if isinstance(url, str) else ""
        return cls(argv, called, any("${" in word for word in _strings(raw)), _skipped(raw))


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of `allowedMcpServers` or `deniedMcpServers`."""

    kind: str
    words: tuple[str, ...]
    level: str
    place: Place

    def matches(self, one: Installation, called: Called) -> bool:
        """By name, by the exact command line, or by the URL with `*` for anything (schema)."""
        if self.kind == "serverName":
            return self.words == (one.name,)
        if self.kind == "serverCommand":
            return self.words == called.argv and not remote(one)
        first, *rest = map(re.escape, self.words[0].split("*"))
        # The first place where a piece fits is as good as any later one, and without a way back it is quick.
        pieces = [f"(?>.*?{piece})" for piece in rest[:-1]] + [f".*{piece}" for piece in rest[-1:]]
        return remote(one) and re.fullmatch(first + "".join(pieces), called.url, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Admission:
    """Everything outside an entry that decides whether it loads."""

    settings: list[Layer]
    own: Node | None
    """The record of this project in `~/.claude.json`."""
    trusted: bool
    exclusive: bool
    """Whether `managed-mcp.json` gives the only servers there are."""
    allow: tuple[Listed, ...]
    deny: tuple[Listed, ...]
    limited: Place | None
    """The strongest allow list; `None` where all servers are allowed."""
    plugins_only: Place | None

    @classmethod
    def by(
        cls, settings: list[Layer], own: Node | None, exclusive: bool, site: Site, expand: Expand
    ) -> "Admission":
        """Work out once what counts for all servers."""
        trusted = own is not None and own.flag("hasTrustDialogAccepted") is True
        # Any repository's deny list removes a user's server, and its allow list counts as the user's own,
        # also in an untrusted folder (both observed).
        managed = [layer for layer in settings if layer[0] == "managed"]
        # The user's list widens the managed one, unless this says no (observed).
        only_managed = any(root.flag("allowManagedMcpServersOnly") for _, root in managed)
        allowing = managed if only_managed else settings
        lists = [
            node.place
            for _, root in allowing
            if (node := root.child("allowedMcpServers")) is not None and isinstance(node.value, list)
        ]
        return cls(
            settings,
            own,
            trusted,
            exclusive,
            tuple(_listed(allowing, "allowedMcpServers", site, expand)),
            tuple(_listed(settings, "deniedMcpServers", site, expand)),
            lists[0] if lists else None,
            next(filter(None, (_plugins_only(root) for _, root in managed)), None),
        )

    def asked(self, one: Installation, called: Called) -> Installation:
        """The installation with the state that its switches and approvals give it, before the lists."""
        if one.state == "rejected":
            return one
        if one.name in _RESERVED:
            return replace(one, state="rejected", reason="Claude Code reserves this name for itself")
        if one.entry.url is not None and not one.entry.command and not one.option("type"):
            reason = "Claude Code skips an entry with a URL and no `type`"
            return replace(one, state="rejected", reason=reason)
        if called.skipped:
            return replace(one, state="rejected", reason=called.skipped)
        if self.own is not None and (place := _names(self.own, "disabledMcpServers").get(one.name)):
            reason = "switched off for this project in ~/.claude.json"
            return replace(one, state="disabled", reason=reason, decided=place)
        return self._approved(one) if one.level == "project" else one

    def listed(self, one: Installation, called: Called) -> Installation:
        """The installation once the organization and the lists have had their say.

        That comes after precedence: a blocked entry still hides the user's of that name (observed).
        """
        invalid = one.state == "rejected" and not one.decided
        blocked = None if invalid else self._blocked(one, called)
        return replace(one, state="blocked", reason=blocked[0], decided=blocked[1]) if blocked else one

    def _blocked(self, one: Installation, called: Called) -> tuple[str, Place | None] | None:
        """Why the organization or a list keeps it out, and where that is said; `None` where nothing does."""
        if self.exclusive and one.level != "managed":
            return "managed-mcp.json gives an exclusive set of servers", None
        if self.plugins_only and one.level in ("user", "local", "project"):
            return "strictPluginOnlyCustomization admits servers of plugins only", self.plugins_only
        # The organization's own servers need no allow entry, unless they hold a variable (observed); a
        # project cannot deny them (schema).
        organization = one.level == "managed" and not called.variables
        for listed in self.deny:
            if listed.matches(one, called) and not (organization and listed.level not in _ORGANIZATION):
                return "deniedMcpServers lists it", listed.place
        if self.limited is None or organization:
            return None
        # Names admit only while no entry speaks of this kind of server more exactly (observed).
        exact = "serverUrl" if remote(one) else "serverCommand"
        names = all(listed.kind != exact for listed in self.allow)
        for listed in self.allow:
            if listed.matches(one, called) and (names or listed.kind != "serverName"):
                return None
        return "no entry of allowedMcpServers admits it", self.limited

    def _approved(self, one: Installation) -> Installation:
        own = [self.own] if self.own else []
        for root in [*(root for _, root in self.settings), *own]:
            if place := _names(root, "disabledMcpjsonServers").get(one.name):
                return replace(
                    one, state="rejected", reason="listed in disabledMcpjsonServers", decided=place
                )
        # In an untrusted folder, approvals from files of the repository do not count (since 2.1.196), nor do
        # those of the project's record: the client moves them to the local settings (both observed).
        for root in [*self.counted, *(own if self.trusted else [])]:
            if place := _names(root, "enabledMcpjsonServers").get(one.name):
                return replace(one, decided=place)
            if root.flag("enableAllProjectMcpServers"):
                return replace(one, decided=root.place.at("enableAllProjectMcpServers"))
        return replace(one, state="pending", reason="the user has not approved this project server yet")

    @property
    def counted(self) -> list[Node]:
        """The settings whose consent counts: a repository's own only in a trusted folder."""
        return [root for level, root in self.settings if self.trusted or level in _ORGANIZATION]


def remote(one: Installation) -> bool:
    """Whether the server is called and not started."""
    return one.server.id.startswith("url:")


def _listed(layers: list[Layer], key: str, site: Site, expand: Expand) -> Iterator[Listed]:
    for level, root in layers:
        node = root.child(key)
        # A list that is none is passed over, and the rest of its file counts (observed).
        for entry in node.elements() if node and node.value is not None else ():
            # Entries resolve `${VAR}` from the startup environment (changelog, 2.1.219).
            if (name := entry.child("serverName")) is not None and isinstance(name.value, str):
                yield Listed("serverName", (name.value,), level, entry.place)
            elif (url := entry.child("serverUrl")) is not None and isinstance(url.value, str):
                yield Listed("serverUrl", (expand(unveiled(url.value), site).text,), level, entry.place)
            elif entry.child("serverCommand") is not None:
                words = tuple(unveiled(word.word) for word in entry.texts("serverCommand") or ())
                argv = tuple(expand(word, site).text for word in words)
                yield Listed("serverCommand", argv, level, entry.place)
            else:
                entry.complain("an object with `serverName`, `serverCommand` or `serverUrl`")


def _plugins_only(root: Node) -> Place | None:
    """The place of `strictPluginOnlyCustomization`; that `true` means every surface is not verified."""
    node = root.child("strictPluginOnlyCustomization")
    if node is None:
        return None
    listed = node.value if isinstance(node.value, list) else []
    return node.place if node.value is True or "mcp" in listed else None


def _skipped(entry: dict[str, Json]) -> str:
    """Claude Code skips an entry of an unknown type, or with a wrong value for its type (observed)."""
    kind = entry.get("type", "stdio")
    if kind not in ("stdio", *_REMOTE):
        return "Claude Code skips an entry of a type that it does not know"
    args, timeout = entry.get("args", []), entry.get("timeout", 1)
    if kind == "stdio" and not (isinstance(args, list) and all(isinstance(word, str) for word in args)):
        return "Claude Code skips an entry whose `args` are not a list of strings"
    pairs = "env" if kind == "stdio" else "headers"
    table = entry.get(pairs, {})
    if not (isinstance(table, dict) and all(isinstance(word, str) for word in table.values())):
        return f"Claude Code skips an entry whose `{pairs}` holds anything but strings"
    if not isinstance(timeout, int) or isinstance(timeout, bool) or timeout < 1:
        return "Claude Code skips an entry whose `timeout` is not a whole number above zero"
    if not isinstance(entry.get("alwaysLoad", True), bool):
        return "Claude Code skips an entry whose `alwaysLoad` is not true or false"
    if kind in _REMOTE and not isinstance(entry.get("headersHelper", ""), str):
        return "Claude Code skips an entry whose `headersHelper` is not a string"
    if kind in _REMOTE and kind != "ws" and not isinstance(entry.get("oauth", {}), dict):
        return "Claude Code skips an entry whose `oauth` is not an object"
    needed = "command" if kind == "stdio" else "url"
    if not isinstance(entry.get(needed), str):
        return f"Claude Code skips an entry of this type without a `{needed}`"
    return ""


def _names(root: Node, key: str) -> dict[str, Place]:
    return {str(node.value): node.place for node in root.texts(key) or ()}


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _strings(child)
