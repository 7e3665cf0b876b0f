"""The sending side of a connection: what belongs together goes out together."""

import asyncio
from contextlib import suppress


class Outlet:
    """Sends at once; what is held goes with what comes next, or as soon as nothing more is at hand."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._held = b""
        self._waiting: asyncio.Handle | None = None

    def hold(self, raw: bytes) -> None:
        """Send it with what follows, if that is there already: a head and its body are one packet then."""
        self._held += raw
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_soon(self.flush)

    async def send(self, raw: bytes) -> bool:
        """Send it; false where nobody takes it any more."""
        self._held += raw
        self.flush()
        try:
            await self._writer.drain()
        except OSError:
            return False
        return True

    def flush(self) -> None:
        """Send what is held."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._held:
            self._writer.write(self._held)
            self._held = b""

    def end(self) -> None:
        """Say that nothing more comes."""
        self.flush()
        if self._writer.can_write_eof():
            self._writer.write_eof()

    async def close(self) -> None:
        """Close the connection, whatever state it is in."""
        self.flush()
        self._writer.close()
        with suppress(OSError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._writer.wait_closed(), 1)
