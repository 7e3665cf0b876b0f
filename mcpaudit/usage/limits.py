"""Bounds on logs, so that a hostile one costs little: what is over a bound is told, never lost silently."""

from typing import Final

MAX_FILE: Final = 1024 * 1024 * 1024
"""Transcripts of long sessions reach 100 MB; ten times that is no transcript."""

MAX_FILES: Final = 100_000
"""Files of one search."""

MAX_LINE: Final = 4 * 1024 * 1024
"""One record; parsing it costs up to 25 times this. Records with images are larger, and name no tool."""

MAX_NAME: Final = 256
"""Characters of a server's or tool's name; clients cut names at 64."""

MAX_ROWS: Final = 20_000
"""Different tools, and different windows."""

MAX_SERVERS: Final = 1000
"""Servers that one session offers; of more it is not known that they are loaded."""

MAX_DAYS: Final = 200_000
"""Days of all windows together, and of those of one file."""

MAX_SESSIONS: Final = 500_000
"""Sessions of all windows together; more are not counted."""

MAX_CALLS: Final = 500_000
"""Calls that are known again when a copied session repeats them."""

MAX_OPEN: Final = 50_000
"""Calls of one file whose outcome is still to come."""
