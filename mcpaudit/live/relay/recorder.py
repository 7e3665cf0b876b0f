"""Makes records of messages: what they are, which request they answer, how long that took.

A message is noted before it is passed on, so that its answer cannot be faster, and read and written down
afterwards, so that the recording costs it no time.
"""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mcpaudit.dataclass import dataclass
from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.moment import Moments
from mcpaudit.model.record import Argument, Direction, ErrorClass, Message

if TYPE_CHECKING:
    from mcpaudit.live.relay.log import Log
    from mcpaudit.parsing.document import Json

MAX_OPEN = 10_000
"""Requests whose answer is awaited; beyond it the oldest are forgotten."""
MAX_NAME = 256
"""Characters of a method, tool or id."""
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r]*[\[{]")
"""How a message or a batch begins: blank lines and prose, of which there may be many, are not even tried."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a message without reading it."""

    direction: Direction
    at: float
    tick: float
    scope: str
    """Within which ids are unique: a session, or one exchange."""
    status: int | None

    junk: bool
    """Whether what is no message counts, too."""

    @property
    def other(self) -> Direction:
        """Whence the request came that it may answer."""
        return "to-client" if self.direction == "to-server" else "to-server"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that awaits its answer."""

    row: Message
    tick: float


class Recorder:
    """Notes the messages of one recording; may be used by several threads."""

    def __init__(self, arguments: Arguments, now: Callable[[], float], tick: Callable[[], float]) -> None:
        self._arguments, self._now, self._tick = arguments, now, tick
        self._moments = Moments()
        self.started = self._moments.text(now())
        self._open: dict[tuple[str, Direction, str], Request] = {}
        self._came: deque[tuple[Arrival, bytes | None, int, list[Message]]] = deque()
        """What is not read yet, in its order."""
        self._rows: deque[Message] = deque()
        self._number = 0
        self._log: Log | None = None
        self._lock = threading.Lock()

    def write_to(self, log: "Log") -> None:
        """Write what is noted to this log from now on, and what was noted before it was there."""
        with self._lock:
            self._log = log
        self.flush()

    def note(
        self,
        direction: Direction,
        raw: bytes | None,
        size: int,
        scope: str = "",
        status: int | None = None,
        *,
        junk: bool = True,
        into: list[Message] | None = None,
    ) -> None:
        """Note that one line or body came; `raw` is `None` for one that is too long.

        It is read with the next `flush`, which also tells in `into` as what. Without `junk` what is no
        message is passed over.
        """
        arrival = Arrival(direction, self._now(), self._tick(), scope, status, junk)
        self._came.append((arrival, raw, size, [] if into is None else into))

    def refused(self, asked: Sequence[Message], scope: str, status: int) -> None:
        """Note that requests got an HTTP status, and no message, for an answer."""
        with self._lock:
            self._read()
            arrival = Arrival("to-client", self._now(), self._tick(), scope, status, True)
            for key in [one.id for one in asked] or [""]:
                open_ = self._open.pop((scope, "to-server", key), None)
                row = self._row(arrival, 0, key=key, response=bool(open_), answers=open_, error="transport")
                self._rows.append(row)

    def flush(self) -> None:
        """Read and write down what was noted, in its order."""
        with self._lock:
            self._read()
            while self._rows and self._log is not None:
                self._log.write(self._rows.popleft(), len(self._open))

    def close(self) -> None:
        """Write down the rest, and that the recording ended."""
        self.flush()
        with self._lock:
            if self._log is not None:
                self._log.close(len(self._open))

    def _read(self) -> None:
        while self._came:
            arrival, raw, size, into = self._came.popleft()
            rows = self._noted(arrival, raw, size)
            if not arrival.junk and [row.error for row in rows] == ["junk"]:
                self._number -= 1
                continue
            self._rows += rows
            into += rows

    def _noted(self, arrival: Arrival, raw: bytes | None, size: int) -> list[Message]:
        if raw is None:
            return [self._row(arrival, size, error="long")]
        found: Json = None
        if _BEGINS.match(raw):
            with suppress(ValueError, RecursionError):
                found = json.loads(raw)
        rows = []
        for one in found if isinstance(found, list) and found else [found]:
            try:
                rows.append(self._message(arrival, one, size))
            except RecursionError:
                rows.append(self._row(arrival, size, error="junk"))
            size = 0
        return rows

    def _message(self, arrival: Arrival, message: "Json", size: int) -> Message:
        if isinstance(message, dict):
            if isinstance(method := message.get("method"), str):
                return self._request(arrival, message, method[:MAX_NAME], size)
            key = _id(message.get("id"))
            if isinstance(message.get("error"), dict) or (key and "result" in message):
                return self._response(arrival, message, key, size)
        return self._row(arrival, size, error="junk")

    def _request(self, arrival: Arrival, message: "dict[str, Json]", method: str, size: int) -> Message:
        """A request or notification."""
        found, key = message.get("params"), _id(message.get("id"))
        params = found if isinstance(found, dict) else {}
        tool, arguments = "", tuple[Argument, ...]()
        if method == "tools/call":
            tool = name[:MAX_NAME] if isinstance(name := params.get("name"), str) else ""
            arguments = self._arguments.of(params.get("arguments"))
        if not key and method == "notifications/cancelled":
            asked = self._open.pop((arrival.scope, arrival.direction, _id(params.get("requestId"))), None)
            if asked:
                return self._row(arrival, size, method=method, answers=asked, error="cancelled")
        row = self._row(arrival, size, method=method, tool=tool, key=key, arguments=arguments)
        if key:
            self._open[arrival.scope, arrival.direction, key] = Request(row, arrival.tick)
            if len(self._open) > MAX_OPEN:
                del self._open[next(iter(self._open))]
        return row

    def _response(self, arrival: Arrival, message: "dict[str, Json]", key: str, size: int) -> Message:
        error: ErrorClass = ""
        if "error" in message:
            error = "protocol"
        elif isinstance(result := message["result"], dict) and result.get("isError") is True:
            error = "tool"
        asked = self._open.pop((arrival.scope, arrival.other, key), None)
        return self._row(arrival, size, key=key, response=True, answers=asked, error=error)

    def _row(
        self,
        arrival: Arrival,
        size: int,
        *,
        method: str = "",
        tool: str = "",
        key: str = "",
        response: bool = False,
        answers: Request | None = None,
        error: ErrorClass = "",
        arguments: tuple[Argument, ...] = (),
    ) -> Message:
        """The next row; of what answers a request it tells that request's method and tool."""
        self._number += 1
        return Message(
            number=self._number,
            time=self._moments.text(arrival.at),
            direction=arrival.direction,
            method=method or (answers.row.method if answers else ""),
            tool=tool or (answers.row.tool if answers else ""),
            id=key,
            response=response,
            request=answers.row.number if answers else None,
            duration=round((arrival.tick - answers.tick) * 1000, 3) if answers else None,
            size=size,
            error=error,
            http_status=arrival.status,
            arguments=arguments,
        )


def _id(value: "Json") -> str:
    """An id as JSON; empty for what can be none."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return json.dumps(value)[:MAX_NAME]
    return ""
