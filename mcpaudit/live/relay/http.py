"""The relay of a server that is reached by HTTP: streamable HTTP, and the older transport with SSE.

Each connection of the client has one to the server, and what ends the one ends the other. Bodies are passed
on as they come, byte by byte as they were framed; a copy is read for the log.
"""

import asyncio
import json
import ssl
from contextlib import suppress
from itertools import count
from typing import Any

from mcpaudit.live.relay.http_exchange import AbortedError, Exchange
from mcpaudit.live.relay.http_head import MAX_HEAD, BadHeadError, Head, read_head
from mcpaudit.live.relay.http_rules import RefusedError, Target, checked
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.scopes import Scopes

CONNECT = 10.0
"""Seconds to reach the server."""
LINGER = 1.0
"""Seconds that the client has to take the relay's own answer."""
MOST = 512
"""Connections at the same time."""
_REASONS = {400: "Bad Request", 403: "Forbidden", 421: "Misdirected Request", 502: "Bad Gateway"}
_REASONS |= {503: "Service Unavailable"}
_BROKEN = (OSError, asyncio.IncompleteReadError, BadHeadError, AbortedError)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HttpRelay:
    """Listens at one address and leads to one server."""

    def __init__(self, target: Target, recorder: Recorder, *, exposed: bool = False) -> None:
        self._target, self._recorder, self._exposed = target, recorder, exposed
        self._context = ssl.create_default_context() if target.scheme == "https" else None
        self._scopes = Scopes()
        self._numbers = count(1)
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, host: str, port: int) -> None:
        """Begin to listen; raises OSError where that is not possible."""
        self._server = await asyncio.start_server(self._accepted, host, port, limit=MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

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
        try:
            if len(self._clients) > MOST:
                await _answer((reader, writer), 503, f"more than {MOST} connections at the same time")
            else:
                await self._connection((reader, writer))
        except (*_BROKEN, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            await _closed(writer)

    async def _connection(self, client: Streams) -> None:
        """The exchanges of one connection, one after the other."""
        server: Streams | None = None
        waiting: asyncio.Future[Head | None] | None = asyncio.ensure_future(read_head(client[0]))
        try:
            while waiting is not None:
                idle = server is None or await self._open_until(waiting, server)
                head = await waiting if idle or waiting.done() else None
                if head is None:
                    return
                start = checked(head, self.port, exposed=self._exposed)
                if server is not None and not idle:
                    # It closed its connection just as the request came: nothing of that is sent yet.
                    await _closed(server[1])
                    server = None
                scope = self._scopes.of(head, start, next(self._numbers))
                exchange = Exchange(head, start, client, self._target, self._recorder, self._scopes, scope)
                server = server or await self._connected(exchange)
                waiting = exchange.following
                await exchange.run(server)
                waiting = None if exchange.closes else exchange.following
        except RefusedError as refusal:
            await _answer(client, refusal.status, refusal.reason)
        except BadHeadError as error:
            await _answer(client, 400, str(error))
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            if server is not None:
                await _closed(server[1])

    async def _open_until(self, waiting: "asyncio.Future[Head | None]", server: Streams) -> bool:
        """Whether the server keeps its connection open until the client's next request."""
        idle = asyncio.ensure_future(server[0].read(1))
        both: set[asyncio.Future[Any]] = {waiting, idle}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if idle.done():
            return False
        idle.cancel()
        with suppress(OSError, asyncio.CancelledError):
            await idle
        return True

    async def _connected(self, exchange: Exchange) -> Streams:
        opening = asyncio.open_connection(
            self._target.host, self._target.port, ssl=self._context, limit=MAX_HEAD
        )
        try:
            return await asyncio.wait_for(opening, CONNECT)
        except TimeoutError:
            why = f"no connection within {CONNECT:.0f} seconds"
        except ssl.SSLError as error:
            why = f"no secure connection: {error.reason or error}"
        except OSError as error:
            why = error.strerror or str(error)
        await exchange.unreachable()
        raise RefusedError(502, f"{self._target.origin} cannot be reached: {why}")


async def _answer(client: Streams, status: int, reason: str) -> None:
    """An answer of the relay's own: it says that it is not the server's."""
    content = json.dumps({"error": f"mcpaudit live record: {reason}"}).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = client
    with suppress(OSError, TimeoutError):
        writer.write(head.encode() + content)
        await writer.drain()
        writer.write_eof()
        # What is unread when a connection closes makes the client lose the answer.
        await asyncio.wait_for(_drained(reader), LINGER)


async def _drained(reader: asyncio.StreamReader) -> None:
    while await reader.read(MAX_HEAD):
        pass


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(writer.wait_closed(), 1)
