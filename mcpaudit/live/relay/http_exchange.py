"""One request and its response on their way through the relay."""

import asyncio
import sys
from contextlib import suppress

from mcpaudit.live.relay.http_body import body
from mcpaudit.live.relay.http_content import Found, Whole, content_of
from mcpaudit.live.relay.http_head import BadHeadError, Head, Start, read_head, status_of
from mcpaudit.live.relay.http_rules import RefusedError, Target, forwarded, returned
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.scopes import Scopes
from mcpaudit.model.record import Message

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_SWITCHING, _FINAL, _ERROR, _BAD_GATEWAY = 101, 200, 400, 502
_PATIENCE = 10.0
"""Seconds for the rest of a request that nobody is there to answer."""


class AbortedError(Exception):
    """One of both sides went away in the middle."""


class Exchange:
    """Passes on one request and its response, and records their messages."""

    def __init__(
        self,
        head: Head,
        start: Start,
        client: Streams,
        target: Target,
        recorder: Recorder,
        scopes: Scopes,
        scope: str,
    ) -> None:
        self._head, self._start, self._client, self._target = head, start, client, target
        self._recorder, self._scopes, self._scope = recorder, scopes, scope
        self._asked: list[Message] = []
        self._answered = False
        """Whether a message came back."""
        self._begun = False
        """Whether the client has something of the response."""
        self.closes = head.closes
        self.following: asyncio.Future[Head | None] | None = None
        """The client's next request, once this one is read; if the client goes away, that shows there."""

    async def run(self, server: Streams) -> None:
        """Pass both on; raises RefusedError where no response comes, AbortedError where one is cut short."""
        request = asyncio.ensure_future(self._request(server[1]))
        response = asyncio.ensure_future(self._response(server[0]))
        try:
            while not response.done():
                tasks = {request, response, self.following}
                open_ = {one for one in tasks if one is not None and not one.done()}
                await asyncio.wait(open_, return_when=asyncio.FIRST_COMPLETED)
                if request.done():
                    request.result()
                    self._await_next()
                if self.following is not None and self.following.done() and not response.done():
                    if self.following.exception() or self.following.result() is None:
                        raise AbortedError("the client went away")
                    await asyncio.wait({response})
            response.result()
            if request.done() and not request.exception():
                self._await_next()
            # A response before the end of its request: neither connection can be used again.
            self.closes = self.closes or self.following is None
        except (OSError, asyncio.IncompleteReadError, BadHeadError) as error:
            self._recorder.refused(self._asked, self._scope, _BAD_GATEWAY)
            if self._begun:
                raise AbortedError("the server went away") from None
            told = str(error) if isinstance(error, BadHeadError) else "it ended the connection"
            raise RefusedError(_BAD_GATEWAY, f"{self._target.origin} gave no answer: {told}") from None
        finally:
            self._recorder.flush()
            for one in (request, response):
                one.cancel()
            await asyncio.gather(request, response, return_exceptions=True)
            if sys.exc_info()[0] is not None and self.following is not None:
                self.following.cancel()
                await asyncio.gather(self.following, return_exceptions=True)

    async def unreachable(self) -> None:
        """Record the request where there is no server to pass it on to."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._request(None), _PATIENCE)
        self._recorder.refused(self._asked, self._scope, _BAD_GATEWAY)
        self._recorder.flush()

    def _await_next(self) -> None:
        if self.following is None:
            self.following = asyncio.ensure_future(read_head(self._client[0]))

    async def _request(self, writer: asyncio.StreamWriter | None) -> None:
        """Pass the request on; where the server takes no more, its response says why."""
        content = content_of(self._head) if self._start.method == "POST" else None
        if writer is not None and not await _sent(writer, forwarded(self._head, self._target).raw):
            return
        try:
            async for raw, part, last in body(self._client[0], self._head.length or 0):
                # Before the server has all of it, so that no answer can come earlier.
                for one in [*content.feed(part), *(content.end() if last else ())] if content else ():
                    self._asked += self._recorder.note("to-server", one.raw, one.size, self._scope)
                if writer is not None and not await _sent(writer, raw):
                    return
        except (OSError, asyncio.IncompleteReadError, BadHeadError) as error:
            raise AbortedError("the client went away in its request") from error
        self._recorder.flush()

    async def _response(self, reader: asyncio.StreamReader) -> None:
        writer = self._client[1]
        head, status = await self._response_head(reader)
        length = self._length(head, status)
        self.closes = self.closes or head.closes or length is None
        post = self._start.method == "POST"
        content = content_of(head)
        if not post and isinstance(content, Whole):
            # No message of MCP comes that way: the metadata of a login, say.
            content = None
        async for raw, part, last in body(reader, length):
            for one in [*content.feed(part), *(content.end() if last else ())] if content else ():
                self._note(one, status)
            if not await _sent(writer, raw):
                raise AbortedError("the client went away")
            self._recorder.flush()
        if status >= _ERROR and post and not self._answered:
            self._recorder.refused(self._asked, self._scope, status)

    async def _response_head(self, reader: asyncio.StreamReader) -> tuple[Head, int]:
        """The head of the response; interim ones before it are passed on (RFC 9110, 15.2)."""
        while True:
            head = await read_head(reader)
            if head is None:
                raise asyncio.IncompleteReadError(b"", None)
            status = status_of(head)
            self._length(head, status)
            if status == _SWITCHING:
                raise BadHeadError("it changed the protocol unasked")
            self._begun = True
            if not await _sent(self._client[1], returned(head, self._target).raw):
                raise AbortedError("the client went away")
            if status >= _FINAL:
                return head, status

    def _length(self, head: Head, status: int) -> int | None:
        if self._start.method == "HEAD" or status < _FINAL or status in (204, 304):
            return 0
        return head.length

    def _note(self, found: Found, status: int) -> None:
        if found.event == "endpoint":
            self._scope = self._scopes.announce((found.raw or b"").decode("utf-8", "replace"))
            return
        if found.event not in ("", "message"):
            return
        rows = self._recorder.note(
            "to-client", found.raw, found.size, self._scope, status, junk=status < _ERROR
        )
        self._answered = self._answered or bool(rows)


async def _sent(writer: asyncio.StreamWriter, raw: bytes) -> bool:
    """Send it; false where nobody takes it any more."""
    try:
        if raw:
            writer.write(raw)
            await writer.drain()
    except OSError:
        return False
    return True
