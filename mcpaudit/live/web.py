"""A remote server, by streamable HTTP or the older SSE, with bounds on what it may send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client import Transport
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from mcpaudit.live.limits import MAX_MESSAGE
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import Watch

OLDER = (400, 404, 405)
"""What a server that knows only SSE answers to a POST (MCP 2025-11-25, "Transports")."""


def http(launch: Launch, watch: Watch, seconds: float) -> Transport:
    """The transport by streamable HTTP; redirects to other hosts are not followed (the SDK sees to that)."""
    return _http(launch, watch, seconds)


@asynccontextmanager  # whose streams' type has no public name in the SDK
async def _http(launch: Launch, watch: Watch, seconds: float) -> AsyncIterator[Any]:
    async with (
        _client(dict(launch.headers), watch, httpx2.Timeout(seconds)) as client,
        streamable_http_client(launch.url, http_client=client, max_sse_event_size=MAX_MESSAGE) as streams,
    ):
        yield streams


def sse(launch: Launch, watch: Watch, seconds: float) -> Transport:
    """The transport by server-sent events, as before 2025-03-26."""

    def client(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        del auth
        return _client(headers or {}, watch, timeout or httpx2.Timeout(seconds))

    return sse_client(launch.url, dict(launch.headers), seconds, seconds, client)


def _client(headers: dict[str, str], watch: Watch, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    async def bound(response: httpx2.Response) -> None:
        watch.statuses.append(response.status_code)
        watch.challenge = watch.challenge or "www-authenticate" in response.headers
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise watch.fail("refused", "it compresses its answer, which it was not asked to")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream, watch)

    # Without compression no small answer can become a large one.
    plain = {"Accept-Encoding": "identity", **headers}
    return httpx2.AsyncClient(headers=plain, timeout=timeout, event_hooks={"response": [bound]})


class _Counted(httpx2.AsyncByteStream):
    """A body whose bytes are counted as they come."""

    def __init__(self, stream: httpx2.AsyncByteStream, watch: Watch) -> None:
        self._stream, self._watch, self._size = stream, watch, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._watch.receive(len(chunk))
            self._size += len(chunk)
            if self._size > MAX_MESSAGE:
                raise self._watch.fail("over-limit", f"one answer is over {MAX_MESSAGE >> 20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
