"""Talks to one server: connects, lets the asker ask, and ends it; or says why that failed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import anyio
import mcp_types as types
from mcp.client import Client, Transport

from mcpaudit import __version__
from mcpaudit.dataclass import dataclass
from mcpaudit.live.bounded import bounded
from mcpaudit.live.listing import Changes
from mcpaudit.live.process import stdio
from mcpaudit.live.reasons import reason
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch
from mcpaudit.live.web import OLDER, http, sse

SELF = types.Implementation(name="mcpaudit", version=__version__)

Asker = Callable[[Client, Changes], Awaitable[None]]
"""Asks a connected server what it wants to know, and keeps the answers itself."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is spoken to."""

    by: Literal["stdio", "http", "sse"]
    mode: Literal["auto", "legacy"] = "auto"
    """`legacy` leaves out `server/discover`."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One connection that is over."""

    way: Way
    watch: Watch
    failure: NotListed | None = None


def impossible(launch: Launch) -> NotListed | None:
    """Why an entry cannot even be tried; `None` where it can."""
    if launch.missing:
        return NotListed("unexpanded", f"no value is known for {', '.join(launch.missing)}")
    if launch.transport in ("ws", "unknown"):
        text = "no MCP transport is known for it" + " (web sockets)" * (launch.transport == "ws")
        return NotListed("not-started", text)
    if not launch.remote and not (launch.command and launch.command[0]):
        return NotListed("not-started", "its entry names nothing to start")
    return None


async def reach(launch: Launch, env: Mapping[str, str], ask: Asker, seconds: float) -> Talk:
    """Talk, and where that fails in a way that older servers are known for, talk as those expect it."""
    ends = anyio.current_time() + seconds
    if not launch.remote:
        ways = Way("stdio"), Way("stdio", "legacy")
    elif launch.transport == "sse":
        return await talk(launch, Way("sse"), env, ask, seconds)
    else:
        ways = Way("http"), Way("sse")
    first = await talk(launch, ways[0], env, ask, seconds)
    outcome, statuses = first.failure and first.failure.outcome, {*first.watch.statuses}
    # Some servers end when the first message is not `initialize`; others know only the older transport.
    if outcome != "exited" if not launch.remote else outcome != "refused" or not statuses & {*OLDER}:
        return first
    again = await talk(launch, ways[1], env, ask, ends - anyio.current_time(), seconds)
    return first if again.failure else again


async def talk(
    launch: Launch,
    way: Way,
    env: Mapping[str, str],
    ask: Asker,
    seconds: float,
    told: float = 0,
    *,
    info: types.Implementation = SELF,
    grace: float | None = None,
    watch: Watch | None = None,
) -> Talk:
    """Talk in one way, within these seconds (`told`, if given, is what a reason says of them)."""
    watch, changes = watch or Watch(), Changes()
    whole, error = False, None
    with anyio.CancelScope(deadline=anyio.current_time() + seconds):
        try:
            async with Client(
                bounded(_transport(launch, way, env, watch, seconds, grace), watch),
                mode=way.mode,
                cache=None,
                client_info=info,
                message_handler=changes,
            ) as client:
                await ask(client, changes)
                whole = True
        except Exception as raised:
            error = raised
    return Talk(way, watch, None if whole else reason(watch, error, told or seconds))


def _transport(
    launch: Launch, way: Way, env: Mapping[str, str], watch: Watch, seconds: float, grace: float | None
) -> Transport:
    if way.by == "stdio":
        return stdio(launch, env, watch, grace)
    return (http if way.by == "http" else sse)(launch, watch, seconds)
