"""The time of a message: `2026-11-22T09:00:03.123Z`."""

import time


class Moments:
    """Writes times; the part down to the second is kept, as many messages share it."""

    __slots__ = ("_second", "_written")

    def __init__(self) -> None:
        self._second, self._written = -1, ""

    def text(self, at: float) -> str:
        """Seconds since 1970 as text, in UTC."""
        second = int(at)
        if second != self._second:
            self._second = second
            self._written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._written}.{int((at - second) * 1000):03}Z"
