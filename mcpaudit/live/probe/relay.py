"""A relay on the loopback address that passes everything to one server, and can spoil what comes back."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx2

from mcpaudit.dataclass import dataclass
from mcpaudit.live.limits import MAX_MESSAGE, MAX_TOTAL, STANDSTILL

Fault = Literal[
    "stalled", "slow", "half-closed", "large-answer", "malformed-answer", "wrong-id", "backend-down"
]
_OWN = ("host", "content-length", "connection", "transfer-encoding", "accept-encoding", "keep-alive")
"""Headers that belong to one connection."""


@dataclass(slots=True)
class Relay:
    """Where it listens, and what it does to the next answers."""

    url: str = ""
    fault: Fault | Literal[""] = ""


@contextmanager
def relay(target: str, seconds: float) -> Iterator[Relay]:
    """One that talks to `target` and to nothing else, until the block ends."""
    state, ended = Relay(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._pass("POST")

        def do_GET(self) -> None:
            self._pass("GET")

        def do_DELETE(self) -> None:
            self._pass("DELETE")

        def _pass(self, method: str) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(size, MAX_MESSAGE))
            headers = {name: text for name, text in self.headers.items() if name.lower() not in _OWN}
            fault = state.fault if method == "POST" and b'"id"' in body else ""
            if fault == "backend-down":
                self._say(502, {"Content-Type": "text/plain"}, b"bad gateway")
                return
            if fault == "stalled":
                ended.wait(seconds)
                return
            if fault == "slow":
                ended.wait(STANDSTILL)
            with client.stream(method, target, headers=headers, content=body) as answer:
                given = {name: text for name, text in answer.headers.items() if name.lower() not in _OWN}
                if method == "GET":
                    self._flow(answer, given)
                    return
                held = b"".join(_bounded(answer))
            self._say(answer.status_code, given, _spoilt(held, fault), cut=fault == "half-closed")

        def _flow(self, answer: httpx2.Response, given: dict[str, str]) -> None:
            """A stream of events, as they come."""
            self._begin(answer.status_code, given)
            for chunk in _bounded(answer):
                self.wfile.write(chunk)
                self.wfile.flush()
                if ended.is_set():
                    return

        def _begin(self, status: int, given: dict[str, str]) -> None:
            self.close_connection = True
            self.send_response(status)
            for name, text in given.items():
                self.send_header(name, text)
            self.send_header("Connection", "close")
            self.end_headers()

        def _say(self, status: int, given: dict[str, str], body: bytes, *, cut: bool = False) -> None:
            self._begin(status, {**given, "Content-Length": str(len(body))})
            self.wfile.write(body[: len(body) // 2] if cut else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that has had enough, or a server that is gone

    with httpx2.Client(timeout=seconds, headers={"Accept-Encoding": "identity"}) as client:
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield state
        finally:
            ended.set()
            server.shutdown()
            server.server_close()


def _bounded(answer: httpx2.Response) -> Iterator[bytes]:
    total = 0
    for chunk in answer.iter_raw():
        total += len(chunk)
        if total > MAX_TOTAL:
            return
        yield chunk


def _spoilt(body: bytes, fault: str) -> bytes:
    if fault == "malformed-answer":
        return body.replace(b'"jsonrpc"', b'"jsonrpc', 1)
    if fault == "large-answer":
        return body + b" " * (MAX_MESSAGE + 1)
    return _renumbered(body) if fault == "wrong-id" else body


def _renumbered(body: bytes) -> bytes:
    """The same answer to a question that nobody asked, as JSON or in an event."""
    lines = []
    for line in body.split(b"\n"):
        start = b"data:" if line.startswith(b"data:") else b""
        try:
            held = json.loads(line[len(start) :])
        except ValueError:
            held = None
        if isinstance(held, dict) and "id" in held:
            line = start + json.dumps({**held, "id": 987654321}).encode()
        lines.append(line)
    return b"\n".join(lines)
