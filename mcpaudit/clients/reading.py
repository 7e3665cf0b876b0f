"""Reads files once for all clients, and keeps what was read, what for, and what could not be."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import Path

from mcpaudit.clients.ledger import Ledger
from mcpaudit.clients.variables import nothing
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secret_line import LOGIN
from mcpaudit.knowledge.secrets import MASK, mask
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document, Syntax
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import parse, read, read_text_as
from mcpaudit.parsing.veiled import Veiled

# What the reader says of an empty file, which some grammars allow.
EMPTY = "the file is empty"


# What clients keep under one name in a project and in the home.
_USER_FILES = {
    *(".claude/settings.json", ".cursor/mcp.json", ".cursor/permissions.json"),
    *(".codex/config.toml", ".gemini/settings.json"),
}


@dataclass(slots=True)
class Reading:
    """The state of one discovery: one per audit, passed to every client."""

    site: Site
    ledger: Ledger
    as_is: bool = False
    """Whether servers that await approval count as not loaded."""
    instead: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Contents to be read in place of files, by the name that reports show: what a patch would write."""
    relays: Mapping[str, str] = field(default_factory=dict)
    """Servers at addresses of this machine that are relays, and the addresses that they lead to."""
    documents: dict[str, Document] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    _seen: dict[str, Document | Gap | None] = field(default_factory=dict)
    _veiled: dict[str, str] = field(default_factory=dict, repr=False)
    _shown: set[str] = field(default_factory=set)

    def file(self, template: str, syntax: Syntax, role: str, client: str = "") -> Node | None:
        """The root of the file at a site template; `None` where it is absent or was a gap."""
        if self._at_home and template.removeprefix("{project}/") in _USER_FILES:
            return None
        found = self.site.locate(template)
        return self.open(*found, syntax, role, client) if found else None

    @property
    def _at_home(self) -> bool:
        """Whether the audited folder is the user's home, whose files would be read at two levels."""
        return self.site.home is not None and self.site.project == self.site.home

    def open(self, path: Path, shown: str, syntax: Syntax, role: str, client: str = "") -> Node | None:
        """The root of one file; a file that cannot be read is recorded once as a gap."""
        shown = self.veil(shown)
        if shown in self.instead:
            return self._kept(shown, role, client, lambda: parse(self.instead[shown], shown, syntax))
        return self._kept(shown, role, client, lambda: read(path, shown, syntax))

    def text(self, text: str, shown: str, syntax: Syntax, role: str, client: str = "") -> Node | None:
        """The root of a configuration that is no file but the value of a variable."""
        return self._kept(shown, role, client, lambda: read_text_as(text, shown, syntax))

    def _kept(
        self, shown: str, role: str, client: str, fetch: Callable[[], Document | Gap | None]
    ) -> Node | None:
        if shown not in self._seen:
            result = fetch()
            if isinstance(result, Gap):
                result = replace(result, client=client)
                self.gaps.append(result)
                self.roles[shown] = role
            elif result is not None:
                self.documents[shown] = result
                self.roles[shown] = role
                self._duplicates(result, client)
            self._seen[shown] = result
        document = self._seen[shown]
        if not isinstance(document, Document):
            return None
        if self.roles[shown] != role and role not in self.roles[shown]:
            self.roles[shown] += f", {role}"
        return Node(document, document.data, (), self.gaps, client, self.veil)

    def veil(self, text: str) -> str:
        """A text as reports may show it: masked where it says itself that a part of it is a secret.

        Different texts stay different, so that masked names name what they named.
        """
        if text not in self._veiled:
            masked = mask(text, "", self.ledger.packs)
            shown, number = masked.text, 1
            while masked.found and shown in self._shown:
                number += 1
                shown = f"{masked.text} ({number})"
            self._shown.add(shown)
            self._veiled[text] = Veiled(shown, text) if masked.found else text
        return self._veiled[text]

    def rule(self, node: Node) -> str:
        """A permission rule's text with its secrets masked: approved commands often hold some."""
        word = self.ledger.word(node.word, "", node.place, str(node.place), self.site, nothing)
        return LOGIN.sub(rf"\1{MASK}", word.text)

    def stops(self, gap: Gap, title: str) -> str:
        """Say in a gap that its client does not start with it; returns the reason for all of the client's
        installations.
        """
        told = replace(gap, reason=f"{gap.reason}; {title} does not start with it")
        self.gaps[:] = [told if one == gap else one for one in self.gaps]
        if told not in self.gaps:
            self.gaps.append(told)
        return f"{title} does not start: {gap.place.file}: {gap.reason}"

    def unreadable(self, template: str) -> Gap | None:
        """The gap that an earlier reading of this file left, if any."""
        found = self.site.locate(template)
        gap = self._seen.get(found[1] if found else template)
        return gap if isinstance(gap, Gap) else None

    def present(self, template: str) -> bool:
        """Whether this file was there when it was read, whatever its content."""
        found = self.site.locate(template)
        return found is not None and self._seen.get(found[1]) is not None

    def _duplicates(self, document: Document, client: str) -> None:
        for oddity in document.irregularities:
            if oddity.kind == "duplicate-key":
                reason = f"the key {oddity.route[-1]!s} stands here twice; clients differ in which one wins"
                place = Place(document.file, oddity.route, on_key=True)
                self.gaps.append(Gap("duplicate-key", place, reason, client, oddity.line, oddity.column))
