"""What the recording relay costs: time for each message, throughput, memory, start.

python benchmarks/record.py
"""

import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROUNDS = 2000
STARTS = 15
MESSAGE = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"x","arguments":{"q":"%s"}}}\n'
ECHO = "import os\nwhile chunk := os.read(0, 65536):\n while chunk: chunk = chunk[os.write(1, chunk):]"
SERVER = [sys.executable, "-sSc", ECHO]
BODY = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)

HTTP_SERVER = f"""
import re, socket
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
while True:
    one, _ = listening.accept()
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    held = b""
    while part := one.recv(65536):
        held += part
        head, end, body = held.partition(b"\\r\\n\\r\\n")
        if end and len(body) == int(re.findall(rb"Content-Length: (\\d+)", head)[0]):
            held = b""
            one.sendall({ANSWER!r})
"""


def relayed(folder: Path) -> list[str]:
    words = [
        "-m",
        "mcpaudit",
        "live",
        "record",
        "--log",
        str(folder / "log.jsonl"),
        "--max-bytes",
        "500000000",
    ]
    return [sys.executable, *words, "--", *SERVER]


@contextmanager
def running(words: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", int, int]]:
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        yield process, process.stdin.fileno(), process.stdout.fileno()
        process.stdin.close()


def round_trips(words: list[str]) -> list[float]:
    """Milliseconds from a request to its answer, each after the other."""
    found = []
    with running(words) as (process, _, _):
        assert process.stdin
        assert process.stdout
        for number in range(ROUNDS + 50):
            begun = time.perf_counter()
            process.stdin.write(MESSAGE % (number, b"x" * 200))
            process.stdout.readline()
            found.append((time.perf_counter() - begun) * 1000)
    return found[50:]


def through(words: list[str], messages: int) -> tuple[float, float]:
    """Seconds for so many messages of 2 KB there and back, and the relay's peak of memory in MiB."""
    with running(words) as (process, _, _):
        stdin, stdout = process.stdin, process.stdout
        assert stdin
        assert stdout
        stdin.write(MESSAGE % (0, b""))
        stdout.readline()
        message, left = MESSAGE % (1, b"x" * 1900), messages

        def feed() -> None:
            for _ in range(messages):
                stdin.write(message)

        begun = time.perf_counter()
        feeder = threading.Thread(target=feed)
        feeder.start()
        left = messages * len(message)
        while left:
            left -= len(stdout.read(min(left, 1 << 20)))
        seconds = time.perf_counter() - begun
        feeder.join()
        status = Path(f"/proc/{process.pid}/status").read_text()
        return seconds, int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def start(words: list[str]) -> float:
    """Milliseconds from the start to the first answer."""
    begun = time.perf_counter()
    with running(words) as (process, _, _):
        assert process.stdin
        assert process.stdout
        process.stdin.write(MESSAGE % (1, b"x"))
        process.stdout.readline()
        return (time.perf_counter() - begun) * 1000


def http_trips(port: int) -> list[float]:
    """The same on one connection of HTTP."""
    body = MESSAGE % (1, b"x" * 200)
    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
    request = (head + b"Content-Length: %d\r\n\r\n") % (port, len(body)) + body
    found = []
    with socket.create_connection(("127.0.0.1", port)) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(ROUNDS + 50):
            begun = time.perf_counter()
            one.sendall(request)
            left = len(ANSWER)
            while left:
                left -= len(one.recv(left))
            found.append((time.perf_counter() - begun) * 1000)
    return found[50:]


def http(folder: Path) -> tuple[list[float], list[float]]:
    """Client, relay and server are a process each, as they are for a user."""
    words = [sys.executable, "-sSc", HTTP_SERVER]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        to = ["--listen", "127.0.0.1:0", "--to", f"http://127.0.0.1:{port}/mcp"]
        words = [sys.executable, "-m", "mcpaudit", "live", "record", "--log", str(folder / "http.jsonl"), *to]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as relay:
            assert relay.stderr
            listens = int(re.findall(r"127.0.0.1:(\d+) leads", relay.stderr.readline())[0])
            plain, relayed_ = http_trips(port), http_trips(listens)
            relay.terminate()
        server.terminate()
    return plain, relayed_


def told(what: str, plain: list[float], relayed_: list[float]) -> None:
    one, other = statistics.median(plain), statistics.median(relayed_)
    late = [statistics.quantiles(times, n=100)[98] for times in (plain, relayed_)]
    print(f"{what}: median {one:.3f} ms, relayed {other:.3f} ms, added {other - one:.3f} ms", end="")
    print(f"; one in a hundred over {late[0]:.2f} ms, relayed {late[1]:.2f} ms")


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        words = relayed(folder)
        told(f"a call of 300 bytes and its answer, {ROUNDS} times", round_trips(SERVER), round_trips(words))
        told(f"the same by HTTP, {ROUNDS} times", *http(folder))
        for messages in (5_000, 50_000):
            seconds, memory = through(words, messages)
            plain, _ = through(SERVER, messages)
            size = messages * len(MESSAGE % (1, b"x" * 1900)) / 1e6
            print(f"{messages:,} messages, {size:.0f} MB, there and back: {seconds:.1f} s", end="")
            print(f" (without the relay {plain:.1f} s), memory of the relay {memory:.0f} MiB")
        own = sorted(start(SERVER) for _ in range(STARTS))
        ours = sorted(start(words) for _ in range(STARTS))
        print(f"to the first answer: {own[0]:.0f} ms, relayed {ours[0]:.0f} ms (best of {STARTS})", end="")
        print(f"; medians {statistics.median(own):.0f} and {statistics.median(ours):.0f} ms")


if __name__ == "__main__":
    main()
