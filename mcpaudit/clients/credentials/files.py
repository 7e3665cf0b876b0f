"""Credential files: those that an entry names, and those in which servers and clients keep logins.

They are read inside the audited home, project and system root only. What is kept of them is what a login is,
how long it lasts and what it was granted.
"""

from dataclasses import field, replace

from mcpaudit.clients.credentials import lines
from mcpaudit.clients.credentials.data import in_document
from mcpaudit.clients.credentials.declared import declared_scopes
from mcpaudit.clients.credentials.references import Reference, references
from mcpaudit.clients.credentials.stored import Stored
from mcpaudit.clients.credentials.stores import Store, stores
from mcpaudit.clients.credentials.texts import Found, Texts
from mcpaudit.clients.entry import holder_of
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expanded
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.provider import providers_of
from mcpaudit.knowledge.secrets import mask
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument, Installation
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.reader import read_text_as


@dataclass(slots=True)
class CredentialFiles:
    """Reads each credential file of one audit once."""

    reading: Reading
    texts: Texts = field(init=False)

    def __post_init__(self) -> None:
        self.texts = Texts(self.reading)

    def of(self, installation: Installation) -> Installation:
        """Record what its credential files hold; returns it with the variables of its env file."""
        provider = self._provider(installation)
        for reference in references(installation):
            self._record_named(installation, reference, provider)
        logged_in = False
        for store in stores(installation, provider):
            for found in self.texts.under(store.path, store.pattern, installation.entry.cwd):
                for one in self._in_store(store, found):
                    if _is_for(one, store, installation):
                        self._record_stored(installation, store, one, found.shown, provider)
                        logged_in = True
        if not logged_in:
            self._record_asked(installation, provider)
        env_file = installation.entry.env_file
        return self._with_variables(installation, env_file) if env_file is not None else installation

    def _record_named(self, installation: Installation, reference: Reference, own: str) -> None:
        ledger, holder = self.reading.ledger, holder_of(installation.agent, installation.place)
        provider = ledger.packs.provider_of_variable(reference.name) or own
        found: list[Stored] = []
        shown = reference.path
        for path in (reference.path, *reference.others):
            located = self.texts.at(path, installation.entry.cwd, reference.place) if not found else None
            if located is not None:
                shown, found = located.shown, self._in_file(located, reference)
        kind = ledger.packs.credential_kind(provider, "", reference.name)
        if not found and (kind or reference.expected):
            whole = f"{shown} {reference.profile}"
            found = [Stored("", kind.id if kind else "file", whole, inside=False)]
        for index, one in enumerate(found):
            several = f" {one.name or index + 1}" if len(found) > 1 else ""
            name = one.name if reference.variables and one.name else f"{reference.name}{several}"
            ledger.store(
                holder, reference.place, name, replace(one, provider=one.provider or provider), shown
            )

    def _record_stored(
        self, installation: Installation, store: Store, one: Stored, shown: str, provider: str
    ) -> None:
        name = "stored login" if one.kind == "oauth_tokens" else one.name or "stored credential"
        holder = holder_of(installation.agent, installation.place)
        kept = replace(one, provider=one.provider or ("" if store.host else provider))
        self.reading.ledger.store(holder, Place(shown), name, kept, shown)

    def _record_asked(self, installation: Installation, provider: str) -> None:
        """A login of which only the scopes are known that the entry asks for: its tokens lie out of sight."""
        asked = declared_scopes(installation.entry)
        if asked is not None and installation.server.url:
            holder = holder_of(installation.agent, installation.place)
            login = Stored("", "login", f"{installation.server.url} {asked.text}", provider, inside=False)
            self.reading.ledger.store(holder, asked.place, "login", login, "")

    def _provider(self, installation: Installation) -> str:
        """The one provider that the server talks to; empty where there is none or there are several."""
        names = [name for name, _ in installation.entry.env]
        found = providers_of(installation.server, names, self.reading.ledger.packs)
        return found[0].provider if len(found) == 1 else ""

    def _in_file(self, found: Found, reference: Reference) -> list[Stored]:
        packs = self.reading.ledger.packs
        name = f"{reference.name} {found.shown.rpartition('/')[2]}".lower()
        text = found.text
        if not text:
            return []
        if reference.profile:
            return lines.in_profile(text, reference.profile)
        if "netrc" in name:
            return lines.in_netrc(text)
        if "pgpass" in name:
            return lines.in_pgpass(text)
        if text.lstrip()[:1] in ("{", "[") or "kube" in name or name.endswith((".yaml", ".yml")):
            return self._in_data(found)
        return lines.in_text(text, packs) or lines.in_variables(text, packs)

    def _in_store(self, store: Store, found: Found) -> list[Stored]:
        if not found.text:
            return []
        if store.profile:
            return lines.in_profile(found.text, store.profile)
        return lines.in_pgpass(found.text) if store.host else self._in_data(found, store.under)

    def _in_data(self, found: Found, under: str = "") -> list[Stored]:
        braced = found.text.lstrip()[:1] in ("{", "[")
        parsed = read_text_as(found.text, found.shown, "json" if braced else "yaml")
        if isinstance(parsed, Document):
            return in_document(parsed, self.reading.ledger.packs, under)
        self.texts.refuse(found, "it cannot be parsed")
        return []

    def _with_variables(self, installation: Installation, env_file: Argument) -> Installation:
        """The entry with what its env file sets; what the entry sets itself is stronger."""
        found = self.texts.at(env_file.text, installation.entry.cwd, env_file.place)
        ledger, holder = self.reading.ledger, holder_of(installation.agent, installation.place)
        entry, own = installation.entry, {name for name, _ in installation.entry.env}
        added: dict[str, Argument] = {}
        for name, value, _ in lines.variables(found.text if found else ""):
            if name not in own:
                masked, place = mask(value, name, ledger.packs), env_file.place.at(name)
                ledger.see(Expanded(value), tuple(one.value for one in masked.found), place, holder)
                added[name] = Argument(masked.text, place)
        return replace(installation, entry=replace(entry, env=(*added.items(), *entry.env)))


def _is_for(one: Stored, store: Store, installation: Installation) -> bool:
    if store.host:
        return one.name in (store.host, "")
    if store.shared:
        url = installation.server.url
        names = {installation.name, url, url.rstrip("/"), f"{url}/"} - {"", "/"}
        return one.kind == "oauth_tokens" and bool(names & set(one.owners))
    return True
