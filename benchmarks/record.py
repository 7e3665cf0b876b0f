"""What the recording relay costs: time for each message, throughput, memory, start.

python benchmarks/record.py
"""

import asyncio
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from mcpaudit.live.relay.http import HttpRelay
from mcpaudit.live.relay.http_rules import target_of
from mcpaudit.live.relay.recording import begin
from mcpaudit.live.relay.wanted import Wanted

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


async def http_trips(port: int) -> list[float]:
    """The same on one connection of HTTP."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = MESSAGE % (1, b"x" * 200)
    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: %d\r\n\r\n"
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        writer.write(head % (port, len(body)) + body)
        await reader.readexactly(len(ANSWER))
        found.append((time.perf_counter() - begun) * 1000)
    writer.close()
    return found


async def http(folder: Path) -> tuple[list[float], list[float]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(re.findall(rb"Content-Length: (\d+)", head)[0]))
                writer.write(ANSWER)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    recorder, _ = begin(Wanted(log=str(folder / "http.jsonl")), "url:x", {}, print)
    relay = HttpRelay(target_of(f"http://127.0.0.1:{port}/"), recorder)
    await relay.listen("127.0.0.1", 0)
    plain, relayed_ = await http_trips(port), await http_trips(relay.port)
    await relay.close()
    server.close()
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
        told(f"the same by HTTP, {ROUNDS} times", *asyncio.run(http(folder)))
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
