"""What every template may use: filters that turn the report's values into words, always escaped."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mcpaudit.model.action import changes
from mcpaudit.report import reach, verdict
from mcpaudit.report.credential_words import held_where, lifetime
from mcpaudit.report.escape import named, visible
from mcpaudit.report.escape import prose as plain
from mcpaudit.report.listing import place

if TYPE_CHECKING:
    from markupsafe import Markup

_SPAN = re.compile("`([^`]+)`")


def prose(text: str) -> "Markup":
    """A message, with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = _SPAN.split(plain(text))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def breakable(name: str) -> "Markup":
    """A long name that may be broken after each of its parts."""
    from markupsafe import Markup, escape

    return escape(plain(name)).replace("/", Markup("/<wbr>"))


def telling(actions: tuple[str, ...]) -> bool:
    """Whether these actions change something or let it out, or are not known."""
    return not actions or changes(actions) or "send" in actions


def name(text: str) -> "Markup":
    """A name that people tell things apart by, with the blanks that a browser would join or leave out."""
    from markupsafe import escape

    return escape(plain(text))


def shown(value: Any) -> Any:
    """Every string with what cannot be seen made visible; the engine escapes the rest."""
    from markupsafe import Markup

    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": breakable,
    "count": verdict.count,
    "held": held_where,
    "lifetime": lifetime,
    "name": name,
    "named": named,
    "place": place,
    "prose": prose,
    "telling": telling,
    "words": reach.in_words,
}
