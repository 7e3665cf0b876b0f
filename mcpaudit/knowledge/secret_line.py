"""Lines of files and messages, masked without knowing what they belong to."""

import re
from functools import lru_cache

from mcpaudit.knowledge.secrets import LONGEST, MASK, KnowsSecrets, mask

LOGIN = re.compile(r"((?:^|[\s(])(?:-u|--user|--proxy-user)[ =]?[^\s:]+:)[^\s\"')]+")
"""What commands take as a login beside what every configuration word is searched for: `curl -u me:word`."""
# A name and its value, as any of the syntaxes writes them.
_PAIR = re.compile(r"""([A-Za-z0-9_.-]{1,80})["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([^"'\s,]+)""")
_EXCERPT = 160
_BEYOND = 512
"""How far beyond an excerpt a line is searched: a secret that begins in it shows itself within that."""


def by_itself(line: str, packs: KnowsSecrets) -> bool:
    """Whether a line looks like one with a secret, whatever it belongs to."""
    return masked_line(line, packs) != line


def masked_line(line: str, packs: KnowsSecrets) -> str:
    """A line of a file or a message with what looks like a secret in it masked."""

    def pair(match: re.Match[str]) -> str:
        value = mask(match[2], match[1], packs).text
        return match[0][: match.start(2) - match.start()] + value

    shown = LOGIN.sub(rf"\1{MASK}", mask(line, "", packs).text)
    return _PAIR.sub(pair, shown) if len(shown) <= LONGEST else shown


def without_secrets(text: str, packs: KnowsSecrets) -> str:
    """A message with its secrets masked; a caret under a line that became another is left out."""
    kept: list[str] = []
    changed = False
    for line in text.split("\n"):
        shown = masked_line(line, packs)
        if not (changed and line.strip() == "^"):
            kept.append(shown)
        changed = shown != line
    return "\n".join(kept)


def excerpt(line: str) -> str:
    """The beginning of a line, to be shown under a message; nothing of one with a secret in it."""
    return _shown(line[: _EXCERPT + _BEYOND])


# A line can be a megabyte long, and there can be a mistake at each of its words.
@lru_cache(maxsize=64)
def _shown(beginning: str) -> str:
    # Imported here: only mistakes need it.
    from mcpaudit.knowledge.pack import Packs

    return "" if by_itself(beginning, Packs.shipped()) else beginning[:_EXCERPT]
