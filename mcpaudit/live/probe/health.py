"""Whether a server is well: it answers, says the same twice, ends when it is told, and keeps to its channels.

Sources: MCP 2025-11-25, "Lifecycle: Shutdown" and "Ping"; "Transports: stdio" (standard output holds messages
alone, standard error is free); MCP 2026-07-28, `server/discover`.
"""

import json
import statistics
import time
from collections.abc import Iterator, Mapping

import anyio.to_thread
import mcp_types as types
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcpaudit.live.answer import Answer, Asked, document_of
from mcpaudit.live.limits import PINGS, SHUTDOWN
from mcpaudit.live.listing import Changes, tools_of
from mcpaudit.live.probe.outcome import of_failure, refusal_of
from mcpaudit.live.probe.tested import Health, Seen, Terms, not_reached
from mcpaudit.live.reasons import is_closed
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.talk import impossible, reach, talk
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch
from mcpaudit.model.live import Listing
from mcpaudit.parsing.document import Json

_Tools = list[dict[str, Json]]


class _Visit:
    """What is asked on one connection."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.answer = Answer()
        self.again: _Tools = []
        self.connected = self.listed = 0
        self.twice = False
        self.ping = Seen("ping", "cannot-test")

    async def ask(self, client: Client, changes: Changes) -> None:
        """List twice, and ask for signs of life."""
        self.answer = Answer()
        self.connected = _since(self.began)
        began = time.monotonic()
        await self.answer.take(client, changes)
        self.listed = _since(began)
        self.again = await tools_of(client, changes)
        self.twice = True
        self.ping = await _ping(client)


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))


async def _ping(client: Client) -> Seen:
    took, said = [], ""
    for _ in range(PINGS):
        began = time.monotonic()
        try:
            if client.protocol_version in MODERN_PROTOCOL_VERSIONS:
                await client.session.send_discover(client.protocol_version)
            else:
                await client.session.send_request(types.PingRequest(), types.EmptyResult)
        except MCPError as error:
            if is_closed(error):
                raise
            said = f"it answers with an error, where MCP asks for an empty answer: {error.message}"
        took.append(_since(began))
    return Seen("ping", "pass", said, round(statistics.median(took)), revision=client.protocol_version)


async def health(launch: Launch, env: Mapping[str, str], terms: Terms, redaction: Redaction) -> Health:
    """Visit a server twice, and look at how it ends."""
    if failure := impossible(launch):
        return Health(not_reached(failure, ("reachable",)))
    first, second = _Visit(), _Visit()
    done = await reach(launch, env, first.ask, terms.seconds)
    if done.failure is not None:
        refused = done.failure.outcome == "login"
        refusal = refusal_of("no-credential", of_failure(done.failure, done.watch), "") if refused else None
        return Health((*_half(first, done.failure), *_channels(launch, done.watch)), refusal=refusal)
    second.began = time.monotonic()
    then = await talk(launch, done.way, env, second.ask, terms.seconds, grace=SHUTDOWN)
    revision = first.answer.protocol
    seen = [
        Seen("reachable", "pass", f"MCP {revision}", first.connected, revision=revision),
        first.ping,
        _listing(first, second, then.failure),
        *_channels(launch, then.watch),
    ]
    if not launch.remote and not then.failure:
        seen.append(_shutdown(then.watch))
    return Health(tuple(seen), done.way, await _asked(launch, first.answer, redaction))


def _half(visit: _Visit, failure: NotListed) -> Iterator[Seen]:
    """Where the first visit failed: what had been seen until then."""
    revision = visit.answer.protocol
    if not revision:
        yield from not_reached(failure, ("reachable",))
        return
    yield Seen("reachable", "pass", f"MCP {revision}", visit.connected, revision=revision)
    yield Seen("ping" if visit.twice else "listing", "fail", failure.reason, revision=revision)


async def _asked(launch: Launch, answer: Answer, redaction: Redaction) -> Asked | None:
    shown = f"the answer of {launch.names[0]}"
    try:
        # In a thread: a large list takes seconds, for which the others are not to wait.
        document, _ = await anyio.to_thread.run_sync(document_of, answer, redaction, shown)
    except NotListed:
        return None
    row = Listing(
        launch.server, launch.names, launch.transport, launch.shown, "listed",
        protocol=redaction.text(answer.protocol), own_version=redaction.text(answer.version),
    )  # fmt: skip
    return Asked(row, document)


def _listing(first: _Visit, second: _Visit, failure: NotListed | None) -> Seen:
    tools = first.answer.tools
    one, two, three = (_by_name(held) for held in (tools, first.again, second.answer.tools))
    order = [tool["name"] for tool in tools]
    says = ""
    if failure is not None:
        says = f"a second connection failed: {failure.reason}"
    elif one != two:
        says = f"two calls on one connection differ: {_difference(one, two)}"
    elif one != three:
        says = f"two connections differ: {_difference(one, three)}"
    good = not says
    if good and any(order != [tool["name"] for tool in held] for held in (first.again, second.answer.tools)):
        says = "the same tools each time, in another order"
    revision = first.answer.protocol
    return Seen("listing", "pass" if good else "fail", says, first.listed, len(tools), revision)


def _by_name(tools: _Tools) -> dict[str, str]:
    return {str(tool["name"]): json.dumps(tool, sort_keys=True) for tool in tools}


def _difference(one: dict[str, str], two: dict[str, str]) -> str:
    names = sorted(name for name in {*one, *two} if one.get(name) != two.get(name))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"`{names[0][:80]}`{more}"


def _channels(launch: Launch, watch: Watch) -> Iterator[Seen]:
    """What it writes beside messages, where it was started at all."""
    if launch.remote or not (watch.ended or watch.code is not None):
        return
    lines = "one line" if watch.junk == 1 else f"{watch.junk} lines"
    said = f"{lines} on its standard output that no client understands" if watch.junk else ""
    yield Seen("stdout", "fail" if watch.junk else "pass", said, count=watch.junk)
    yield Seen("stderr", "pass", count=watch.complained)


def _shutdown(watch: Watch) -> Seen:
    if watch.left:
        return Seen("shutdown", "fail", "it ended and left processes behind")
    if watch.ended == "SIGKILL":
        return Seen("shutdown", "fail", "it had to be killed: it ended neither with its input nor when told")
    if watch.ended == "SIGTERM":
        return Seen("shutdown", "fail", f"it did not end within {SHUTDOWN:g} s of its input, only when told")
    if watch.exit:
        return Seen("shutdown", "fail", f"it ended with its input, with exit code {watch.exit}")
    return Seen("shutdown", "pass")
