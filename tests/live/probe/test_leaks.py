"""State that gets from one request or session into another."""

import json
from contextlib import contextmanager
from typing import Any

import pytest

from tests.live.json_http import Answers, serving
from tests.live.odd_web import answer
from tests.live.probe.probing import Probing, bad

LEAK = {"other-request": "leak", "other-session": "leak"}


@pytest.mark.parametrize(
    ("kind", "request_", "session", "where"),
    [
        ("leaks-in-results", "leak", "pass", "the result of a tool"),
        ("leaks-in-errors", "leak", "pass", "an error"),
        ("leaks-by-file FILE", "pass", "leak", "its list of tools"),
        ("leaks-client-name FILE", "pass", "leak", "its list of tools"),
    ],
)
def test_each_leak_is_found(site: Probing, kind: str, request_: str, session: str, where: str) -> None:
    site.install(one=bad(*kind.replace("FILE", str(site.folder / "kept")).split()))
    seen = site.seen("--leaks")["one"]
    assert (seen["other-request"]["verdict"], seen["other-session"]["verdict"]) == (request_, session)
    leaked = seen["other-request" if request_ == "leak" else "other-session"]
    assert f"sent is in {where}" in leaked["says"]
    assert leaked["tool"] == "search_notes"
    assert "canary-" not in site.out + site.evidence.read_text()


@pytest.mark.parametrize("kind", ["searches", "good"])
def test_a_good_server_leaks_nothing(site: Probing, kind: str) -> None:
    seen = site.install(one=bad(kind)).seen("--leaks")["one"]
    assert seen["other-session"]["verdict"] == "pass"
    assert seen["other-request"]["verdict"] == ("pass" if kind == "searches" else "cannot-test")


def test_what_its_source_keeps_stands_beside_it(site: Probing) -> None:
    source = """
import os, sys
os.execv(sys.executable, [sys.executable, "-sS", {bad!r}, "searches"])
from mcp.server.fastmcp import FastMCP
m = FastMCP("x")
last = ""
@m.tool()
def search_notes(query: str) -> str:
    global last
    last = query
    return last
"""
    entry = bad("searches")
    script = site.folder / "project/server.py"
    site.install(one={"command": entry["command"], "args": ["-sS", str(script)]})
    script.write_text(source.format(bad=entry["args"][1]))
    assert "its source keeps `last` (server.py:10)" in site.seen("--leaks")["one"]["other-session"]["says"]


def test_what_nobody_has_agreed_to_is_not_called_later(site: Probing) -> None:
    site.install(one=bad("other-tools-later", str(site.folder / "starts")))
    site.probe("--leaks", "--watch", "0", "--runs", "3")
    called = (site.folder / "calls").read_text().split()
    assert "list_notes" in called
    assert "get_all_notes" not in called
    assert "what would be done is not what you agreed to" in " ".join(site.out.split())


@contextmanager
def shared(leaking: bool) -> Any:
    """A server by HTTP that all its users share, and perhaps what they search for, too."""
    queries: list[str] = []
    search = {"name": "search_notes", "description": "Searches notes.", "annotations": {"readOnlyHint": True}}
    schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}

    class Handler(Answers):
        def post(self, body: bytes) -> None:
            message = json.loads(body)
            if "id" not in message:
                return self.say(202, b"")
            said = answer(message, modern=False)
            if message["method"] == "tools/list":
                said["result"]["tools"] = [{**search, "inputSchema": schema}]
            if message["method"] == "tools/call":
                queries.append(str(message["params"]["arguments"].get("query")))
                shown = queries if leaking else queries[-1:]
                said = {"jsonrpc": "2.0", "id": message["id"]}
                said["result"] = {"content": [{"type": "text", "text": f"none for {shown}"}]}
            return self.say(200, json.dumps(said).encode())

    with serving(Handler) as origin:
        yield f"{origin}/"


@pytest.mark.parametrize(("leaking", "verdict"), [(True, "leak"), (False, "pass")])
def test_a_server_that_users_share(site: Probing, leaking: bool, verdict: str) -> None:
    with shared(leaking) as url:
        seen = site.install(one={"url": url}).seen("--leaks")["one"]
    assert {check: seen[check]["verdict"] for check in LEAK} == dict.fromkeys(LEAK, verdict)
