"""Masks secrets as entries are read, and tells which of them are the same, without keeping values."""

import hashlib
import hmac
import os
from dataclasses import field, replace

from mcpaudit.clients.credentials.stored import Stored
from mcpaudit.clients.variables import Expand, Expanded
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import Found, mask, names_secret, references
from mcpaudit.model.credential import Secret
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument
from mcpaudit.model.site import Site
from mcpaudit.parsing.veiled import unveiled

# Keeps these digests apart from any other use of the same key.
_CORRELATION = b"mcpaudit correlation v1\0"


@dataclass(slots=True)
class Ledger:
    """Collects the secrets of one audit; a value lives only as a digest under a key of this run."""

    packs: Packs
    correlation_key: bytes = field(default=b"", repr=False)
    """What the user gave to recognise a secret in the reports of several machines; empty for none."""
    found: list[tuple[str, Secret, bytes]] = field(default_factory=list)
    """Holder, secret and the digest of its value, in reading order."""
    _key: bytes = field(default_factory=lambda: os.urandom(32))

    def word(self, raw: str, name: str, place: Place, holder: str, site: Site, expand: Expand) -> Argument:
        """One word of an entry: variables expanded, secrets masked and recorded for `holder`."""
        raw = unveiled(raw)
        expanded = expand(raw, site)
        masked = mask(expanded.text, name, self.packs)
        self.see(expanded, tuple(secret.value for secret in masked.found), place, holder)
        for secret in masked.found:
            self._record(holder, place, name, secret, secret.value in raw)
        if not masked.found and names_secret(name):
            for variable in references(raw):
                self.refer(holder, place, name, variable)
        return Argument(masked.text, place, expanded.unexpanded)

    def see(self, word: Expanded, secrets: tuple[str, ...], place: Place, holder: str) -> None:
        """Told every word as it is, and forgets it; only what starts servers (`live`) has to remember."""

    def _record(self, holder: str, place: Place, name: str, found: Found, literal: bool) -> None:
        length = len(found.value) if literal else 0
        secret = Secret(
            found.kind, place, name, literal, found.provider, length, 0, found.expires,
            lifetime=found.lifetime, scopes=found.scopes, correlation=self._correlation(found.value),
        )  # fmt: skip
        self.found.append((holder, secret, self._digest(found.value)))

    def store(self, holder: str, place: Place, name: str, one: Stored, file: str) -> None:
        """A secret of a credential file, which `place` names; `file` is empty where its file is not known."""
        length = len(one.value) if one.inside else 0
        if one.inside:
            # A server that reads the file may tell its secret.
            self.see(Expanded(one.value), (one.value,), place.at(file, name), holder)
        secret = Secret(
            one.kind, place, name, False, one.provider, length, 0, one.expires,
            file, one.line, one.lifetime, one.refresh, one.scopes, self._correlation(one.value),
        )  # fmt: skip
        self.found.append((holder, secret, self._digest(one.value)))

    def refer(self, holder: str, place: Place, name: str, variable: str) -> None:
        """A variable that is not defined here: the same variable is the same secret."""
        provider = self.packs.provider_of_variable(variable) or self.packs.provider_of_variable(name)
        self.found.append(
            (holder, Secret("reference", place, name, False, provider), self._digest(f"${variable}"))
        )

    def _digest(self, value: str) -> bytes:
        return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._key).digest()

    def _correlation(self, value: str) -> str:
        """What is told of a value beyond this run; without the key, a guess at the value cannot be tested."""
        if not self.correlation_key:
            return ""
        text = _CORRELATION + value.encode("utf-8", "surrogatepass")
        return hmac.new(self.correlation_key, text, hashlib.sha256).hexdigest()[:32]

    def numbered(self) -> list[tuple[str, Secret]]:
        """Every secret with its holder; equal values share a group, numbered by first sorted place."""
        ordered = sorted(
            self.found, key=lambda row: (row[1].place.sort_key, row[0], row[1].name, row[1].kind)
        )
        groups: dict[bytes, int] = {}
        rows = []
        for holder, secret, digest in ordered:
            number = groups.setdefault(digest, len(groups) + 1)
            rows.append((holder, replace(secret, group=number)))
        return rows
