"""Whether failures show: of one that is killed, stalled, cut off or sent nonsense, and in its own answers.

Each fault has a connection of its own, and each wait its bound: what has not shown by then is a hang.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import anyio
import mcp_types as types
from anyio.abc import Process
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcpaudit.dataclass import dataclass
from mcpaudit.live.environment import environment
from mcpaudit.live.limits import PATIENCE, STANDSTILL
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.backend import backend_down
from mcpaudit.live.probe.choice import FILLER, Call
from mcpaudit.live.probe.outcome import Outcome, called
from mcpaudit.live.probe.relayed import relayed
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.reasons import is_closed
from mcpaudit.live.talk import talk
from mcpaudit.live.watch import Watch
from mcpaudit.model.probe import Check

_LARGE = 2**20
"""Bytes of a large request."""
_NONSENSE = b'{"jsonrpc": "2.0", "id": 1, "method": \n'


@dataclass(frozen=True, slots=True)
class _Visit:
    """One connection, on which something goes wrong."""

    client: Client
    watch: Watch
    work: Work
    patience: float

    @property
    def process(self) -> Process:
        """The server, or what launches it."""
        assert self.watch.process is not None
        return self.watch.process

    async def life(self) -> tuple[str, int]:
        """Whether it `answers`, is `closed`, or does neither in time (`silent`); and the milliseconds."""
        began = time.monotonic()
        found = "silent"
        with anyio.move_on_after(self.patience):
            try:
                await sign_of_life(self.client)
                found = "answers"
            except MCPError as error:
                found = "closed" if is_closed(error) else "answers"
        return found, round(1000 * (time.monotonic() - began))

    async def call(self, call: Call) -> Outcome:
        """What came of a call."""
        with anyio.move_on_after(self.patience):
            try:
                return await called(self.client, call)
            except MCPError:
                return Outcome("closed", "the connection ended")
        return Outcome("hang", f"it gave no answer within {self.patience:g} s")


async def sign_of_life(client: Client) -> None:
    """Ask for one, by whatever revision."""
    if client.protocol_version in MODERN_PROTOCOL_VERSIONS:
        await client.session.send_discover(client.protocol_version)
    else:
        await client.session.send_request(types.PingRequest(), types.EmptyResult)


async def faults(work: Work, terms: Terms) -> tuple[Seen, ...]:
    """Make one thing after the other go wrong, and look at what shows of it."""
    async with environment(work.launch, terms.env, share_home=terms.share_home) as env:
        deeds = _ANSWERS if work.launch.remote else {**_ANSWERS, **_PROCESS}
        seen = [await _visit(work, env, check, deed, terms) for check, deed in deeds.items()]
    if work.launch.remote:
        return (*seen, *await relayed(work, terms, sign_of_life))
    return (*seen, await backend_down(work, terms))


_Deed = Callable[[_Visit], Awaitable[Seen]]


async def _visit(work: Work, env: Mapping[str, str], check: Check, deed: _Deed, terms: Terms) -> Seen:
    watch, found = Watch(kept=[]), list[Seen]()
    patience = min(PATIENCE, terms.seconds)

    async def ask(client: Client, changes: Changes) -> None:
        del changes
        found.append(await deed(_Visit(client, watch, work, patience)))

    done = await talk(work.launch, work.way, env, ask, terms.seconds + patience, watch=watch)
    if found:
        return found[0]
    assert done.failure is not None
    return Seen(check, "fail", f"it could not be reached for this: {done.failure.reason}")


async def _own_answer(visit: _Visit) -> Seen:
    """The answer of one tool, as it is: in time, of a bearable size, and to the question."""
    call, kept = visit.work.call, visit.watch.kept
    assert kept is not None
    if call is None:
        return Seen("own-answer", "cannot-test", "no tool is proved to only read: give --call")
    before, junk = len(kept), visit.watch.junk
    outcome = await visit.call(call)
    says, took = outcome.says, outcome.milliseconds
    if outcome.kind == "hang":
        if visit.watch.junk > junk:
            says += "; what it wrote is no message"
        elif any(map(_is_answer, kept[before:])):
            says += "; it answered under an id that nobody asked with"
        return Seen("own-answer", "hang", says, took, tool=call.tool)
    if visit.watch.problem is not None:
        return Seen("own-answer", "fail", visit.watch.problem.reason, took, tool=call.tool)
    if outcome.kind == "closed":
        return Seen("own-answer", "crash", "it ended instead of answering", took, tool=call.tool)
    # What the tool says is nobody's business here.
    return Seen("own-answer", "pass", says.partition(":")[0], took, tool=call.tool)


def _is_answer(message: str) -> bool:
    held = json.loads(message)
    return isinstance(held, dict) and bool({"result", "error"} & held.keys()) and "method" not in held


async def _unknown_tool(visit: _Visit) -> Seen:
    outcome = await visit.call(Call(f"{FILLER}-unknown", {}))
    if outcome.kind == "hang":
        return Seen("unknown-tool", "hang", outcome.says)
    if outcome.kind == "closed":
        return Seen("unknown-tool", "crash", "it ends when a tool is called that it does not have")
    if outcome.kind == "answer":
        return Seen("unknown-tool", "silent-success", "it answers for a tool that it does not have")
    if outcome.kind == "empty":
        return Seen(
            "unknown-tool", "silent-empty", "an empty result, and no error, for a tool that it does not have"
        )
    return Seen("unknown-tool", "pass", milliseconds=outcome.milliseconds)


async def _large_request(visit: _Visit) -> Seen:
    outcome = await visit.call(Call(f"{FILLER}-unknown", {"text": "x" * _LARGE}))
    if outcome.kind == "hang":
        return Seen("large-request", "hang", f"no answer to a request of {_LARGE >> 20} MiB")
    return _after(await visit.life(), "large-request", f"a request of {_LARGE >> 20} MiB")


async def _malformed_request(visit: _Visit) -> Seen:
    stdin = visit.process.stdin
    assert stdin is not None
    await stdin.send(_NONSENSE)
    return _after(await visit.life(), "malformed-request", "a line that is no JSON")


def _after(life: tuple[str, int], check: Check, fault: str) -> Seen:
    state, took = life
    if state == "answers":
        return Seen(check, "pass", f"it goes on after {fault}", took)
    if state == "closed":
        return Seen(check, "crash", f"it ends at {fault}")
    return Seen(check, "hang", f"it answers nothing any more after {fault}")


async def _killed(visit: _Visit) -> Seen:
    visit.process.kill()
    # Asked before it is dead, what it leaves behind would still think that it lives.
    with anyio.move_on_after(PATIENCE):
        await visit.process.wait()
    state, took = await visit.life()
    if state == "closed":
        return Seen("killed", "pass", "the connection closes with it", took)
    if state == "answers":
        return Seen("killed", "pass", "what launches it was killed, and the server itself goes on", took)
    return Seen("killed", "hang", "it was killed, and its connection stays open without an answer")


async def _stalled(visit: _Visit) -> Seen:
    if sys.platform == "win32":
        return Seen("stalled", "cannot-test", "Windows cannot make a process stand still")
    pid, found = visit.process.pid, list[tuple[str, int]]()

    async def ask() -> None:
        found.append(await visit.life())

    os.killpg(pid, signal.SIGSTOP)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await anyio.sleep(min(STANDSTILL, visit.patience / 2))
            os.killpg(pid, signal.SIGCONT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)
    state, took = found[0]
    if state == "answers":
        says = "it answers once it goes on; until then only a time limit of its client shows it"
        return Seen("stalled", "pass", says, took)
    if state == "closed":
        return Seen("stalled", "crash", "it ends after it stood still")
    return Seen("stalled", "hang", "it stood still for a moment, and does not answer any more")


async def _half_closed(visit: _Visit) -> Seen:
    found = list[tuple[str, int]]()

    async def ask() -> None:
        found.append(await visit.life())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await anyio.sleep(0)
        stdin = visit.process.stdin
        assert stdin is not None
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
            await stdin.aclose()
    state, took = found[0]
    if state != "silent" or visit.process.returncode is not None:
        says = "it answers what was asked before" if state == "answers" else "the connection closes"
        return Seen("half-closed", "pass", says, took)
    return Seen("half-closed", "hang", "its input was closed, and it keeps its output open without an answer")


_ANSWERS: dict[Check, _Deed] = {
    "own-answer": _own_answer,
    "unknown-tool": _unknown_tool,
    "large-request": _large_request,
}
"""What any server can be asked."""
_PROCESS: dict[Check, _Deed] = {
    "malformed-request": _malformed_request,
    "killed": _killed,
    "stalled": _stalled,
    "half-closed": _half_closed,
}
"""What can be done to one that was started."""
