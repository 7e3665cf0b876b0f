"""The HTTP relay byte by byte: what is passed on, what is refused, what shows of the other side's end."""

import asyncio
import gzip
import json
import random
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.errors import UsageError
from mcpaudit.live.relay.http import HttpRelay
from mcpaudit.live.relay.http_content import Events, Unpacked, Whole
from mcpaudit.live.relay.http_rules import listen_address, target_of
from mcpaudit.live.relay.recording import begin
from mcpaudit.live.relay.wanted import Wanted
from tests.live.relay.relaying import call, messages

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OK = b'{"jsonrpc":"2.0","id":1,"result":{}}'


class Stage:
    """A client, the relay, and a server that does as the test says."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.got: list[bytes] = []
        self.port = self.relay = 0

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        """One request at the server, as it came."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0
        )
        body = await reader.readexactly(length)
        if b"chunked" in head.lower():
            body = await reader.readuntil(b"0\r\n\r\n")
        self.got.append(head + body)
        return head + body

    async def client(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.relay)

    def post(self, body: bytes, *fields: str, path: str = "/mcp") -> bytes:
        head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.relay}", "Content-Type: application/json"]
        return "\r\n".join([*head, *fields, f"Content-Length: {len(body)}", "", ""]).encode() + body

    async def ask(self, request: bytes) -> bytes:
        """A request on a connection of its own, and all that comes."""
        reader, writer = await self.client()
        writer.write(request)
        back = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return back


