"""Makes records of messages: what they are, which request they answer, how long that took.

A message is noted before it is passed on, so that its answer cannot be faster, and written down afterwards,
so that the log costs it no time.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.log import Log
from mcpaudit.live.relay.moment import Moments
from mcpaudit.model.record import Direction, ErrorClass, Message
from mcpaudit.parsing.document import Json

MAX_OPEN = 10_000
"""Requests whose answer is awaited; beyond it the oldest are forgotten."""
MAX_NAME = 256
"""Characters of a method, tool or id."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a message without reading it."""

    direction: Direction
    at: str
    tick: float
    scope: str
    """Within which ids are unique: a session, or one exchange."""
    status: int | None

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

    def __init__(
        self, log: Log, arguments: Arguments, now: Callable[[], float], tick: Callable[[], float]
    ) -> None:
        self._log, self._arguments, self._now, self._tick = log, arguments, now, tick
        self._moments = Moments()
        self._open: dict[tuple[str, Direction, str], Request] = {}
        self._queue: deque[Message] = deque()
        self._number = 0
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The log that is written at present."""
        return self._log.path

    def note(
        self,
        direction: Direction,
        raw: bytes | None,
        size: int,
        scope: str = "",
        status: int | None = None,
        *,
        junk: bool = True,
    ) -> list[Message]:
        """Note one line or body, and say as what; `raw` is `None` for one that is too long.

        Without `junk` what is no message is passed over.
        """
        with self._lock:
            rows = self._noted(self._arrival(direction, scope, status), raw, size)
            if not junk and [row.error for row in rows] == ["junk"]:
                self._number -= 1
                return []
            self._queue += rows
            return rows

    def refused(self, asked: Sequence[Message], scope: str, status: int) -> None:
        """Note that requests got an HTTP status, and no message, for an answer."""
        with self._lock:
            arrival = self._arrival("to-client", scope, status)
            for key in [one.id for one in asked] or [""]:
                row = replace(self._row(arrival, 0), error="transport")
                if request := self._open.pop((scope, "to-server", key), None):
                    row = _answering(replace(row, id=key, response=True), request, arrival)
                self._queue.append(row)

    def flush(self) -> None:
        """Write down what was noted, in its order."""
        with self._lock:
            while self._queue:
                self._log.write(self._queue.popleft(), len(self._open))

    def close(self) -> None:
        """Write down the rest, and that the recording ended."""
        self.flush()
        with self._lock:
            self._log.close(len(self._open))

    def _arrival(self, direction: Direction, scope: str, status: int | None) -> Arrival:
        return Arrival(direction, self._moments.text(self._now()), self._tick(), scope, status)

    def _noted(self, arrival: Arrival, raw: bytes | None, size: int) -> list[Message]:
        if raw is None:
            return [replace(self._row(arrival, size), error="long")]
        try:
            found: Json = json.loads(raw)
        except (ValueError, RecursionError):
            found = None
        rows = []
        for one in found if isinstance(found, list) and found else [found]:
            row = self._row(arrival, size)
            try:
                rows.append(self._message(arrival, one, row))
            except RecursionError:
                rows.append(replace(row, error="junk"))
            size = 0
        return rows

    def _row(self, arrival: Arrival, size: int) -> Message:
        self._number += 1
        return Message(
            number=self._number,
            time=arrival.at,
            direction=arrival.direction,
            method="",
            tool="",
            id="",
            response=False,
            request=None,
            duration=None,
            size=size,
            error="",
            http_status=arrival.status,
            arguments=(),
        )

    def _message(self, arrival: Arrival, message: Json, row: Message) -> Message:
        if isinstance(message, dict):
            if isinstance(method := message.get("method"), str):
                return self._request(arrival, message, replace(row, method=method[:MAX_NAME]))
            key = _id(message.get("id"))
            if isinstance(message.get("error"), dict) or (key and "result" in message):
                return self._response(arrival, message, replace(row, id=key, response=True))
        return replace(row, error="junk")

    def _request(self, arrival: Arrival, message: dict[str, Json], row: Message) -> Message:
        """A request or notification."""
        found = message.get("params")
        params = found if isinstance(found, dict) else {}
        row = replace(row, id=_id(message.get("id")))
        if row.method == "tools/call":
            tool, arguments = params.get("name"), self._arguments.of(params.get("arguments"))
            row = replace(row, tool=tool[:MAX_NAME] if isinstance(tool, str) else "", arguments=arguments)
        if row.id:
            self._open[arrival.scope, arrival.direction, row.id] = Request(row, arrival.tick)
            if len(self._open) > MAX_OPEN:
                del self._open[next(iter(self._open))]
        elif row.method == "notifications/cancelled":
            key = (arrival.scope, arrival.direction, _id(params.get("requestId")))
            if asked := self._open.pop(key, None):
                answering = _answering(row, asked, arrival)
                return replace(answering, error="cancelled", method=row.method)
        return row

    def _response(self, arrival: Arrival, message: dict[str, Json], row: Message) -> Message:
        error: ErrorClass = ""
        if "error" in message:
            error = "protocol"
        elif isinstance(result := message["result"], dict) and result.get("isError") is True:
            error = "tool"
        asked = self._open.pop((arrival.scope, arrival.other, row.id), None)
        row = replace(row, error=error)
        return _answering(row, asked, arrival) if asked else row


def _answering(row: Message, asked: Request, arrival: Arrival) -> Message:
    """The row with what is known of the request that it answers."""
    duration = round((arrival.tick - asked.tick) * 1000, 3)
    return replace(
        row, method=asked.row.method, tool=asked.row.tool, request=asked.row.number, duration=duration
    )


def _id(value: Json) -> str:
    """An id as JSON; empty for what can be none."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return json.dumps(value)[:MAX_NAME]
    return ""
