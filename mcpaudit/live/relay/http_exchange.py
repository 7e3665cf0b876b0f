"""One request and its response on their way through the relay."""

import asyncio
from contextlib import suppress

from mcpaudit.live.relay.http_body import body
from mcpaudit.live.relay.http_content import Content, Found, Whole, content_of
from mcpaudit.live.relay.http_head import BadHeadError, Head, Start, read_head, status_of
from mcpaudit.live.relay.http_outlet import Outlet
from mcpaudit.live.relay.http_rules import RefusedError, Target, forwarded, returned
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.scopes import Scopes
from mcpaudit.model.record import Message

_SWITCHING, _FINAL, _ERROR, _BAD_GATEWAY = 101, 200, 400, 502
_PATIENCE = 10.0
"""Seconds for the rest of a request that nobody is there to answer."""


class AbortedError(Exception):
    """One of both sides went away in the middle."""


class Exchange:
    """Passes on one request and its response, and records their messages.

    What comes is noted, passed on, and only then read and written down.
    """

    def __init__(
        self, head: Head, start: Start, target: Target, recorder: Recorder, scopes: Scopes, number: int
    ) -> None:
        self._head, self._start, self._target = head, start, target
        self._recorder, self._scopes = recorder, scopes
        self._scope = scopes.of(head, start, number)
        self._asked: list[Message] = []
        self._answers: list[Message] = []
        self._passed = False
        """Whether the server has all of the request."""
        self._begun = False
        """Whether the client has something of the response."""
        self._closes = head.closes
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the client has all of the response."""

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it: also where the response came before the end of the request."""
        return self._closes or not self._passed

    async def request(self, client: asyncio.StreamReader, server: Outlet | None) -> bool:
        """Pass the request on; false where the server takes no more, and its response says why."""
        content = content_of(self._head) if self._start.method == "POST" else None
        if server is not None:
            server.hold(forwarded(self._head, self._target).raw)
        try:
            async for raw, part, last in body(client, self._head.length or 0):
                for one in _found(content, part, last=last):
                    self._recorder.note("to-server", one.raw, one.size, self._scope, into=self._asked)
                # Before the last of it is sent: the answer may come while that is waited for.
                self._passed = last
                if server is not None and not await server.send(raw):
                    self._passed = False
                    return False
                self._recorder.flush()
        except (OSError, asyncio.IncompleteReadError, BadHeadError) as error:
            raise AbortedError("the client went away in its request") from error
        return True

    async def response(self, head: Head | None, server: asyncio.StreamReader, client: Outlet) -> None:
        """Pass the response on, from its first head.

        Raises RefusedError where none comes, AbortedError where it is cut short or the client goes away.
        """
        try:
            await self._response(head, server, client)
        except (OSError, asyncio.IncompleteReadError, BadHeadError) as error:
            raise self.failed(error) from None
        self.over.set_result(None)

    def failed(self, error: Exception) -> Exception:
        """What to raise where the server's response broke off by an error; records that."""
        self._recorder.refused(self._asked, self._scope, _BAD_GATEWAY)
        if self._begun:
            return AbortedError("the server went away")
        told = str(error) if isinstance(error, BadHeadError) else "it ended the connection"
        return RefusedError(_BAD_GATEWAY, f"{self._target.origin} gave no answer: {told}")

    async def unreachable(self, client: asyncio.StreamReader) -> None:
        """Record the request where there is no server to pass it on to."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.request(client, None), _PATIENCE)
        self._recorder.refused(self._asked, self._scope, _BAD_GATEWAY)
        self._recorder.flush()

    async def _response(self, head: Head | None, server: asyncio.StreamReader, client: Outlet) -> None:
        # Interim ones come before it (RFC 9110, 15.2).
        while (status := self._response_head(head, client)) < _FINAL:
            head = await read_head(server)
        assert head is not None
        length = self._length(head, status)
        self._closes = self._closes or head.closes or length is None
        post = self._start.method == "POST"
        content = content_of(head)
        if not post and isinstance(content, Whole):
            # No message of MCP comes that way: the metadata of a login, say.
            content = None
        async for raw, part, last in body(server, length):
            for one in _found(content, part, last=last):
                self._note(one, status)
            if not await client.send(raw):
                raise AbortedError("the client went away")
            self._recorder.flush()
        if status >= _ERROR and post and not self._answers:
            self._recorder.refused(self._asked, self._scope, status)
            self._recorder.flush()

    def _response_head(self, head: Head | None, client: Outlet) -> int:
        """Pass a head of the server's on, and give its status."""
        if head is None:
            raise asyncio.IncompleteReadError(b"", None)
        status = status_of(head)
        self._length(head, status)
        if status == _SWITCHING:
            raise BadHeadError("it changed the protocol unasked")
        self._begun = True
        client.hold(returned(head, self._target).raw)
        return status

    def _length(self, head: Head, status: int) -> int | None:
        if self._start.method == "HEAD" or status < _FINAL or status in (204, 304):
            return 0
        return head.length

    def _note(self, found: Found, status: int) -> None:
        if found.event == "endpoint":
            self._scope = self._scopes.announce((found.raw or b"").decode("utf-8", "replace"))
        elif found.event in ("", "message"):
            self._recorder.note(
                "to-client",
                found.raw,
                found.size,
                self._scope,
                status,
                junk=status < _ERROR,
                into=self._answers,
            )


def _found(content: Content | None, part: bytes, *, last: bool) -> list[Found]:
    if content is None:
        return []
    return [*content.feed(part), *(content.end() if last else ())]
