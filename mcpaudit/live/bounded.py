"""Stands between a transport and the SDK, and lets through only what is within bounds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.client import Transport
from mcp.shared.message import SessionMessage

from mcpaudit.live.watch import NotListed, Watch


def bounded(transport: Transport, watch: Watch) -> Transport:
    """The same transport; where a bound is broken the connection ends, and `watch` knows why."""
    return _bounded(transport, watch)


@asynccontextmanager  # whose streams' type has no public name in the SDK
async def _bounded(transport: Transport, watch: Watch) -> AsyncIterator[Any]:
    async with transport as (read, write), anyio.create_task_group() as tasks:
        passing, passed = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        tasks.start_soon(_relay, read, passing, watch)
        with passed:
            yield passed, write
        tasks.cancel_scope.cancel()


async def _relay(
    read: Any, passing: MemoryObjectSendStream[SessionMessage | Exception], watch: Watch
) -> None:
    with passing:
        try:
            async for one in read:
                if isinstance(one, SessionMessage):
                    watch.message(getattr(one.message, "result", None))
                    if watch.kept is not None:
                        watch.kept.append(one.message.model_dump_json())
                await passing.send(one)
        except (NotListed, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return
