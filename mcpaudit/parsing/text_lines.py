"""Lines of a text by offset, for changes that leave all others as they are."""


def newline_of(text: str) -> str:
    """The line end that a text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def line_start(text: str, at: int) -> int:
    """Where the line of an offset starts."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line after that of an offset starts; the end of the text where there is none."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def indent_of(text: str, at: int) -> str:
    """The blanks with which the line of an offset starts, up to that offset."""
    line = text[line_start(text, at) : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def with_line(text: str, at: int, line: str) -> str:
    """The text with a line more at the start of a line, or behind a last line that has no end."""
    end = newline_of(text)
    if at and text[at - 1] != "\n":
        return f"{text[:at]}{end}{line}{text[at:]}"
    return f"{text[:at]}{line}{end}{text[at:]}"
