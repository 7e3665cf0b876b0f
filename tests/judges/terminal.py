"""A terminal emulator that has to see plain text only."""

import re
from typing import Any

import pyte

COLOURS = re.compile("\x1b\\[(?:0|1|2|1;31|3[234])m")
"""The colours that mcpaudit itself uses."""
# What a terminal or its user could take for something else than what it is: ECMA-48's C0 and C1, Unicode's
# controls of direction, and what is of no width.
_CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_ROWS, _COLUMNS = 50, 120


_PLAIN = frozenset({"draw", "linefeed", "carriage_return"})


class _Watched:
    """A screen that notes all that it is asked for besides writing characters and going to the next line."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(_COLUMNS, _ROWS)
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in pyte.Stream.events - _PLAIN:
            self.asked.append(name)
        return getattr(self.screen, name)


def check(output: str) -> None:
    """Fails unless a terminal shows this as it would show the same text without any control."""
    plain = COLOURS.sub("", output)
    found = _CONTROLS.search(plain)
    assert found is None, repr(plain[max(found.start() - 60, 0) : found.end() + 60])
    _same_screen(output)


def _same_screen(output: str) -> None:
    shown, plain = _Watched(), _Watched()
    for one, text in ((shown, output), (plain, COLOURS.sub("", output))):
        stream = pyte.Stream(one)
        one.asked.clear()
        stream.feed(text.replace("\n", "\r\n"))
    assert set(shown.asked) - {"select_graphic_rendition"} == set()
    assert plain.asked == []
    one, other = shown.screen, plain.screen
    assert one.display == other.display
    assert (one.cursor.x, one.cursor.y) == (other.cursor.x, other.cursor.y)
    assert (one.title, one.icon_name, one.mode) == (other.title, other.icon_name, other.mode)
    assert one.cursor.attrs == other.cursor.attrs, "a colour is left on"
