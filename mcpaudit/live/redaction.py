"""Keeps the secrets of an entry out of what its server sends back: servers repeat what they were given."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import MASK, KnowsSecrets, mask
from mcpaudit.parsing.document import Json
from mcpaudit.report.escape import visible

_SHORTEST = 4
"""Shorter values stand in any text by chance, and masking them would show what they are."""


@dataclass(frozen=True, slots=True, repr=False)
class Redaction:
    """Masks the values of one entry, as they are and as programs write them."""

    forms: tuple[str, ...]
    packs: KnowsSecrets

    @classmethod
    def of(cls, secrets: Iterable[str], packs: KnowsSecrets) -> "Redaction":
        """For these values; the longest first, so that none is cut by another."""
        found = {form for secret in secrets if len(secret) >= _SHORTEST for form in written(secret)}
        return cls(tuple(sorted(found, key=lambda form: (-len(form), form))), packs)

    def text(self, text: str) -> str:
        """A text without these values."""
        for form in self.forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def message(self, text: str) -> str:
        """A message for people, without these values and without any other known kind of secret."""
        return mask(self.text(text), "", self.packs).text

    def json(self, value: Json) -> Json:
        """A JSON value without these values, in keys and strings."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.json(held) for name, held in value.items()}
        return [self.json(one) for one in value] if isinstance(value, list) else value


def written(secret: str) -> set[str]:
    """A text in every way in which programs write it."""
    raw = secret.encode("utf-8", "replace")
    coded = {b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
    return {
        *(secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]),
        *(visible(secret), raw.hex(), *coded, *(one.rstrip("=") for one in coded)),
    }
