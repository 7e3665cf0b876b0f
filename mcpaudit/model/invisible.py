"""Characters that show nothing, move the cursor or turn the text around, and the lines that hold them."""

import re

# Ranges and no Unicode categories: every version of Python is to give the same bytes.
_NO_CHARACTERS = "".join(chr(0x10000 * plane + end) for plane in range(1, 14) for end in (0xFFFE, 0xFFFF))
INVISIBLE = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u070f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    f"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a{_NO_CHARACTERS}\U000e0000-\U0010ffff"
)
"""The inside of a class of a regular expression."""
_ANY = re.compile(f"[{INVISIBLE}]")


def invisible(line: str) -> bool:
    """Whether a line of a file holds such a character; its end, tabs and a byte order mark do not count."""
    shown = line.removeprefix("\ufeff").removesuffix("\n").removesuffix("\r")
    return not shown.isprintable() and _ANY.search(shown.replace("\t", "")) is not None
