"""`mcpaudit live list --update-lock`: what servers say, in the lock, and how long it stays there."""

import json
from typing import Any

from tests.installation import npx, site_of, write
from tests.live.running import ODD, PYTHON, Live, odd


def held(live: Live) -> dict[str, Any]:
    """The lock's entries, by the first name of each."""
    lock = json.loads((live.project / "mcpaudit.lock").read_text())
    return {one["installed_as"][0].removeprefix("cursor/"): one for one in lock["servers"]}


def lock(live: Live, *words: str) -> int:
    return live.command("lock", str(live.project), "--home", str(live.folder / "home"), *words)


def test_the_answer_is_in_the_lock_and_all_else_as_lock_writes_it(live: Live) -> None:
    live.install(one=odd("good"), sick=odd("exits"))
    assert live.list("--update-lock") == 1
    assert "Wrote mcpaudit.lock." in live.out
    one, sick = held(live)["one"], held(live)["sick"]
    assert one["manifest"] == {
        "source": "live",
        "version": "4.5.6",
        "complete": True,
        "certainty": "certain",
        "reason": "the server's own answer to tools/list (MCP 2025-06-18)",
        "without": "",
    }
    assert [(tool["name"], tool["required"]) for tool in one["tools"]] == [
        ("delete_note", ["id"]),
        ("get_note", ["id"]),
    ]
    assert one["tools"][0]["description"].startswith("sha256:")
    assert sick["manifest"]["source"] == "none"


def test_a_live_list_stays_and_is_no_drift(live: Live) -> None:
    live.install(one=odd("good"))
    live.list("--update-lock")
    before = (live.project / "mcpaudit.lock").read_bytes()
    assert lock(live, "--check") == 0
    assert lock(live) == 0
    assert (live.project / "mcpaudit.lock").read_bytes() == before
    assert live.list("--update-lock") == 0
    assert "mcpaudit.lock says this already" in live.out


def test_a_list_stays_where_its_server_fails(live: Live) -> None:
    live.install(one=odd("good"), two=odd("named", "a"))
    live.list("--update-lock")
    live.install(one=odd("exits"), two=odd("named", "a", "b"))
    assert live.list("--update-lock") == 1
    assert [tool["name"] for tool in held(live)["two"]["tools"]] == ["a", "b"]
    assert len(held(live)["one"]["tools"]) == 2


def test_a_list_is_of_its_own_entry_and_not_of_another_with_the_same_program(live: Live) -> None:
    live.install(one=odd("named", "a"), two=odd("exits"))
    assert live.list("--update-lock") == 1
    assert lock(live) == 0
    assert [tool["name"] for tool in held(live)["one"]["tools"]] == ["a"]
    assert held(live)["two"]["tools"] == []
    assert lock(live, "--check") == 0


def test_a_new_tool_is_drift(live: Live) -> None:
    live.install(one=odd("named", "get_note"))
    live.list("--update-lock")
    live.install(one=odd("named", "get_note", "delete_note"))
    assert live.list("--update-lock") == 0
    assert "Wrote mcpaudit.lock with 1 difference from the lock before." in live.out


def package(live: Live, version: str) -> dict[str, Any]:
    """A package, and an `npx` that starts the odd server for it."""
    site_of(live.folder, {})
    program = live.folder / "bin/npx"
    write(program, f"#!/bin/sh\nexec {PYTHON} -sS {ODD} good\n")
    program.chmod(0o755)
    return {**npx(f"acme@{version}"), "env": {"PATH": str(program.parent)}}


def test_a_list_does_not_outlive_its_version(live: Live) -> None:
    live.install(one=package(live, "1.0.0"))
    assert live.list("--update-lock") == 0
    assert lock(live, "--check") == 0
    live.install(one=package(live, "2.0.0"))
    assert lock(live, "--check") == 1
    assert "version-changed: its version was 1.0.0 and is 2.0.0" in live.out
    assert "2 tools were known from the server itself, and none is known now" in " ".join(live.out.split())


SOURCE = """
import os, sys
os.execv(sys.executable, [sys.executable, "-sS", {odd!r}, "named", "get_note"])
from mcp.server.fastmcp import FastMCP
m = FastMCP("x")
@m.tool()
def get_note(id: str) -> str: ...
"""


def test_a_tool_that_comes_into_the_source_is_drift(live: Live) -> None:
    script = live.project / "server.py"
    live.install(one={"command": PYTHON, "args": ["-sS", str(script)]})
    script.write_text(SOURCE.format(odd=ODD))
    assert live.list("--update-lock") == 0
    assert lock(live, "--check") == 0
    script.write_text(SOURCE.format(odd=ODD) + "@m.tool()\ndef delete_all() -> str: ...\n")
    assert lock(live, "--check") == 1
    assert "`delete_all`" in live.out


def test_nothing_listed_writes_nothing(live: Live) -> None:
    live.install(one=odd("exits"))
    assert live.list("--update-lock") == 1
    assert "mcpaudit.lock was not written, as no server was listed." in live.out
    assert not (live.project / "mcpaudit.lock").exists()


def test_a_lock_that_is_a_link_is_refused_before_anything_is_started(live: Live) -> None:
    file = live.folder / "ran"
    live.install(one=odd("marks", str(file)))
    write(live.folder / "other", "{}")
    (live.project / "mcpaudit.lock").symlink_to(live.folder / "other")
    assert live.list("--update-lock") == 2
    assert not file.exists()


def test_an_audit_takes_the_tools_from_the_lock(live: Live) -> None:
    live.install(one=odd("good"))
    live.list("--update-lock")
    words = ["--home", str(live.folder / "home"), "--format", "json"]
    live.command("check", str(live.project), *words)
    report = json.loads(live.out)
    assert {one["name"] for one in report["tools"]} >= {"get_note", "delete_note"}
