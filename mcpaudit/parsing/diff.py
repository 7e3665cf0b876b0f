"""Unified diffs as `git apply` takes them, which keep lines out that must not be shown or cannot be seen.

Source: git-apply(1), git-diff(1) "Generating patch text with -p"; what context it needs, apply.c of git.
"""

import re
from collections.abc import Container
from difflib import SequenceMatcher

from mcpaudit.dataclass import dataclass
from mcpaudit.model.invisible import INVISIBLE, invisible

_CONTEXT = 3
_MOST = 4000
"""Lines between the first and the last difference that are compared one by one."""
_QUOTED = re.compile(rf'["\\{INVISIBLE}]')
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

Block = tuple[int, int, int, int]
"""Lines of the old text that go, and lines of the new one that take their place."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A diff, or which lines of the old text keep it from being shown."""

    text: str = ""
    hidden: tuple[int, ...] = ()
    """From 1; empty where `text` is all there is to say."""


@dataclass(frozen=True, slots=True)
class _Hidden:
    """The lines that must not be shown, and those that cannot be seen."""

    secret: Container[int]
    lines: list[str]

    def __contains__(self, line: object) -> bool:
        return isinstance(line, int) and (line in self.secret or invisible(self.lines[line - 1]))


def unified(old: str | None, new: str, path: str, hide: Container[int] = ()) -> Shown:
    """The change from one text to another as a diff of the file at `path`; `None` for a file that is new.

    The lines `hide` of the old text are not in it, nor any with a character that cannot be seen: a diff is
    for people, too. Context stops before them, and where one of them would have to be in it, there is none.
    """
    before, after = _lines(old or ""), _lines(new)
    hide = _Hidden(hide, before)
    blocks = _blocks(before, after)
    gone = [line + 1 for start, end, *_ in blocks for line in range(start, end) if line + 1 in hide]
    gone = gone or [start + 1 for start, _, first, last in blocks if any(map(invisible, after[first:last]))]
    if gone:
        return Shown(hidden=tuple(gone))
    parts = [_head(path, old is None)]
    for hunk in _hunks(blocks, len(before), hide):
        low, high = hunk[0], hunk[1]
        if high == hunk[2][-1][1] and high < len(before):
            # Without a line behind it, git takes a change for one at the end of the file.
            return Shown(hidden=(high + 1,))
        parts += _hunk(before, after, low, high, hunk[2])
    return Shown("".join(parts))


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one, as for git."""
    found = text.split("\n")
    return [f"{line}\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def _blocks(before: list[str], after: list[str]) -> list[Block]:
    low, most = 0, min(len(before), len(after))
    while low < most and before[low] == after[low]:
        low += 1
    tail = 0
    while tail < most - low and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[low : len(before) - tail], after[low : len(after) - tail]
    if max(len(old), len(new)) > _MOST:
        return [(low, low + len(old), low, low + len(new))]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found = [code[1:] for code in matcher.get_opcodes() if code[0] != "equal"]
    return [(a + low, b + low, c + low, d + low) for a, b, c, d in found]


def _hunks(blocks: list[Block], length: int, hide: Container[int]) -> list[tuple[int, int, list[Block]]]:
    """Blocks whose context touches are one hunk: (first line, line after the last, blocks)."""
    found: list[tuple[int, int, list[Block]]] = []
    for block in blocks:
        low, high = block[0], block[1]
        while low > max(0, block[0] - _CONTEXT) and low not in hide:
            low -= 1
        while high < min(length, block[1] + _CONTEXT) and high + 1 not in hide:
            high += 1
        if found and low <= found[-1][1]:
            first, _, own = found[-1]
            found[-1] = (first, high, [*own, block])
        else:
            found.append((low, high, [block]))
    return found


def _hunk(before: list[str], after: list[str], low: int, high: int, blocks: list[Block]) -> list[str]:
    shift = blocks[0][2] - blocks[0][0]
    body: list[str] = []
    at, added = low, 0
    for start, end, first, last in blocks:
        body += [_line(" ", line) for line in before[at:start]]
        body += [_line("-", line) for line in before[start:end]]
        body += [_line("+", line) for line in after[first:last]]
        at, added = end, added + (last - first) - (end - start)
    body += [_line(" ", line) for line in before[at:high]]
    old, new = _range(low, high - low), _range(low + shift, high - low + added)
    return [f"@@ -{old} +{new} @@\n", *body]


def _range(start: int, count: int) -> str:
    return f"{start + 1 if count else start},{count}"


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _head(path: str, new: bool) -> str:
    # Without a line `diff --git`: with one, git counts names from the top of the repository, and in a folder
    # below that it passes over the whole patch without a word.
    old, now = "/dev/null" if new else _name(f"a/{path}"), _name(f"b/{path}")
    # A tab ends a name that has blanks in it.
    tab = "\t" if " " in path else ""
    return f"--- {old}{'' if new else tab}\n+++ {now}{tab}\n"


def _name(path: str) -> str:
    if not _QUOTED.search(path):
        return path
    return '"' + _QUOTED.sub(lambda one: _ESCAPES.get(one[0]) or _octal(one[0]), path) + '"'


def _octal(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "replace"))
