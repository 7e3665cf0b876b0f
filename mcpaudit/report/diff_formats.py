"""The formats that a comparison can be written in; each is imported only when it is asked for."""

from importlib import import_module

from mcpaudit.model.diff import Diff
from mcpaudit.model.report import Report
from mcpaudit.report import formats

OF_HEAD = ("sarif", "gitlab")
"""Those of the later state as a whole, held against the rules of the base: hosts compare them themselves."""
FORMATS = ("text", "json", "markdown", "junit", "annotations", *OF_HEAD)


def render(seen: Diff, head: Report, name: str, *, width: int = 80, colour: bool = False) -> bytes:
    """The comparison in a format; width and colour matter to `text` alone."""
    if name in OF_HEAD:
        return formats.render(head, name)
    module = import_module(f"mcpaudit.report.diff_{name}")
    shown = module.render(seen, width=width, colour=colour) if name == "text" else module.render(seen)
    # A lone half of a surrogate pair is the one thing that a string can hold and a file cannot.
    return shown if isinstance(shown, bytes) else shown.encode("utf-8", "replace")
