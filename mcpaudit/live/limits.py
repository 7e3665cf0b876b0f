"""Bounds on what a running server can cost: time, memory, output. Real servers stay far below."""

from typing import Final

TIMEOUT: Final = 30.0
"""Seconds from the start of a server to its whole list, unless `--timeout` says otherwise."""

JOBS: Final = 4
"""Servers that run at the same time."""

MAX_TOTAL: Final = 16 * 2**20
"""Bytes of all that one server sends, on standard output or by HTTP, and again on standard error."""

MAX_MESSAGE: Final = 8 * 2**20
"""Bytes of one message, or of one HTTP answer."""

MAX_MESSAGES: Final = 5_000
"""Messages from one server, notifications included."""

MAX_JUNK: Final = 1_000
"""Lines on standard output that are no message; servers that print a banner write a few."""

MAX_PAGES: Final = 1_000
"""Pages of `tools/list`."""

MAX_TOOLS: Final = 5_000
"""Tools of one server."""

MAX_LIST: Final = 4 * 2**20
"""Bytes of all tools of one server. The largest lists of real servers are below 1 MiB."""

ATTEMPTS: Final = 3
"""How often a list that changes while it is read is read again."""

GRACE: Final = 1.0
"""Seconds for a server to end after its input closed, and again after it was told to terminate."""

TAIL: Final = 16 * 2**10
"""Bytes of standard error that are kept, from its end."""

SHUTDOWN: Final = 5.0
"""Seconds for a server to end after its input closed, where that is what is tested."""

PINGS: Final = 3
"""How often a server is asked for a sign of life; what is told is the median."""

PATIENCE: Final = 10.0
"""Seconds in which a failure has to show."""

STANDSTILL: Final = 1.0
"""Seconds for which a server is made to stand still."""
