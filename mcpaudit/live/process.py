"""A server as a child process, with its standard input and output as an MCP transport.

The SDK's own stdio transport hands down more of the user's environment, reads lines without a bound, and
leaves behind what a server that ends by itself has started; hence this one, on the SDK's transport interface.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client import Transport
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from mcpaudit.live.limits import GRACE, MAX_MESSAGE
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch

_POLL = 0.02
_CLOSED = (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError)


def stdio(launch: Launch, env: Mapping[str, str], watch: Watch, grace: float | None = None) -> Transport:
    """The transport to a server that is started when it is entered; afterwards its process group is gone.

    `grace` are the seconds that it has to end by itself.
    """
    return _stdio(launch, env, watch, grace or GRACE)


@asynccontextmanager
async def _stdio(
    launch: Launch, env: Mapping[str, str], watch: Watch, grace: float
) -> AsyncIterator[
    tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]
]:
    process = watch.process = await _start(launch, env)
    # No await until the `try`: a process that nobody ends would be left.
    incoming, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read, process, incoming, watch)
            tasks.start_soon(_complaints, process, incoming, watch)
            tasks.start_soon(_write, process, outgoing)
            try:
                yield read, write
            finally:
                tasks.cancel_scope.cancel()
    finally:
        watch.code = process.returncode
        with anyio.CancelScope(shield=True):
            await _end(process, watch, grace)
        for stream in (incoming, read, write, outgoing):
            stream.close()


async def _start(launch: Launch, env: Mapping[str, str]) -> Process:
    program, *words = launch.command
    if Path(program).name != program:
        program = str(launch.cwd / program)
    elif (found := shutil.which(program, path=env.get("PATH", ""))) is None:
        raise NotListed("not-started", f"there is no program `{program}` on PATH")
    else:
        program = found
    try:
        with anyio.CancelScope(shield=True):
            # Its own session: all that it starts can be ended with it, and Ctrl-C is not for it.
            process = await anyio.open_process(
                [program, *words], env=dict(env), cwd=launch.cwd, start_new_session=os.name != "nt"
            )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        at = launch.cwd if not Path(launch.cwd).is_dir() else launch.command[0]
        raise NotListed("not-started", f"it cannot be started: {at}: {why}") from None
    return process


async def _read(
    process: Process, incoming: MemoryObjectSendStream[SessionMessage | Exception], watch: Watch
) -> None:
    """Turn lines into messages; a bound that is broken ends the connection, and `watch` knows why."""
    assert process.stdout is not None
    parts: list[bytes] = []
    held = 0
    with incoming, suppress(NotListed, *_CLOSED):
        async for chunk in _chunks(process.stdout, watch):
            first, *lines = chunk.split(b"\n")
            parts.append(first)
            held += len(first)
            if held > MAX_MESSAGE:
                raise watch.fail("over-limit", f"one message is over {MAX_MESSAGE // 2**20} MiB")
            for line in lines:
                await _message(b"".join(parts), incoming, watch)
                parts, held = [line], len(line)
        # What it says at its end, and its exit code, come on other ways than its output.
        await _gone(process, GRACE)


async def _chunks(stream: ByteReceiveStream, watch: Watch) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await stream.receive()
        except anyio.EndOfStream:
            return
        watch.receive(len(chunk))
        yield chunk


async def _message(
    line: bytes, incoming: MemoryObjectSendStream[SessionMessage | Exception], watch: Watch
) -> None:
    if not line.strip():
        return
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        watch.no_message()
        return
    await incoming.send(SessionMessage(message))


async def _write(process: Process, outgoing: MemoryObjectReceiveStream[SessionMessage]) -> None:
    assert process.stdin is not None
    with suppress(*_CLOSED):
        async for one in outgoing:
            text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            await process.stdin.send(text.encode() + b"\n")


async def _complaints(
    process: Process, incoming: MemoryObjectSendStream[SessionMessage | Exception], watch: Watch
) -> None:
    assert process.stderr is not None
    with suppress(*_CLOSED):
        try:
            while True:
                watch.complain(await process.stderr.receive())
        except NotListed:
            incoming.close()


async def _end(process: Process, watch: Watch, grace: float) -> None:
    """End the process and its whole group: first ask, then insist; `watch` is told what it took."""
    if process.stdin is not None:
        with suppress(*_CLOSED):
            await process.stdin.aclose()
    watch.ended = "closed"
    for how in ("SIGTERM", "SIGKILL"):
        if await _gone(process, grace if how == "SIGTERM" else GRACE):
            break
        watch.left = watch.left or process.returncode is not None
        watch.ended = how
        _signal(process, how)
    else:
        await _gone(process, GRACE)
    watch.exit = process.returncode
    for stream in (process.stdout, process.stderr):
        # What is left in the pipes is read, for only at its end is a pipe let go.
        with anyio.move_on_after(GRACE), suppress(*_CLOSED):
            while stream is not None:
                await stream.receive()


async def _gone(process: Process, seconds: float) -> bool:
    """Whether nothing of it is left, at the latest after these seconds."""
    with anyio.move_on_after(seconds):
        while process.returncode is None or _group_lives(process):
            await anyio.sleep(_POLL)
        return True
    return False


def _group_lives(process: Process) -> bool:
    if sys.platform == "win32":
        return False
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal(process: Process, how: str) -> None:
    if sys.platform == "win32":
        if process.returncode is None:
            words = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(words, capture_output=True, check=False)
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, getattr(signal, how))
