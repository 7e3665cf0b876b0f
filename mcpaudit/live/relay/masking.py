"""Keeps secrets out of recorded values: those of the server's variables and command line first of all."""

from collections.abc import Iterable, Mapping

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import MASK, mask, names_secret
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.relay.arguments import Masking
from mcpaudit.parsing.document import Json


def masking(env: Mapping[str, str], words: Iterable[str]) -> Masking:
    """Masks what these variables and words hold of secrets, wherever it stands, and what looks like one."""
    packs = Packs.shipped()
    known = {found.value for name, value in env.items() for found in mask(value, name, packs).found}
    flag = ""
    for word in words:
        known |= {found.value for found in mask(word, flag, packs).found}
        flag = word if word.startswith("-") and "=" not in word and names_secret(word) else ""
    redaction = Redaction.of(known, packs)

    def masked(value: Json, name: str) -> Json:
        if isinstance(value, str):
            return MASK if names_secret(name) else redaction.message(value)
        if isinstance(value, dict):
            return {redaction.message(key): masked(one, key) for key, one in value.items()}
        return [masked(one, name) for one in value] if isinstance(value, list) else value

    return masked
