"""What a tool does, a line for each kind of thing: how surely, and what that was worked out from."""

from collections.abc import Iterable

from mcpaudit.model.action import ACTIONS, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.report_access import TouchRow
from mcpaudit.report.page import Page, Style

_SHOWN = 4
_STYLES: dict[str, Style] = {Certainty.CERTAIN: "bold", Certainty.POSSIBLE: "amber", Certainty.UNKNOWN: "dim"}


def write_touches(page: Page, touches: Iterable[TouchRow], indent: int) -> None:
    """The surest first (their names sort that way); what is unknown stands last and is never left out."""
    for touch in sorted(touches, key=lambda one: (one.certainty, one.on)):
        does = "anything" if len(touch.actions) == len(ACTIONS) else in_words(touch.actions)
        on = "" if touch.on == "unknown:" else f" on {touch.on.rstrip(':')}"
        why = "; ".join(touch.evidence[:_SHOWN])
        page.write(
            f"{does}{on}" + (f", because {why}" if why else ""),
            indent,
            label=f"{touch.certainty}:",
            style=_STYLES[touch.certainty],
            hang=indent + 2,
        )
