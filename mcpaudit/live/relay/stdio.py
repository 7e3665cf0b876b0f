"""The relay of a server on standard input and output.

It stands in the server's place: what the client does to it (closing its input, signals, not reading) is done
to the server, and what comes of the server (its output, its end, its exit code) comes of it. Standard error
is the server's own. Bytes are read, noted, passed on, and only then read as messages and written down.
"""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from mcpaudit.live.relay.guard import GRACE, Guard
from mcpaudit.live.relay.lines import Line, Lines

if TYPE_CHECKING:
    from mcpaudit.live.relay.recorder import Recorder
    from mcpaudit.live.relay.wanted import Wanted
    from mcpaudit.model.record import Direction

Complain = Callable[[str], None]

_CHUNK = 64 * 1024
_FORWARDED = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")
NOT_FOUND, NOT_STARTED = 127, 126
"""As a shell says that a command is not there, or cannot be run."""


def record(
    command: Sequence[str], wanted: "Callable[[], Wanted]", env: Mapping[str, str], complain: Complain
) -> int:
    """Run the server until both are done, and give its exit code.

    The server starts first. Then comes what its messages need, and while they pass what the log needs.
    """
    ends = _Signals()
    guard = Guard()
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            process_group=0 if sys.platform != "win32" else None,
        )
    except OSError as error:
        complain(f"mcpaudit: {command[0]} cannot be started: {error.strerror or error}")
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED
    guard.watch(process.pid)
    ends.pass_on_to(process)
    from mcpaudit.live.relay.wanted import recorder

    what = wanted()
    running = _Relay(process, recorder(what, command, env), complain)
    running.begin()
    from mcpaudit.live.relay.recording import identity, log_of

    log = log_of(what, identity(command, env), running.recorder.started, env, complain)
    running.recorder.write_to(log)
    code = running.end()
    return _like(code) if code < 0 else code


class _Signals:
    """Signals for the server that come to the relay, also those that come before the server is there."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: list[int] = []
        for name in _FORWARDED:
            number = getattr(signal, name, None)
            # What is ignored stays ignored, as `nohup` wants it.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._came)

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """The server is there."""
        self._process = process
        while self._waiting:
            self._pass_on(self._waiting.pop(0))

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self._process is None:
            self._waiting.append(number)
        else:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        assert self._process is not None
        with suppress(OSError):
            if self._process.returncode is None:
                os.kill(self._process.pid, number)
            else:
                _signal_group(self._process.pid, number)


class _Relay:
    """One server that runs, and the three threads about it."""

    def __init__(self, process: "subprocess.Popen[bytes]", recorder: "Recorder", complain: Complain) -> None:
        self._process, self.recorder, self._complain = process, recorder, complain
        self._broken = False
        self._back = threading.Thread(target=self._to_client, daemon=True)
        self._over = threading.Event()
        self._wake, self._woken = os.pipe()
        """Told when the client has closed its side of standard input."""

    def begin(self) -> None:
        """Begin to pass on."""
        for target in (self._to_server, self._watch):
            threading.Thread(target=target, daemon=True).start()
        self._back.start()

    def end(self) -> int:
        """Wait until the server has ended and all that it said is passed on."""
        code = self._process.wait()
        self._back.join()
        self._over.set()
        self._recording(self.recorder.close)
        return code

    def _to_server(self) -> None:
        sink = self._process.stdin
        assert sink is not None
        if not self._pump(0, sink.fileno(), "to-server"):
            # The server reads no more: the client is to see that, too.
            _forget(0)
        with suppress(OSError):
            sink.close()
        os.write(self._woken, b".")

    def _to_client(self) -> None:
        source = self._process.stdout
        assert source is not None
        self._pump(source.fileno(), 1, "to-client")
        source.close()
        _forget(1)

    def _pump(self, source: int, sink: int, direction: "Direction") -> bool:
        """Pass on from one file to another; whether it came to its end."""
        lines = Lines()
        while True:
            try:
                chunk = os.read(source, _CHUNK)
            except OSError:
                chunk = b""
            found = lines.feed(chunk) if chunk else lines.end()
            self._recording(partial(self._note, direction, found))
            passed = _written(sink, chunk)
            self._recording(self.recorder.flush)
            if not chunk or not passed:
                return passed

    def _note(self, direction: "Direction", lines: list[Line]) -> None:
        for raw, size in lines:
            self.recorder.note(direction, raw, size)

    def _recording(self, step: Callable[[], object]) -> None:
        """A part of the recording: whatever goes wrong in it, messages are passed on."""
        try:
            if not self._broken:
                step()
        except Exception as error:
            self._broken = True
            why = f"a fault in mcpaudit ({type(error).__name__}); please report it"
            self._complain(f"mcpaudit: the recording stops by {why}. Messages are still passed on.")

    def _watch(self) -> None:
        """End the server when its client is gone and it does not end by itself."""
        if sys.platform == "win32":
            return
        _until_gone(self._wake)
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self._over.wait(GRACE):
                return
            _signal_group(self._process.pid, how)


def _until_gone(wake: int) -> None:
    """Wait until nobody holds the other ends of our standard input and output.

    A client that closes only one of them still lives, and so does its server.
    """
    if sys.platform == "win32":
        return
    ends = select.poll()
    left = {0, 1}
    for file, events in ((0, 0), (1, 0), (wake, select.POLLIN)):
        ends.register(file, events)
    while left:
        for file, _ in ends.poll():
            ends.unregister(file)
            left.discard(0 if file == wake else file)


def _written(sink: int, chunk: bytes) -> bool:
    """Write all of it; false where nobody reads any more."""
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(sink, rest) :]
        except OSError:
            return False
    return True


def _forget(file: int) -> None:
    """Close one of our standard files, so that the other side sees it; its number stays taken."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, file)
    os.close(nothing)


def _signal_group(group: int, number: int) -> None:
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _like(code: int) -> int:
    """End as the server did, by the same signal; else as a shell says it."""
    if sys.platform != "win32":
        import resource

        # The server has left a core file, where one is wanted.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        with suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return 128 - code
