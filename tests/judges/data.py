"""Formats that programs read: each is read strictly, and each text in it can do nothing there."""

import csv as csv_module
import json as json_module
import re
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from tests.judges import markdown

# XML 1.0, production 2 (Char); JSON for exchange, RFC 7493 (I-JSON), section 2.1.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_DOT = re.compile(r'\s+|->|[\[\]{};,=]|[A-Za-z_]\w*|"(?:[^"\\]|\\.)*"')
_DOT_KEYS = {"rankdir", "label", "fontname", "fontsize", "shape", "tooltip", "style", "color"}
_SARIF_LINK = re.compile(r"(?<!\\)(?:\\\\)*\[((?:[^\\\]]|\\.)*)\]\(([^)]*)\)")


def json(text: bytes) -> Any:
    """JSON that every reader takes: UTF-8, no half pairs, no key twice, no number that is none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    def never(word: str) -> Any:
        raise AssertionError(word)

    found = json_module.loads(text.decode(), object_pairs_hook=once, parse_constant=never)
    for one in strings(found):
        one.encode()
    return found


def strings(value: Any) -> Iterator[str]:
    """Every string of a tree of JSON, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield key
            yield from strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from strings(held)


def sarif(text: bytes) -> Any:
    """SARIF 2.1.0, 3.11: no message holds a link or a placeholder (3.11.5, 3.11.6)."""
    log = json(text)
    for message, places in _messages(log, frozenset()):
        said = message.get("text", "")
        assert not re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", said)), said
        for text, target in _SARIF_LINK.findall(said):
            # A number links to a place of the result, under that place's own words (3.11.6).
            assert (int(target), text) in places if target.isdigit() else False, said
        if "markdown" in message:
            markdown.check(message["markdown"])
    return log


def _messages(value: Any, places: frozenset[tuple[int, str]]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every message, and the numbered places of the result that it belongs to."""
    if isinstance(value, dict):
        related = value.get("relatedLocations", ())
        places = frozenset((one["id"], one["message"]["text"]) for one in related) or places
        for key, held in value.items():
            if key in ("message", "shortDescription", "fullDescription", "help") and isinstance(held, dict):
                yield held, places
            yield from _messages(held, places)
    elif isinstance(value, list):
        for held in value:
            yield from _messages(held, places)


def xml(text: bytes) -> ElementTree.Element:
    """Well-formed XML without a document type, an instruction or a character that XML has no way to write."""
    assert not _NO_XML.search(text.decode())
    assert b"<!DOCTYPE" not in text
    assert b"<![CDATA[" not in text
    assert text.count(b"<?") == 1
    return ElementTree.fromstring(text)


def csv(text: bytes) -> list[list[str]]:
    """RFC 4180: rows of one length, in which no spreadsheet finds a formula, quoted or not."""
    shown = text.decode()
    table = list(csv_module.reader(StringIO(shown, newline=""), strict=True))
    assert len({len(row) for row in table}) == 1
    assert shown.count("\r\n") == len(table)
    assert shown.replace("\r\n", "").count("\n") == 0
    for cell in (cell for row in table for cell in row):
        assert not cell.lstrip().startswith(_FORMULA), cell[:80]
        assert len(cell) < 32_767
    return table


def dot(text: bytes) -> None:
    """DOT by its grammar: only the statements and attributes that mcpaudit writes, each value a string."""
    shown, at, tokens = text.decode(), 0, []
    while at < len(shown):
        found = _DOT.match(shown, at)
        assert found, shown[at : at + 80]
        at = found.end()
        if not found[0].isspace():
            tokens.append(found[0])
    assert tokens[:3] == ["digraph", "mcpaudit", "{"]
    assert tokens[-1] == "}"
    assert tokens.count("{") == tokens.count("}") == 1
    keys = {one for one, after in pairwise(tokens) if after == "="}
    assert keys <= _DOT_KEYS
    for value in (one for before, one in pairwise(tokens) if before == "="):
        # `\N`, `\G` and their like stand for names; an entity that is no `&amp;` for another character.
        assert value.startswith('"'), value
        assert re.sub(r'\\[\\"]', "", value).count("\\") == 0, value
        assert re.sub("&amp;", "", value).count("&") == 0, value
