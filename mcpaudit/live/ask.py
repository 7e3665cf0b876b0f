"""Asks servers for their tools: several at once, each within its own time and bounds."""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.client import Client, Transport

from mcpaudit import __version__
from mcpaudit.knowledge.secrets import KnowsSecrets
from mcpaudit.live.answer import Answer, Asked, document_of
from mcpaudit.live.bounded import bounded
from mcpaudit.live.environment import environment
from mcpaudit.live.limits import TAIL
from mcpaudit.live.listing import Changes, repeated, tools_of
from mcpaudit.live.process import stdio
from mcpaudit.live.reasons import reason
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch
from mcpaudit.live.web import OLDER, http, sse
from mcpaudit.model.live import Listing
from mcpaudit.report.escape import clip

_SELF = types.Implementation(name="mcpaudit", version=__version__)
_LINES, _WIDE = 3, 300


@dataclass(frozen=True, slots=True)
class Terms:
    """How servers are asked."""

    seconds: float
    jobs: int
    share_home: bool
    env: Mapping[str, str]
    """The user's own environment."""
    packs: KnowsSecrets


Tell = Callable[[Asked], None]
"""Told of each server as it is finished."""


def ask_all(launches: Sequence[Launch], terms: Terms, tell: Tell) -> tuple[Asked, ...]:
    """Start or contact every one of these, and give back what they said, in the same order."""
    with _silent():
        return anyio.run(_all, launches, terms, tell)


async def _all(launches: Sequence[Launch], terms: Terms, tell: Tell) -> tuple[Asked, ...]:
    found: dict[int, Asked] = {}
    room = anyio.Semaphore(terms.jobs)

    async def one(number: int, launch: Launch) -> None:
        async with room:
            found[number] = await _ask(launch, terms)
        tell(found[number])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, tasks.cancel_scope)
        async with anyio.create_task_group() as asking:
            for number, launch in enumerate(launches):
                asking.start_soon(one, number, launch)
        tasks.cancel_scope.cancel()
    if len(found) < len(launches):
        raise KeyboardInterrupt
    return tuple(found[number] for number in range(len(launches)))


async def _stop_on_signal(everything: anyio.CancelScope) -> None:
    """Make being told to terminate end as Ctrl-C does: with every server ended."""
    if sys.platform != "win32":
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP) as signals:
            async for _ in signals:
                everything.cancel()


async def _ask(launch: Launch, terms: Terms) -> Asked:
    began = time.monotonic()
    redaction = Redaction.of(launch.secrets, terms.packs)
    answer, watch, failure = await _answer(launch, terms)
    document, shown = None, f"the answer of {launch.names[0]}"
    if failure is None:
        try:
            # In a thread: a large list takes seconds, for which the others are not to wait.
            document, masked = await anyio.to_thread.run_sync(document_of, answer, redaction, shown)
            if masked:
                answer.notes.append("it repeats a secret of its entry in its list; it is masked")
        except NotListed as problem:
            failure = problem
    return Asked(
        Listing(
            server=launch.server,
            names=launch.names,
            transport=launch.transport,
            started=launch.shown,
            outcome=failure.outcome if failure else "listed",
            reason=clip(redaction.message(failure.reason), _WIDE) if failure else "",
            said=_said(watch, redaction) if failure else (),
            tools=tuple(redaction.text(str(tool["name"])) for tool in answer.tools) if document else (),
            protocol=clip(redaction.text(answer.protocol), _WIDE),
            own_name=clip(redaction.text(answer.name), _WIDE),
            own_version=clip(redaction.text(answer.version), _WIDE),
            notes=tuple(clip(redaction.text(note), _WIDE) for note in answer.notes),
            seconds=time.monotonic() - began,
        ),
        document,
    )


async def _answer(launch: Launch, terms: Terms) -> tuple[Answer, Watch, NotListed | None]:
    """Ask, and where that fails in a way that older servers are known for, ask as those expect it."""
    if launch.missing:
        missing = ", ".join(launch.missing)
        return Answer(), Watch(), NotListed("unexpanded", f"no value is known for {missing}")
    if launch.transport in ("ws", "unknown"):
        text = "no MCP transport is known for it" + " (web sockets)" * (launch.transport == "ws")
        return Answer(), Watch(), NotListed("not-started", text)
    if not launch.remote and not (launch.command and launch.command[0]):
        return Answer(), Watch(), NotListed("not-started", "its entry names nothing to start")
    ends = anyio.current_time() + terms.seconds
    if not launch.remote:
        async with environment(dict(launch.env), terms.env, share_home=terms.share_home) as env:
            watch = Watch()
            first = await _once(stdio(launch, env, watch), watch, "auto", ends, terms)
            if first[2] is None or first[2].outcome != "exited":
                return first
            # Some servers end when the first message is not `initialize`.
            watch = Watch()
            again = await _once(stdio(launch, env, watch), watch, "legacy", ends, terms)
            return again if again[2] is None else first
    watch, left = Watch(), terms.seconds
    if launch.transport == "sse":
        return await _once(sse(launch, watch, left), watch, "auto", ends, terms)
    first = await _once(http(launch, watch, left), watch, "auto", ends, terms)
    if first[2] is None or first[2].outcome != "refused" or not {*watch.statuses} & {*OLDER}:
        return first
    watch = Watch()
    again = await _once(sse(launch, watch, left), watch, "auto", ends, terms)
    return again if again[2] is None else first


async def _once(
    transport: Transport, watch: Watch, mode: str, ends: float, terms: Terms
) -> tuple[Answer, Watch, NotListed | None]:
    answer, whole, error = Answer(), False, None
    changes = Changes()
    with anyio.CancelScope(deadline=ends):
        try:
            async with Client(
                bounded(transport, watch), mode=mode, cache=None, client_info=_SELF, message_handler=changes
            ) as client:
                info = client.server_info
                answer.protocol = client.protocol_version
                answer.name, answer.version = (info.name, info.version) if info else ("", "")
                answer.tools = await tools_of(client, changes)
                whole = True
        except Exception as raised:
            error = raised
    if not whole:
        return answer, watch, reason(watch, error, terms.seconds)
    if watch.junk:
        lines = "a line" if watch.junk == 1 else f"{watch.junk} lines"
        answer.notes.append(f"it wrote {lines} to its standard output that no client understands")
    if twice := repeated(answer.tools):
        more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
        answer.notes.append(f"it lists `{clip(twice[0], 80)}`{more} twice; clients differ in which they call")
    return answer, watch, None


def _said(watch: Watch, redaction: Redaction) -> tuple[str, ...]:
    """The last lines of its standard error."""
    text = watch.tail.decode("utf-8", "replace")
    if len(watch.tail) == TAIL:
        text = text.partition("\n")[2]  # where a line was cut, a secret may have been
    lines = [clip(redaction.message(line).strip(), _WIDE) for line in text.splitlines()]
    return tuple(line for line in lines if line)[-_LINES:]


@contextmanager
def _silent() -> Iterator[None]:
    """The SDK logs what servers send; without a handler Python prints that to the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
