"""Lists and tables between brackets, as JSON, TOML and YAML's flow style write them: items out and in.

Commas stay right, and comments stay where they belong: those on lines of their own right above an item, and
one behind it on its line, go with it.
"""

import re
from collections.abc import Sequence
from functools import cache, cached_property

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.document import Syntax
from mcpaudit.parsing.text_lines import indent_of, line_start
from mcpaudit.parsing.uneditable import Uneditable

_BETWEEN = {
    "json": (r"//[^\n]*+|/\*.*?\*/", r'"(?:[^"\\]|\\.)*+" | [^\s,\[\]{}"/]++'),
    "toml": (
        r"\#[^\n]*+",
        r"""\"\"\"(?:[^"\\]|\\.|"(?!""))*+"{0,5}+ | '''(?:[^']|'(?!''))*+'{0,5}+
        | "(?:[^"\\]|\\.)*+" | '[^']*+' | [^\s,\[\]{}"'\#]++""",
    ),
    "yaml": (
        r"(?<![^\s])\#[^\n]*+",
        r""" "(?:[^"\\]|\\.)*+" | '(?:[^']|'')*+' | [^\s,\[\]{}]++""",
    ),
}
"""Comments, and words with what is between quotes, by syntax."""
_SPACE, _OPEN, _CLOSE = r"[ \t\r\n]++", r"[\[{]", r"[\]}]"
_FLAGS = re.VERBOSE | re.DOTALL
_OPEN_END = "a bracket is not closed"


@cache
def _tokens(syntax: Syntax) -> re.Pattern[str]:
    """What stands between brackets, piece by piece."""
    comment, word = _BETWEEN[syntax]
    return re.compile(
        rf"""(?P<space>{_SPACE}) | (?P<comment>{comment}) | (?P<open>{_OPEN}) | (?P<close>{_CLOSE})
        | (?P<comma>,) | (?P<word>{word} | .)""",
        _FLAGS,
    )


@cache
def _to_bracket(syntax: Syntax) -> re.Pattern[str]:
    """All up to the next bracket that opens or closes: what an item holds is passed over in such steps."""
    comment, word = _BETWEEN[syntax]
    return re.compile(
        rf"(?:{_SPACE} | {comment} | {word} | [^\[\]{{}}])*+ (?:(?P<open>{_OPEN}) | {_CLOSE})", _FLAGS
    )


