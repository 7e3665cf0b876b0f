"""Digests of files that reports may show: nobody can test a guess at a secret by them."""

from collections.abc import Mapping
from dataclasses import replace

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secret_line import LOGIN, by_itself
from mcpaudit.knowledge.secrets import (
    LONGEST,
    MASK,
    KnowsSecrets,
    argument_name,
    mask,
    may_hold,
    names_secret,
)
from mcpaudit.parsing.canonical import digest
from mcpaudit.parsing.document import Document, Json

_LONGEST = 500
"""Characters of a text that is masked bit by bit; of a longer one with a secret in it nothing counts."""


def digested(documents: Mapping[str, Document], packs: KnowsSecrets) -> dict[str, Document]:
    """The same documents; of each that holds a secret, the digest is of its data with all secrets masked.

    Such a digest is the SHA-256 of the masked data by RFC 8785, its objects as lists of pairs. It heeds no
    comments and no layout.
    """
    return {name: digested_one(document, packs) for name, document in documents.items()}


def digested_one(document: Document, packs: KnowsSecrets) -> Document:
    """One of them."""
    if document.masked is not None:
        return document
    masking = _Masking(packs)
    data = masking.value(document.data, "")
    # What the data does not hold may have secrets as well: comments, and what a second key of one name hides.
    twice = any(one.kind == "duplicate-key" for one in document.irregularities)
    if masking.found or twice or _in_comments(document, packs):
        return replace(document, sha256=digest(data), masked=True)
    return replace(document, masked=False)


def _in_comments(document: Document, packs: KnowsSecrets) -> bool:
    told = document.syntax != "json" or any(one.kind == "comment" for one in document.irregularities)
    # Of a Markdown file only the head is data.
    rest = told or document.file.endswith(".md")
    return rest and any(len(line) > _LONGEST or by_itself(line, packs) for line in document.text.split("\n"))


@dataclass(slots=True)
class _Masking:
    packs: KnowsSecrets
    found: bool = False

    def value(self, value: Json, name: str) -> Json:
        """A value of a document with its secrets masked; `name` is what it is called there."""
        if isinstance(value, str):
            return self._text(value, name)
        if isinstance(value, dict):
            return self._members(value)
        if isinstance(value, list):
            return self._elements(value, name)
        if value is None or isinstance(value, bool) or not names_secret(name):
            return value
        return self._text(str(value), name)  # a password of digits

    def _text(self, text: str, name: str) -> str:
        if len(text) <= LONGEST and "-u" not in text and not may_hold(text, name):
            return text  # neither a login nor anything else
        masked = mask(text, name, self.packs)
        shown = LOGIN.sub(rf"\1{MASK}", masked.text)
        if not masked.found and shown == text:
            return text
        self.found = True
        return MASK if len(text) > _LONGEST else shown

    def _members(self, members: dict[str, Json]) -> Json:
        # As pairs, in the order of the file: two masked names can be alike.
        return [[self._text(key, ""), self.value(held, key)] for key, held in members.items()]

    def _elements(self, elements: list[Json], name: str) -> Json:
        found: list[Json] = []
        before = ""
        for element in elements:
            word = element if isinstance(element, str) else ""
            found.append(self.value(element, argument_name(before, word) or name))
            before = word
        return found
