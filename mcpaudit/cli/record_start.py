"""The start of `mcpaudit live record -- COMMAND`, which every start of a recorded server waits for.

The usual command line is read here, before the library for command lines is loaded, which takes about as long
as all else together; whatever is not quite usual is left to that (`cli/live_record.py`).
"""

import os
import select
import sys
from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mcpaudit.live.relay.wanted import Wanted

MAX_BYTES, LEAST = 50_000_000, 10_000
KEEP, MOST = 4, 1000
_INTERNAL = 70
_TEXTS = ("--name", "--client", "--log")
_NUMBERS = {"--max-bytes": (LEAST, sys.maxsize), "--keep": (0, MOST)}


def quick(words: Sequence[str]) -> int | None:
    """Run `live record` with these words behind it; `None` where they are left to the library."""
    texts, numbers, at = dict.fromkeys(_TEXTS, ""), {"--max-bytes": MAX_BYTES, "--keep": KEEP}, 0
    while at < len(words) and words[at] != "--":
        name, given, value = words[at].partition("=")
        at += 1
        if not given and at < len(words):
            value, at = words[at], at + 1
        if name in texts and value and not value.startswith("-"):
            texts[name] = value
        elif name in numbers and value.isascii() and value.isdigit() and len(value) < 16:
            least, most = _NUMBERS[name]
            if not least <= int(value) <= most:
                return None
            numbers[name] = int(value)
        else:
            return None
    command, (name, client, log) = list(words[at + 1 :]), texts.values()
    if not command or os.path.isdir(log):  # noqa: PTH112 (pathlib takes as long as all of this)
        return None
    try:
        return recorded(command, name, client, log, numbers["--max-bytes"], numbers["--keep"])
    except Exception as error:
        why = f"internal error ({type(error).__name__})"
        complain(f"mcpaudit: {why}. This is a fault in mcpaudit; please report it.")
        return _INTERNAL


def recorded(
    command: Sequence[str],
    name: str,
    client: str,
    log: str,
    max_bytes: int,
    keep: int,
    *,
    values: bool = False,
) -> int:
    """Run a server behind the relay, and give its exit code."""
    from mcpaudit.live.relay.stdio import record

    if values:
        complain("mcpaudit: values of arguments are recorded; known secrets are masked, others are not")

    def wanted() -> "Wanted":
        from mcpaudit.live.relay.wanted import Wanted

        return Wanted(name, client, log, max_bytes, keep, values)

    return record(command, wanted, dict(os.environ), complain)


def complain(text: str) -> None:
    """Say it where there is room for it: nobody may read standard error, and nothing waits for that."""
    try:
        if sys.platform == "win32" or select.select([], [2], [], 0)[1]:
            os.write(2, f"{text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass
