"""Formatted texts as Python 3.12 allows them, rewritten for an earlier parser: https://peps.python.org/pep-0701/"""

import re

_TOKEN = re.compile(r"#[^\n]*|(?<!\w)([A-Za-z]{0,2})(\"\"\"|'''|\"|')")
_INSIDE = re.compile(r"\\.|\{\{|[{}\"'\n]", re.S)


def plainer(text: str) -> str:
    """The code with each formatted text that reuses its quotes or escapes within braces made unknown."""
    parts: list[str] = []
    at = 0
    while found := _TOKEN.search(text, at):
        parts.append(text[at : found.start()])
        at, new = _after(text, found) if found[2] else (found.end(), False)
        lines = text.count("\n", found.start(), at)
        if new:
            quotes = '"""' if lines else '"'
            parts.append(f"f{quotes}{{...}}" + "\n" * lines + quotes)
        else:
            parts.append(text[found.start() : at])
    return "".join([*parts, text[at:]])


def _after(text: str, start: re.Match[str]) -> tuple[int, bool]:
    """Where a text ends that begins here, and whether it is written in the newer way."""
    formatted, closing = "f" in start[1].lower(), start[2]
    at, depth, new = start.end(), 0, False
    while found := _INSIDE.search(text, at):
        at, one = found.end(), found[0]
        if one in ("'", '"'):
            whole = text.startswith(closing, found.start())
            if depth and formatted:
                # Within braces even the text's own quotes begin another text.
                inner = _TOKEN.match(text, found.start())
                at = _plain_end(text, inner) if inner else at
                written = text[found.start() : at]
                new |= closing in written or "\\" in written
            elif whole:
                return found.start() + len(closing), new
        elif one == "\n":
            if len(closing) == 1 and not depth:
                return at, False  # broken: no text of one line goes on
            new |= depth > 0 and len(closing) == 1
        elif one[0] == "\\":
            new |= depth > 0 and formatted
        elif formatted and one != "{{":
            depth = max(0, depth + (1 if one == "{" else -1))
        elif formatted and depth:
            depth += 2
    return len(text), False


def _plain_end(text: str, start: re.Match[str]) -> int:
    """Where a text within braces ends; it is taken as one without braces of its own."""
    closing, at = start[2] or "", start.end()
    while found := _INSIDE.search(text, at):
        at = found.end()
        if found[0] in ("'", '"') and text.startswith(closing, found.start()):
            return found.start() + len(closing)
        if found[0] == "\n" and len(closing) == 1:
            return at
    return len(text)