@dataclass(frozen=True)
class Bracketed:
    """One such container in its text."""

    text: str
    open: int
    """Where its opening bracket stands."""
    syntax: Syntax

    @cached_property
    def _walked(self) -> tuple[list[tuple[int, int]], list[int], list[tuple[int, int]], int]:
        """Items, the commas behind them, the comments between them, and where it closes."""
        items: list[tuple[int, int]] = []
        commas: list[int] = []
        comments: list[tuple[int, int]] = []
        fresh, at = True, self.open + 1
        while token := _tokens(self.syntax).match(self.text, at):
            kind, start, at = token.lastgroup, token.start(), token.end()
            if kind == "close":
                return items, commas, comments, start
            if kind == "comma":
                commas.append(start)
                fresh = True
            elif kind == "comment":
                comments.append((start, at))
            elif kind != "space":
                at = self._behind(at) if kind == "open" else at
                items.append((start if fresh else items.pop()[0], at))
                fresh = False
        raise Uneditable(_OPEN_END)

    def _behind(self, at: int) -> int:
        """Where what was opened before is closed."""
        depth = 1
        while bracket := _to_bracket(self.syntax).match(self.text, at):
            depth += 1 if bracket["open"] else -1
            at = bracket.end()
            if depth == 0:
                return at
        raise Uneditable(_OPEN_END)

    @property
    def items(self) -> list[tuple[int, int]]:
        """Where each item starts (with its key) and ends."""
        return self._walked[0]

    @property
    def close(self) -> int:
        """Where its closing bracket stands."""
        return self._walked[3]

    def without(self, index: int) -> str:
        """The text without one item."""
        start, (_, end) = self._lead(index), self.items[index]
        commas = self._walked[1]
        after = commas[index] + 1 if index < len(commas) else end
        below = self._rest_of_line(after)
        if below is not None and not self.text[line_start(self.text, start) : start].strip():
            return self._without_lines(index, line_start(self.text, start), below)
        return self._without_words(index, start, after)

    def _without_lines(self, index: int, start: int, below: int) -> str:
        """Whole lines go, and one of the blank lines that set them apart."""
        text, (items, commas, _, close) = self.text, self._walked
        first, last = index == 0, index == len(items) - 1
        if first and last and self._nothing(self.open + 1, start) and self._nothing(below, close):
            return text[: self.open + 1] + text[close:]
        upper, lower = text[:start], text[below:]
        blank_below = not lower.partition("\n")[0].strip()
        if _ends_blank(upper) and (last or blank_below):
            upper = upper[: line_start(text, len(upper) - 1)]
        elif first and not last and blank_below:
            lower = lower.partition("\n")[2]
        if last and not first and len(commas) < len(items):
            upper = upper[: commas[-1]] + upper[commas[-1] + 1 :]
        return upper + lower

    def _without_words(self, index: int, start: int, after: int) -> str:
        """What shares a line with others goes alone; `after` is behind its comma."""
        text, (items, commas, _, close) = self.text, self._walked
        end = items[index][1]
        if len(items) == 1:
            bare = self._nothing(self.open + 1, start) and self._nothing(after, close)
            return text[: self.open + 1] + text[close:] if bare else text[:start] + text[after:]
        if index == len(items) - 1:
            if self._nothing(commas[index - 1] + 1, start):
                return text[: items[index - 1][1]] + text[end:]
            return text[: commas[index - 1]] + text[commas[index - 1] + 1 : start] + text[end:]
        following = self._lead(index + 1)
        if "\n" not in text[after:following]:
            return text[:start] + text[following:]
        before = commas[index - 1] + 1 if index else start
        return text[: before if self._nothing(before, start) else start] + text[after:]

    def _nothing(self, start: int, end: int) -> bool:
        return not self.text[start:end].strip()

    def with_item(self, written: str, indent: str, newline: str, *, spread: bool) -> str:
        """The text with one item more, at the end; `spread` puts the first of a list on a line of its own.

        `written` has its own lines indented already, as if it stood below `indent`.
        """
        text, (items, commas, comments, close) = self.text, self._walked
        if not items:
            if not spread and not comments:
                return text[: self.open + 1] + written + text[close:]
            inside, own = text[self.open + 1 : close].rstrip(), indent_of(text, self.open)
            upper = f"{text[: self.open + 1]}{inside}{newline}"
            return f"{upper}{own}{indent}{written}{newline}{own}{text[close:]}"
        start, end = items[-1]
        trailing = len(commas) == len(items)
        after = commas[-1] + 1 if trailing else end
        mark = "," if trailing else ""
        line_end = self._rest_of_line(after)
        if line_end is not None and not text[line_start(text, start) : start].strip():
            fill = text[end:after] if trailing else ","
            indent = text[line_start(text, start) : start]
            return (
                f"{text[:end]}{fill}{text[after:line_end]}{indent}{written}{mark}{newline}{text[line_end:]}"
            )
        if trailing:
            return f"{text[:after]} {written},{text[after:]}"
        return f"{text[:end]}, {written}{text[end:]}"

    def with_first(self, written: Sequence[str], newline: str) -> str:
        """The text with items more before the first one, each on a line of its own where that one is."""
        start = self._lead(0)
        line = line_start(self.text, start)
        alone = not self.text[line:start].strip()
        gap = newline + self.text[line:start] if alone else " "
        return self.text[:start] + "".join(f"{one},{gap}" for one in written) + self.text[start:]

    def _rest_of_line(self, at: int) -> int | None:
        """Where the next line starts, if only blanks and comments come before it."""
        text = self.text
        comments = dict(self._walked[2])
        while at < self.close:
            if text[at] == "\n":
                return at + 1
            if at in comments:
                if "\n" in text[at : comments[at]]:
                    return None
                at = comments[at]
            elif text[at] in " \t\r":
                at += 1
            else:
                return None
        return None

    def _lead(self, index: int) -> int:
        """Where an item starts with the comments that belong to it."""
        text, (items, commas, comments, _) = self.text, self._walked
        left = commas[index - 1] + 1 if index else self.open + 1
        start = items[index][0]
        for begin, end in reversed([one for one in comments if left <= one[0] < start]):
            first_on_line = not text[max(left, line_start(text, begin)) : begin].strip()
            behind_another = "\n" not in text[left:begin] and "\n" in text[begin:start]
            if text[end:start].count("\n") > 1 or behind_another or not first_on_line:
                break
            start = begin
        return start


def _ends_blank(text: str) -> bool:
    """Whether the last whole line of a text is blank."""
    return text.endswith("\n") and not text[line_start(text, len(text) - 1) :].strip()
