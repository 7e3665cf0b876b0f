"""Whole sessions of the MCP SDK through the relay, and what the recording makes of them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from mcpaudit.usage.collect import collect, named
from tests.live.relay.relaying import ROOT, mcpaudit, messages, rows

SERVER = str(Path(__file__).parent / "sdk_server.py")
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}


async def session(transport: Any, mode: str) -> None:
    """The same session by every transport."""
    async with Client(transport, mode=mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"add", "fail"}
        for number in range(20):
            result = await client.call_tool("add", {"first": number, "second": 1})
            assert result.structured_content == {"result": number + 1}
        assert (await client.call_tool("fail", {})).is_error


@contextmanager
def serving(kind: str) -> Iterator[str]:
    """The server by HTTP; its address."""
    with subprocess.Popen([sys.executable, SERVER, kind], stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@contextmanager
def relaying(to: str, log: Path, *more: str) -> Iterator[str]:
    """A relay to an address; its own."""
    words = mcpaudit("live", "record", "--listen", "127.0.0.1:0", "--to", to, "--log", str(log), *more)
    with subprocess.Popen(words, stderr=subprocess.PIPE, env=ENV) as process:
        assert process.stderr
        told = process.stderr.readline().decode()
        found = re.match(r"mcpaudit: (http://127\.0\.0\.1:\d+) leads to (\S+), recorded in (.+)", told)
        assert found, told + process.stderr.read().decode()
        yield found[1]
        process.terminate()
        assert process.wait(20) == 0


def told(log: Path) -> list[tuple[str, str, bool]]:
    return [(row["tool"], row["error"], row["response"]) for row in messages(log) if row["tool"]]


def seen(log: Path) -> None:
    """The recording shows the session: each call with its answer."""
    calls = [row for row in messages(log) if row["method"] == "tools/call"]
    answers = {row["request"]: row for row in calls if row["response"]}
    asked = [row for row in calls if not row["response"]]
    assert [row["tool"] for row in asked] == ["add"] * 20 + ["fail"]
    for row in asked:
        answer = answers[row["number"]]
        assert answer["error"] == ("tool" if row["tool"] == "fail" else "")
        assert answer["duration"] > 0
    assert not [row for row in messages(log) if row["error"] not in ("", "tool", "protocol")]
    assert (rows(log)[-1]["end"], rows(log)[-1]["unanswered"]) == ("closed", 0)
    usage = collect(named([log]))[0]
    assert [(use.tool, use.calls, use.errors) for use in usage.tools] == [("add", 20, 0), ("fail", 1, 1)]
    assert not usage.unread


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_by_standard_input_and_output(tmp_path: Path, mode: str) -> None:
    log = tmp_path / "log.jsonl"
    program, *words = mcpaudit("live", "record", "--name", "small", "--log", str(log))
    words += ["--", sys.executable, SERVER, "stdio"]
    anyio.run(session, stdio_client(StdioServerParameters(command=program, args=words, env=ENV)), mode)
    seen(log)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_by_streamable_http(tmp_path: Path, mode: str) -> None:
    log = tmp_path / "log.jsonl"
    with serving("http") as server, relaying(f"{server}/mcp", log, "--name", "small") as relay:
        anyio.run(session, streamable_http_client(f"{relay}/mcp"), mode)
    seen(log)


def test_by_http_with_sse(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with serving("sse") as server, relaying(f"{server}/sse", log) as relay:
        anyio.run(session, sse_client(f"{relay}/sse"), "legacy")
    seen(log)
    header = rows(log)[0]
    assert header["server"] == header["name"] == f"url:{server}/sse"


def test_two_sessions_at_once_have_the_same_ids(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"

    async def both(relay: str) -> None:
        async with anyio.create_task_group() as tasks:
            for mode in ("legacy", "auto", "legacy"):
                tasks.start_soon(session, streamable_http_client(f"{relay}/mcp"), mode)

    with serving("http") as server, relaying(f"{server}/mcp", log) as relay:
        anyio.run(both, relay)
    usage = collect(named([log]))[0]
    assert [(use.tool, use.calls, use.errors) for use in usage.tools] == [("add", 60, 0), ("fail", 3, 3)]
    found = messages(log)
    tools = {row["number"]: row["tool"] for row in found}
    assert all(row["tool"] == tools[row["request"]] for row in found if row["request"])
