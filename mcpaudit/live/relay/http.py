"""The relay of a server that is reached by HTTP: streamable HTTP, and the older transport with SSE.

Each connection of the client has one to the server, and what ends the one ends the other. Bodies are passed
on as they come, byte by byte as they were framed; a copy is read for the log.
"""

import asyncio
from itertools import count

from mcpaudit.live.relay.http_connection import Connection, Way, answer
from mcpaudit.live.relay.http_head import MAX_HEAD
from mcpaudit.live.relay.http_outlet import Outlet
from mcpaudit.live.relay.http_rules import Target
from mcpaudit.live.relay.recorder import Recorder

MOST = 512
"""Connections at the same time."""


class HttpRelay:
    """Listens at one address and leads to one server."""

    def __init__(self, target: Target, recorder: Recorder, *, exposed: bool = False) -> None:
        self._way = Way(target, recorder, count(1), exposed=exposed)
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._way.port

    async def listen(self, host: str, port: int) -> None:
        """Begin to listen; raises OSError where that is not possible."""
        self._server = await asyncio.start_server(self._accepted, host, port, limit=MAX_HEAD)
        self._way.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        for one in self._clients:
            one.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        back = Outlet(writer)
        try:
            if len(self._clients) > MOST:
                await answer(reader, back, 503, f"more than {MOST} connections at the same time")
            else:
                await Connection(self._way, reader, back).run()
        except asyncio.CancelledError:
            pass
        finally:
            self._clients.discard(task)
            await back.close()
