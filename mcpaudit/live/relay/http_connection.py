"""One connection of a client, and the one to the server behind it: what ends the one ends the other.

Each is read by a task of its own, from its beginning to its end, so that an exchange costs no task.
"""

import asyncio
import json
import ssl
from collections.abc import Coroutine, Iterator
from contextlib import suppress

from mcpaudit.live.relay.http_exchange import AbortedError, Exchange
from mcpaudit.live.relay.http_head import MAX_HEAD, BadHeadError, read_head
from mcpaudit.live.relay.http_outlet import Outlet
from mcpaudit.live.relay.http_rules import RefusedError, Target, checked
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.scopes import Scopes

CONNECT = 10.0
"""Seconds to reach the server."""
LINGER = 1.0
"""Seconds that the client has to take the relay's own answer."""
_REASONS = {400: "Bad Request", 403: "Forbidden", 421: "Misdirected Request", 502: "Bad Gateway"}
_REASONS |= {503: "Service Unavailable"}
_BROKEN = (OSError, asyncio.IncompleteReadError, BadHeadError, AbortedError)


class Way:
    """To whom all connections of one relay lead, and what records them."""

    def __init__(self, target: Target, recorder: Recorder, numbers: Iterator[int], *, exposed: bool) -> None:
        self.target, self.recorder, self.numbers, self.exposed = target, recorder, numbers, exposed
        self.context = ssl.create_default_context() if target.scheme == "https" else None
        self.scopes = Scopes()
        self.port = 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the server; raises RefusedError where there is none."""
        target = self.target
        opening = asyncio.open_connection(target.host, target.port, ssl=self.context, limit=MAX_HEAD)
        try:
            return await asyncio.wait_for(opening, CONNECT)
        except TimeoutError:
            why = f"no connection within {CONNECT:.0f} seconds"
        except ssl.SSLError as error:
            why = f"no secure connection: {error.reason or error}"
        except OSError as error:
            why = error.strerror or str(error)
        raise RefusedError(502, f"{target.origin} cannot be reached: {why}")


class Connection:
    """Passes on the exchanges of one client's connection, one after the other."""

    def __init__(self, way: Way, client: asyncio.StreamReader, back: Outlet) -> None:
        self._way, self._client, self._back = way, client, back
        self._over: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        """Why it ends, once it does."""
        self._server: tuple[asyncio.StreamReader, Outlet] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        """What reads the client, and what reads the server it has now."""
        self._exchange: Exchange | None = None
        """The one that is under way, or was the last."""

    async def run(self) -> None:
        """Until one of both sides ends it."""
        try:
            self._begin(self._ask())
            error = await self._over
            await self._end_tasks()
            if isinstance(error, RefusedError):
                await answer(self._client, self._back, error.status, error.reason)
            elif isinstance(error, BadHeadError) and not self._under_way:
                await answer(self._client, self._back, 400, str(error))
            elif error is not None and not isinstance(error, _BROKEN):
                raise error
        finally:
            await self._end_tasks()
            self._way.recorder.flush()
            if self._server is not None:
                await self._server[1].close()

    @property
    def _under_way(self) -> bool:
        return self._exchange is not None and not self._exchange.over.done()

    async def _ask(self) -> None:
        """Pass on what the client asks, until it asks no more."""
        while True:
            head = await read_head(self._client)
            if head is None:
                return
            if self._under_way:
                assert self._exchange is not None
                await self._exchange.over
            if self._exchange is not None and self._exchange.closes:
                return
            start = checked(head, self._way.port, exposed=self._way.exposed)
            way = self._way
            exchange = Exchange(head, start, way.target, way.recorder, way.scopes, next(way.numbers))
            server = await self._reached(exchange)
            self._exchange = exchange
            if not await exchange.request(self._client, server):
                await exchange.over
                return

    async def _reached(self, exchange: Exchange) -> Outlet:
        """The server's connection: the one that is there, if it is still open."""
        if self._server is not None and self._server[0].at_eof():
            # It closed just as the request came: nothing of that is sent yet.
            _, old = self._server
            self._server = None
            await self._end_tasks(keep=1)
            await old.close()
        if self._server is None:
            try:
                reader, writer = await self._way.connect()
            except RefusedError:
                await exchange.unreachable(self._client)
                raise
            self._server = reader, Outlet(writer)
            self._begin(self._tell(reader))
        return self._server[1]

    async def _tell(self, server: asyncio.StreamReader) -> None:
        """Pass on what the server answers, until it ends or nobody asked."""
        while True:
            try:
                head = await read_head(server)
            except (OSError, BadHeadError) as error:
                if self._exchange is None or not self._under_way:
                    return
                raise self._exchange.failed(error) from None
            exchange = self._exchange
            if exchange is None or exchange.over.done():
                return
            await exchange.response(head, server, self._back)
            if exchange.closes:
                return

    def _begin(self, reading: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(reading)
        self._tasks.append(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task in self._tasks and not self._over.done() and not task.cancelled():
            self._over.set_result(task.exception())

    async def _end_tasks(self, keep: int = 0) -> None:
        ended, self._tasks = self._tasks[keep:], self._tasks[:keep]
        for one in ended:
            one.cancel()
        await asyncio.gather(*ended, return_exceptions=True)


async def answer(client: asyncio.StreamReader, back: Outlet, status: int, reason: str) -> None:
    """An answer of the relay's own: it says that it is not the server's."""
    content = json.dumps({"error": f"mcpaudit live record: {reason}"}).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError, TimeoutError):
        if await back.send(head.encode() + content):
            back.end()
            # What is unread when a connection closes makes the client lose the answer.
            await asyncio.wait_for(_drained(client), LINGER)


async def _drained(reader: asyncio.StreamReader) -> None:
    while await reader.read(MAX_HEAD):
        pass
