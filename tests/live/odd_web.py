"""A small MCP server by HTTP that behaves as the first part of the path says."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from zlib import compress

from tests.live.odd_talk import tool

OWN = {"name": "web", "version": "7"}
DONE = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}


@dataclass
class Web:
    """Where it listens, and what it was asked: path and headers."""

    url: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    elsewhere: str = ""
    """Where it redirects to."""
    told: Queue[Any] = field(default_factory=Queue)
    """Answers for the stream of the older transport."""


def answer(message: dict[str, Any], modern: bool) -> dict[str, Any]:
    """What an honest server says."""
    method, head = message["method"], {"jsonrpc": "2.0", "id": message["id"]}
    if method == "tools/list":
        return {**head, "result": {"tools": [tool("get_page")], **(DONE if modern else {})}}
    if method == "initialize" and not modern:
        held = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": OWN}
        return {**head, "result": held}
    if method == "server/discover" and modern:
        held = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, **DONE}
        return {**head, "result": held}
    return {**head, "error": {"code": -32601, "message": "Method not found"}}


@contextmanager
def web() -> Iterator[Web]:
    """One that listens on this machine until the block ends."""
    state = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers)))
            if self.path != "/older":
                return self.say(405, b"", "text/plain")
            self.begin(200, "text/event-stream")
            self.event("endpoint", "/older/messages")
            while (message := state.told.get()) is not None:
                self.event("message", json.dumps(message))
            return None

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, dict(self.headers)))
            message, kind = json.loads(body), self.path.split("/")[1]
            if self.path == "/older/messages":
                if "id" in message:
                    state.told.put(answer(message, modern=False))
                return self.say(202, b"", "text/plain")
            if "id" not in message and kind in ("good", "modern", "stream", "tires"):
                return self.say(202, b"", "text/plain")
            return getattr(self, kind.replace("-", "_"))(message)

        def good(self, message: dict[str, Any], modern: bool = False) -> None:
            self.say(200, json.dumps(answer(message, modern)).encode())

        def modern(self, message: dict[str, Any]) -> None:
            self.good(message, modern=True)

        def stream(self, message: dict[str, Any]) -> None:
            text = f"event: message\ndata: {json.dumps(answer(message, modern=False))}\n\n"
            self.say(200, text.encode(), "text/event-stream")

        def tires(self, message: dict[str, Any]) -> None:
            """Answer for a while, and then nothing any more."""
            if len(state.asked) > 60:
                time.sleep(3)
            self.good(message)

        def older(self, message: dict[str, Any]) -> None:
            self.say(405, b"", "text/plain")

        def login(self, message: dict[str, Any]) -> None:
            self.say(401, b'{"error": "invalid_token"}')

        def moved(self, message: dict[str, Any]) -> None:
            self.say(307, b"", Location=state.elsewhere)

        def circle(self, message: dict[str, Any]) -> None:
            self.say(307, b"", Location="/circle")

        def page(self, message: dict[str, Any]) -> None:
            self.say(200, b"<!doctype html><title>Sign in</title>", "text/html")

        def broken(self, message: dict[str, Any]) -> None:
            self.say(500, b"oops", "text/plain")

        def silent(self, message: dict[str, Any]) -> None:
            time.sleep(3)

        def endless(self, message: dict[str, Any]) -> None:
            self.begin(200, "application/json")
            while True:
                self.wfile.write(b"[" * 65536)

        def endless_events(self, message: dict[str, Any]) -> None:
            self.begin(200, "text/event-stream")
            while True:
                self.wfile.write(b"event: ping\ndata: " + b"x" * 65536)

        def bomb(self, message: dict[str, Any]) -> None:
            self.say(200, compress(b" " * 2**24), **{"Content-Encoding": "deflate"})

        def begin(self, status: int, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")
            self.end_headers()

        def event(self, name: str, data: str) -> None:
            self.wfile.write(f"event: {name}\ndata: {data}\n\n".encode())
            self.wfile.flush()

        def say(self, status: int, body: bytes, kind: str = "application/json", **more: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that has had enough

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.told.put(None)
        server.shutdown()
        server.server_close()
