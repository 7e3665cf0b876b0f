"""Who owns a file, by the CODEOWNERS file of a repository.

Source: GitHub Docs, "About code owners" (the last pattern that matches decides; the order of the three
places), and GitLab Docs, "Code Owners syntax" (sections in brackets).
"""

import re
from functools import lru_cache
from pathlib import Path

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_LARGEST = 3 * 2**20
"""GitHub ignores a larger file."""
_MAX_WORD = 500
_MOST_DEEP = 4
"""How often `**` may stand in a pattern: each multiplies the ways to match. One with more owns nothing."""


def owners_of(path: str, root: Path) -> tuple[str, ...]:
    """The owners of a file, named from the repository's root; empty where nobody is named."""
    found: tuple[str, ...] = ()
    for pattern, owners in _rules(_text(root)):
        if _pattern(pattern).fullmatch(path):
            found = owners
    return found


def _text(root: Path) -> str:
    for place in PLACES:
        file = root / place
        if file.is_file() and not file.is_symlink() and file.stat().st_size < _LARGEST:
            return file.read_text("utf-8", "replace")
    return ""


@lru_cache(maxsize=4)
def _rules(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rules: list[tuple[str, tuple[str, ...]]] = []
    default: tuple[str, ...] = ()
    for line in text.splitlines():
        words = re.split(r"(?<!\\)\s+", re.sub(r"(^|\s)#.*", "", line).strip())
        if re.match(r"\^?\[", line.strip()):
            default = tuple(filter(_owner, line.rpartition("]")[2].split()))
        elif words[0] and len(words[0]) <= _MAX_WORD:
            own = tuple(filter(_owner, words[1:]))
            rules.append((words[0].replace("\\ ", " "), own or default))
    return tuple(rules)


def _owner(word: str) -> bool:
    return "@" in word and word.isprintable() and len(word) <= _MAX_WORD


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern as in `.gitignore`: one with a slash inside starts at the root, a folder means all in it."""
    anchored = "/" in text.rstrip("/")
    parts = [part for part in text.strip("/").split("/") if part]
    if parts.count("**") > _MOST_DEEP:
        return re.compile(r"(?!)")
    pieces = ["" if anchored else "(?:.*/)?"]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            pieces.append(".*" if last else "(?:.*/)?")
        else:
            one = _part(part)
            pieces.append(one if last else f"{one}/")
    # `docs/*` means what lies in the folder itself; `docs` and `docs/` all below it.
    ending = (
        "" if parts and parts[-1] in ("*", "**") and anchored else "/.*" if text.endswith("/") else "(?:/.*)?"
    )
    return re.compile("".join(pieces) + ending)


def _part(text: str) -> str:
    """One name of a pattern; of several stars only the last tries more than one place."""
    first, *rest = ("".join("[^/]" if c == "?" else re.escape(c) for c in piece) for piece in text.split("*"))
    between = "".join(f"(?>[^/]*?{piece})" for piece in rest[:-1] if piece)
    return first + between + (f"[^/]*{rest[-1]}" if rest else "")
