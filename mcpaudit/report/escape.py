"""What other people wrote, made harmless for one sink each: a name is hostile until it has passed here.

HTML needs `visible` only: the template engine escapes the rest.
"""

import re
from html import escape as html_escape

from mcpaudit.model.invisible import INVISIBLE

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_INVISIBLE = re.compile(
    f"[{INVISIBLE}]"
    # A fourth mark over one letter, or one over nothing of its own, is drawn over what stands beside it.
    rf"|(?:^|(?<=[\s`\"'(/])|(?<=[{_MARKS}]{{3}}))[{_MARKS}]"
    # A backslash that would begin such a code: no two texts may be shown alike.
    r"|\\(?=u(?:[0-9a-f]{4}|\{))"
)
# Blanks that a page leaves out: at either end, and after another.
_LOST = re.compile("^ | $|(?<= ) ")
# What a runner of GitHub obeys at the start of a line, and lines may begin where a word does; or it, Azure
# and TeamCity anywhere in one (actions/runner, `ActionCommand.cs`).
_COMMAND = re.compile(r"(?<!\S):(?=:[\w-]+(?:::| ))|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)

# A reference to a zero-width space: GitHub links mentions and issues after it has undone backslashes, so
# the word itself has to be split.
_SPLIT = "&#8203;"
_MARKDOWN = re.compile(
    r"[\\`*_{}\[\]<>&#|!~$^=@]|://|:(?=[a-z0-9_+-]+:)|(?i:\bwww(?=\.)|\bgh(?=-\d))|^(?:[-+]|\d+(?=[.)]))"
)
_LINKED = re.compile(r"@|(?<!&)#|:(?=//|[a-z0-9_+-]+:)|(?i:\bwww(?=\.)|\bgh(?=-\d))")
_SPAN = re.compile("`([^`]+)`")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_OWN_WORDS = ("", "own tools", "its own tools")
_CELL = 32_000
_LABEL = 300
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;"}


def visible(text: str) -> str:
    r"""Every character that cannot be seen as its code, `\u200b`; no two texts give the same."""
    if text.isascii() and text.isprintable() and "\\u" not in text:
        return text
    return _INVISIBLE.sub(_code, text)


def prose(text: str) -> str:
    """For a page that joins blanks and drops those at its ends: `visible`, and these as codes too."""
    return _LOST.sub(_code, visible(text))


def named(name: str) -> str:
    """A name for people to read, in quotes where it is empty or would pass for words or quotes of ours."""
    return f'"{name}"' if name in _OWN_WORDS or name.startswith('"') else name


def clip(text: str, limit: int) -> str:
    """At most about `limit` characters of it, and how many there were."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def terminal(text: str) -> str:
    """For a terminal or a log: no control sequence, no new line and no command to a runner survives."""
    return _COMMAND.sub(_code, visible(text))


def terminal_prose(text: str) -> str:
    """The same for a text that is laid out over several lines."""
    return _COMMAND.sub(_code, prose(text))


def line_of_log(line: str) -> str:
    """A line of what `terminal` made, which may have been broken within a word."""
    return _COMMAND.sub(_code, line)


def markdown(text: str) -> str:
    """For GitHub-flavoured Markdown: no markup, HTML, link, image, mention or issue number survives."""
    return _marked(prose(text))


def markdown_code(text: str) -> str:
    """For a code span, also inside of a table, where GitHub links nothing and only pipes need care."""
    return _coded(prose(text))


def markdown_prose(text: str) -> str:
    """A message for Markdown, in which what stands between backticks becomes a code span."""
    parts = _SPAN.split(prose(text))
    return "".join(_coded(part) if index % 2 else _marked(part) for index, part in enumerate(parts))


def markdown_html(text: str) -> str:
    """For the HTML inside of Markdown, where GitHub still looks for mentions, issues and addresses."""
    return _LINKED.sub(lambda match: f"{match[0]}{_SPLIT}", html_escape(prose(text)))


def sarif(text: str) -> str:
    """For a SARIF message, where brackets make links and braces make placeholders."""
    shown = re.sub(r"([\\\[\]])", r"\\\1", visible(text))
    return shown.replace("{", "{{").replace("}", "}}")


def csv(text: str) -> str:
    """For a cell of a spreadsheet: nothing begins like a formula, nothing is over Excel's 32,767 characters.

    OWASP, "CSV Injection": `=`, `+`, `-`, `@` and their full-width forms; tabs and line ends become codes.
    """
    shown = clip(visible(text), _CELL)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def dot(text: str) -> str:
    """A quoted DOT string: Graphviz takes backslashes for escapes, and reads entities in labels."""
    shown = clip(visible(text), _LABEL).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return f'"{shown}"'


def xml(text: str) -> str:
    """For XML text and attributes; the characters that XML 1.0 has no way to write are shown as codes."""
    return html_escape(visible(text))


def _marked(shown: str) -> str:
    return _MARKDOWN.sub(_markdown, shown)


def _coded(shown: str) -> str:
    shown = shown or named("")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    # A backslash before a pipe would undo the pipe's own escape, so the pipe is shown as its code.
    return f"{fence}{pad}{shown.replace('|', _code_of('|'))}{pad}{fence}"


def _code(match: re.Match[str]) -> str:
    return _code_of(match[0])


def _code_of(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\u{{{number:x}}}"


def _markdown(match: re.Match[str]) -> str:
    found = match[0]
    if found in _ENTITIES:
        return _ENTITIES[found]
    if found in ("@", "#"):
        return f"\\{found}{_SPLIT}"
    if found[0] == ":":
        return f":{_SPLIT}{found[1:]}"
    if found[0].isdigit():
        return f"{_SPLIT}{found}"
    return f"{found}{_SPLIT}" if found.isalpha() else f"\\{found}"
