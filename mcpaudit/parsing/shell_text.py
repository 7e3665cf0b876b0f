"""A shell script as the simple commands that it has, for clients that are set up by one; nothing is run.

What stands in a block or behind `&&` may or may not run: such a command is not `sure`. Quotes are taken off;
variables and `$(...)` stay in the words as they are written.
"""

from collections.abc import Iterator
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.document import Irregularity, Json, Lines, Malformed, Positions, Spot
from mcpaudit.parsing.limits import MAX_SLOW_NODES

_OPENS = {"if", "for", "while", "until", "case", "select", "function", "{"}
_CLOSES = {"fi", "done", "esac", "}"}
_BETWEEN = {"then", "else", "elif", "do", "!", "time"}


@dataclass(slots=True)
class _Command:
    words: list[tuple[str, int]] = field(default_factory=list)
    sure: bool = True


def parse(text: str) -> tuple[Json, tuple[Irregularity, ...]]:
    """`commands`, each with its `words` and whether it surely runs; raises `Malformed` for an open quote."""
    commands: list[Json] = []
    count = 0
    for one in _commands(text):
        count += 1 + len(one.words)
        if count > MAX_SLOW_NODES:
            raise Malformed(f"more than {MAX_SLOW_NODES:,} values")
        commands.append({"words": [word for word, _ in one.words], "sure": one.sure})
    return {"commands": commands}, ()


def positions(text: str) -> Positions:
    """Where each command and word begins."""
    found: Positions = {("commands",): Spot(0, 0)}
    for index, one in enumerate(_commands(text)):
        start = one.words[0][1]
        found["commands", index] = Spot(start, start)
        for at, (_, offset) in enumerate(one.words):
            found["commands", index, "words", at] = Spot(offset, offset)
    return found


def _commands(text: str) -> Iterator[_Command]:
    depth, chained = 0, False
    command = _Command()
    for word, offset, separator in _tokens(text):
        if word:
            if not command.words and word in _OPENS | _CLOSES | _BETWEEN:
                depth += (word in _OPENS) - (word in _CLOSES)
            else:
                command.words.append((word, offset))
        if separator:
            name = command.words[0][0] if command.words else ""
            if name.endswith("()"):
                depth += command.words[-1][0] == "{"
            elif command.words:
                command.sure = depth <= 0 and not chained
                yield command
            chained = separator in ("&&", "||", "|", "&")
            command = _Command()


def _tokens(text: str) -> Iterator[tuple[str, int, str]]:
    """Words with their offsets, and what ends a command."""
    at, end = 0, len(text)
    while at < end:
        letter = text[at]
        if letter == "#":
            at = text.find("\n", at) if "\n" in text[at:] else end
        elif letter in "\n;&|":
            double = text[at : at + 2]
            separator = double if double in ("&&", "||", ";;") else letter
            yield "", at, separator
            at += len(separator)
        elif letter in " \t\r" or text.startswith("\\\n", at):
            at += 1 if letter != "\\" else 2
        elif text.startswith("<<", at):
            raise Malformed("a here-document, which is not followed", *Lines(text).at(at))
        else:
            word, after = _word(text, at)
            yield word, at, ""
            at = after
    yield "", end, "\n"


def _word(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    at = start
    while at < len(text) and text[at] not in " \t\r\n;&|":
        letter = text[at]
        if letter in "'\"":
            after = _quoted(text, at)
            inside = text[at + 1 : after - 1]
            parts.append(inside if letter == "'" else inside.replace('\\"', '"').replace("\\\n", ""))
            at = after
        elif text.startswith("$(", at) or letter == "`":
            after = _substituted(text, at)
            parts.append(text[at:after])
            at = after
        elif letter == "\\":
            parts.append(text[at + 1 : at + 2].replace("\n", ""))
            at += 2
        else:
            parts.append(letter)
            at += 1
    return "".join(parts) or " ", at


def _quoted(text: str, at: int) -> int:
    quote, end = text[at], at + 1
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" and quote == '"' else 1
    if end >= len(text):
        raise Malformed("a quote that is not closed", *Lines(text).at(at))
    return end + 1


def _substituted(text: str, at: int) -> int:
    """Behind `$(...)`, with what is nested in it, or behind `` `...` ``."""
    if text[at] == "`":
        end = text.find("`", at + 1)
    else:
        depth, end = 0, at + 1
        while end < len(text):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                break
            end += 1
    if not at < end < len(text):
        raise Malformed("a substitution that is not closed", *Lines(text).at(at))
    return end + 1