def play(
    folder: Path,
    server: Callable[[Stage, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    client: Callable[[Stage], Awaitable[None]],
    **more: Any,
) -> Stage:
    """Let both meet through the relay."""
    stage = Stage(folder / "log.jsonl")

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await server(stage, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def main() -> None:
        listening = await asyncio.start_server(accepted, "127.0.0.1", 0, limit=2**24)
        stage.port = listening.sockets[0].getsockname()[1]
        recorder, _ = begin(Wanted(log=str(stage.log)), "url:x", {}, print)
        relay = HttpRelay(target_of(f"http://127.0.0.1:{stage.port}/mcp"), recorder, **more)
        await relay.listen("127.0.0.1", 0)
        stage.relay = relay.port
        try:
            await asyncio.wait_for(client(stage), 60)
        finally:
            await relay.close()
            recorder.close()
            listening.close()

    asyncio.run(main())
    return stage


def answering(response: bytes, *, close: bool = True) -> Any:
    """A server that always answers so."""

    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await stage.request(reader)
            writer.write(response)
            await writer.drain()
            if close:
                return

    return server


def plain(body: bytes, status: str = "200 OK", *fields: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", *fields, f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def test_only_the_hosts_name_changes(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        fields = ("X-odd:  two  spaces ", "Authorization: Bearer t", "x-ODD: again")
        sent = stage.post(call(1), *fields, path="/mcp?a=%20b")
        assert await stage.ask(sent) == plain(OK, "200 Fine", "x-Y:  z")
        expected = sent.replace(b"127.0.0.1:%d" % stage.relay, b"127.0.0.1:%d" % stage.port)
        assert stage.got == [expected]

    play(tmp_path, answering(plain(OK, "200 Fine", "x-Y:  z")), client)


@pytest.mark.parametrize("seed", range(3))
def test_bodies_of_any_framing_come_through_as_they_are(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)

    def chunks(data: bytes) -> bytes:
        found = b""
        while data:
            size = dice.randrange(1, 70_000)
            part, data = data[:size], data[size:]
            found += b"%x;x=y\r\n%s\r\n" % (len(part), part)
        return found + b"0\r\n\r\n"

    data = call(1, text=dice.randbytes(100_000).hex())
    response = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    response += chunks(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"x": data.hex()}}).encode())

    async def client(stage: Stage) -> None:
        head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{stage.relay}\r\nContent-Type: application/json\r\n"
        body = chunks(data)
        assert await stage.ask(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + body) == response
        assert stage.got[0].endswith(body)

    found = messages(play(tmp_path, answering(response), client).log)
    assert [(row["tool"], row["request"]) for row in found] == [("search", None), ("search", 1)]


def test_a_body_without_a_length_ends_with_the_connection(tmp_path: Path) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + OK

    async def client(stage: Stage) -> None:
        assert await stage.ask(stage.post(call(1))) == response

    assert len(messages(play(tmp_path, answering(response), client).log)) == 2


def test_one_connection_holds_many_exchanges(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        for _ in range(50):
            writer.write(stage.post(call(1)))
            assert await reader.readexactly(len(plain(OK))) == plain(OK)
        # Both at once: the second waits for its turn.
        writer.write(stage.post(call(1)) * 2)
        assert await reader.readexactly(2 * len(plain(OK))) == 2 * plain(OK)
        writer.close()

    stage = play(tmp_path, answering(plain(OK), close=False), client)
    found = messages(stage.log)
    assert len(found) == 104
    assert [row["request"] for row in found[1::2]] == [row["number"] for row in found[::2]]


def test_events_are_passed_on_at_once(tmp_path: Path) -> None:
    turn = asyncio.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stage.request(reader)
        writer.write(head)
        for number in range(5):
            await asyncio.wait_for(turn.wait(), 20)
            turn.clear()
            event = b'data: {"jsonrpc":"2.0","method":"notifications/n%d"}\n\n' % number
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(stage.post(call(1)))
        assert await reader.readuntil(b"\r\n\r\n") == head
        for number in range(5):
            turn.set()
            # The next event is only written once this one is here.
            assert b"notifications/n%d" % number in await asyncio.wait_for(reader.readuntil(b"\n\n"), 20)
        writer.close()

    found = messages(play(tmp_path, server, client).log)
    assert [row["method"] for row in found] == ["tools/call", *(f"notifications/n{n}" for n in range(5))]


def test_a_client_that_goes_away_is_seen_by_the_server(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stage.request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: here\n\n")
        assert await reader.read() == b""
        gone.set()

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(stage.post(call(1)))
        await reader.readuntil(b": here\n\n")
        writer.close()
        await asyncio.wait_for(gone.wait(), 20)

    play(tmp_path, server, client)


def test_a_server_that_goes_away_is_seen_by_the_client(tmp_path: Path) -> None:
    part = plain(OK)[:-5]

    async def client(stage: Stage) -> None:
        assert await stage.ask(stage.post(call(1))) == part

    found = messages(play(tmp_path, answering(part), client).log)
    assert [(row["error"], row["http_status"], row["request"]) for row in found[1:]] == [
        ("transport", 502, 1)
    ]


def test_a_server_that_closes_an_idle_connection(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(stage.post(call(1)))
        # Its end shows at once, so that the client takes another connection for the next request.
        assert await asyncio.wait_for(reader.read(), 20) == plain(OK)
        writer.close()

    play(tmp_path, answering(plain(OK)), client)


def test_requests_that_are_sent_at_once_are_answered_in_turn(tmp_path: Path) -> None:
    whole = [plain(b'{"jsonrpc":"2.0","id":%d,"result":{}}' % key) for key in range(20)]

    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in whole:
            await stage.request(reader)
            writer.write(one)

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(b"".join(stage.post(call(key)) for key in range(20)))
        assert await reader.readexactly(sum(map(len, whole))) == b"".join(whole)
        writer.close()

    stage = play(tmp_path, server, client)
    assert len(stage.got) == 20
    assert [row["request"] for row in messages(stage.log) if row["response"]] == [*range(1, 40, 2)]


def test_a_head_and_its_body_stay_one_packet(tmp_path: Path) -> None:
    came = []

    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(2**16))
        writer.write(plain(OK))

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(stage.post(call(1)))
        assert await reader.read(2**16) == plain(OK)
        writer.close()

    play(tmp_path, server, client)
    assert came[0].endswith(call(1))


def test_no_server_at_all(tmp_path: Path) -> None:
    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    async def client(stage: Stage) -> None:
        recorder, _ = begin(Wanted(log=str(tmp_path / "down")), "x", {}, print)
        relay = HttpRelay(target_of("http://127.0.0.1:1/mcp"), recorder)
        await relay.listen("127.0.0.1", 0)
        stage.relay = relay.port
        back = await stage.ask(stage.post(call(1, text="x" * 200_000)))
        await relay.close()
        assert back.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        told = json.loads(back.partition(b"\r\n\r\n")[2])["error"]
        assert told.startswith("mcpaudit live record: http://127.0.0.1:1 cannot be reached: ")
        assert stage.got == []

    play(tmp_path, server, client)
    found = messages(tmp_path / "down")
    assert [(row["tool"], row["error"], row["http_status"]) for row in found] == [
        ("search", "", None),
        ("search", "transport", 502),
    ]


@pytest.mark.parametrize("response", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_an_answer_that_is_none(tmp_path: Path, response: bytes) -> None:
    async def client(stage: Stage) -> None:
        back = await stage.ask(stage.post(call(1)))
        assert back.startswith(b"HTTP/1.1 502 ")
        assert b"gave no answer" in back

    play(tmp_path, answering(response), client)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET http://evil.example/x HTTP/1.1|Host: @", 400),
        ("CONNECT evil.example:443 HTTP/1.1|Host: @", 400),
        ("GET / HTTP/1.1|Host: evil.example", 421),
        ("GET / HTTP/1.1|Host: evil.example:#", 421),
        ("GET / HTTP/1.1|Host: 10.0.0.7:#", 421),
        ("GET / HTTP/1.1|Host: user@127.0.0.1:#", 421),
        ("GET / HTTP/1.1|Host: 127.0.0.1:1", 421),
        ("GET / HTTP/1.1", 421),
        ("GET / HTTP/1.1|Host: @|Host: evil.example", 400),
        ("GET / HTTP/1.1|Host: @|Origin: https://evil.example", 403),
        ("GET / HTTP/1.1|Host: @|Origin: null", 403),
        ("GET / HTTP/1.1|Host: @|Origin: http://127.0.0.1.evil.example", 403),
        ("POST / HTTP/1.1|Host: @|Content-Length: 1|Transfer-Encoding: chunked", 400),
        ("POST / HTTP/1.1|Host: @|Content-Length: 1|Content-Length: 2", 400),
        ("POST / HTTP/1.1|Host: @|Content-Length: +1", 400),
        ("POST / HTTP/1.1|Host: @|Transfer-Encoding: gzip, chunked", 400),
        ("GET / HTTP/1.1|Host: @|Folded: a| b", 400),
        ("GET / HTTP/1.1|Host : @", 400),
        ("GET /\x00 HTTP/1.1|Host: @", 400),
        ("GET / HTTP/2|Host: @", 400),
        ("GET  / HTTP/1.1|Host: @", 400),
        ("GET / HTTP/1.1|Host: @|X: " + "x" * 70_000, 400),
    ],
)
def test_requests_that_are_refused(tmp_path: Path, request_: str, status: int) -> None:
    async def client(stage: Stage) -> None:
        text = request_.replace("@", f"127.0.0.1:{stage.relay}" if "user@" not in request_ else "@")
        text = text.replace("#", str(stage.relay)).replace("|", "\r\n")
        back = await stage.ask(f"{text}\r\n\r\n".encode())
        assert back.startswith(b"HTTP/1.1 %d " % status), back
        assert b"mcpaudit live record: " in back
        assert stage.got == []

    play(tmp_path, answering(plain(OK)), client)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("origin", ["", "http://localhost:6274", "http://127.0.0.1"])
def test_requests_of_this_machine_are_passed_on(tmp_path: Path, host: str, origin: str) -> None:
    async def client(stage: Stage) -> None:
        more = f"Origin: {origin}\r\n" if origin else ""
        request = f"GET /x HTTP/1.1\r\nHost: {host}:{stage.relay}\r\n{more}\r\n".encode()
        assert await stage.ask(request) == plain(OK)

    play(tmp_path, answering(plain(OK)), client)


def test_redirects_of_the_server_lead_through_the_relay_and_others_are_not_followed(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        back = await stage.ask(stage.post(call(1)))
        assert b"Location: /mcp/?a=b\r\n" in back
        assert len(stage.got) == 1

    async def own(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        where = f"Location: http://127.0.0.1:{stage.port}/mcp/?a=b"
        await answering(plain(b"", "307 Temporary Redirect", where))(stage, reader, writer)

    async def other_client(stage: Stage) -> None:
        assert await stage.ask(stage.post(call(1))) == other
        assert len(stage.got) == 1

    play(tmp_path, own, client)
    other = plain(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:1/mcp")
    play(tmp_path, answering(other), other_client)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("401 Unauthorized", b'{"error":"invalid_token"}', "transport"),
        ("500 Oops", b"", "transport"),
        ("400 Bad Request", b'{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"x"}}', "protocol"),
        ("200 OK", b'{"jsonrpc":"2.0","id":1,"result":{"isError":true}}', "tool"),
        ("200 OK", b"hello", "junk"),
        ("202 Accepted", b"", None),
    ],
)
def test_what_an_answer_counts_as(tmp_path: Path, status: str, body: bytes, error: str | None) -> None:
    async def client(stage: Stage) -> None:
        assert await stage.ask(stage.post(call(1))) == plain(body, status)

    _, *found = messages(play(tmp_path, answering(plain(body, status)), client).log)
    assert [(row["error"], row["http_status"]) for row in found] == (
        [(error, int(status[:3]))] if error is not None else []
    )


def test_content_is_asked_for_in_codings_that_can_be_read(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        for given in ("gzip, deflate, br, zstd", "br;q=1.0", "gzip;q=0.5, br"):
            await stage.ask(stage.post(call(1), f"Accept-Encoding: {given}"))
        wanted = [line for got in stage.got for line in got.split(b"\r\n") if line.startswith(b"Accept-E")]
        assert wanted == [
            b"Accept-Encoding: gzip, deflate",
            b"Accept-Encoding: identity",
            b"Accept-Encoding: gzip;q=0.5",
        ]

    packed = gzip.compress(OK)
    found = messages(play(tmp_path, answering(plain(packed, "200 OK", "Content-Encoding: gzip")), client).log)
    assert [row["request"] for row in found] == [None, 1, None, 3, None, 5]


def test_another_protocol_is_not_asked_for(tmp_path: Path) -> None:
    async def client(stage: Stage) -> None:
        fields = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA")
        await stage.ask(stage.post(call(1), *fields))
        assert b"pgrade" not in stage.got[0]
        assert b"HTTP2" not in stage.got[0]

    play(tmp_path, answering(plain(OK)), client)


def test_interim_answers_are_passed_on(tmp_path: Path) -> None:
    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await reader.readexactly(len(call(1)))
        writer.write(plain(OK))

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        head, _, body = stage.post(call(1), "Expect: 100-continue").partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert await reader.read() == plain(OK)
        writer.close()

    play(tmp_path, server, client)


def test_an_answer_before_the_end_of_the_request(tmp_path: Path) -> None:
    async def server(stage: Stage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(plain(b"", "413 Content Too Large"))

    async def client(stage: Stage) -> None:
        reader, writer = await stage.client()
        writer.write(stage.post(call(1, text="x" * 5_000_000))[:100_000])
        assert await asyncio.wait_for(reader.read(), 20) == plain(b"", "413 Content Too Large")
        writer.close()

    play(tmp_path, server, client)


@pytest.mark.parametrize("text", ["0.0.0.0:1", "192.168.0.1:80", "example.com:1", "[::]:1"])
def test_other_machines_are_let_in_only_where_that_is_wanted(text: str) -> None:
    with pytest.raises(UsageError, match="give --expose"):
        listen_address(text, exposed=False)
    assert listen_address(text, exposed=True)


@pytest.mark.parametrize("text", ["", "8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "a@127.0.0.1:1"])
def test_what_is_no_address_to_listen_at(text: str) -> None:
    with pytest.raises(UsageError, match="needs an address like"):
        listen_address(text, exposed=False)


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a/", "http://", "http://u:p@a/", "http://a:x/", "file:///etc"]
)
def test_what_is_no_address_of_a_server(url: str) -> None:
    with pytest.raises(UsageError, match="--to"):
        target_of(url)


def found(content: Any, data: bytes, size: int) -> list[tuple[bytes | None, str]]:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    rows = [one for part in parts for one in content.feed(part)]
    return [(one.raw, one.event) for one in [*rows, *content.end()]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_however_they_are_cut(size: int, end: bytes) -> None:
    lines = [
        b": hi",
        b"event: endpoint",
        b"data: /x",
        b"",
        b"id: 4",
        b"data:{",
        b"data:  }",
        b"",
        b"",
        b"data: cut",
    ]
    assert found(Events(), end.join(lines), size) == [(b"/x", "endpoint"), (b"{\n }", "message")]


@pytest.mark.parametrize("packing", [gzip.compress, zlib.compress])
def test_packed_content(packing: Callable[[bytes], bytes]) -> None:
    data = b"data: x\n\n" * 10_000
    assert found(Unpacked(Events()), packing(data), 100) == [(b"x", "message")] * 10_000
    assert found(Unpacked(Whole()), b"no gzip", 3) == [(b"", "")]


def test_what_is_too_long_is_not_held() -> None:
    whole, events = Whole(), Events()
    for _ in range(100):
        assert not [*whole.feed(b"x" * 100_000)]
        assert not [*events.feed(b"data: " + b"x" * 100_000)]
    assert [one.raw for one in whole.end()] == [None]
    assert [(one.raw, one.size > 5_000_000) for one in events.feed(b"\n\n")] == [(None, True)]
    assert [one.raw for one in events.feed(b"data: {}\n\n")] == [b"{}"]
