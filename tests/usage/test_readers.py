"""Readers of logs: what was called, how often it failed, and where a call would have shown."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcpaudit.errors import UsageError
from mcpaudit.model.usage import Window, folder_digest
from mcpaudit.report.schema import record_schema, usage_schema
from mcpaudit.report.usage import as_json
from mcpaudit.usage.collect import collect, named
from tests.usage import logs
from tests.usage.logs import AT, SECRET, counts, lines, usage_of

DOCS = Path(__file__).parents[2] / "docs"

CLAUDE = lines(
    {"type": "queue-operation", "operation": "enqueue", "timestamp": AT, "sessionId": "s1"},
    logs.claude({"type": "text", "text": SECRET}, kind="user"),
    logs.offered("WebFetch", "mcp__my_srv__get_it", "mcp__other__x"),
    logs.claude(logs.tool_use("mcp__my_srv__get_it", "t1"), logs.tool_use("Bash", "t2")),
    logs.claude(logs.tool_result("t1"), logs.tool_result("t2", wrong=True), kind="user"),
    logs.claude(logs.tool_use("mcp__my_srv__fail__it", "t3")),
    logs.claude(logs.tool_result("t3", wrong=True), kind="user"),
    # A resumed session repeats what went before; so does the copy of a request.
    logs.claude(logs.tool_use("mcp__my_srv__get_it", "t1")),
    {"type": "api-request-blob", "message": {"content": [logs.tool_use("mcp__my_srv__copied", "t9")]}},
)
CODEX = lines(
    logs.codex_start(),
    logs.codex_asked("c1", "get_it", "mcp__my_srv"),
    logs.codex_item("c1", "my.srv", "get.it"),
    logs.codex_asked("c2", "fail_it", "mcp__my_srv"),
    logs.codex_item("c2", "my.srv", "fail_it", "failed"),
    logs.codex_asked("c3", "mcp__my_srv__fail_it"),
    logs.codex_event("c3", "my.srv", "fail_it", {"Ok": {"content": [], "isError": True}}),
    logs.codex_event("c4", "my.srv", "fail_it", {"Err": SECRET}),
    logs.codex_asked("c5", "mcp__old__only_asked"),
    logs.codex_asked("c6", "only_asked", "mcp__old__"),
    logs.codex_asked("c7", "shell"),
)
COPILOT = lines(
    logs.copilot("session.start", sessionId="p1", context={"cwd": "/w"}),
    *logs.copilot_call("0", "my.srv", "get.it"),
    *logs.copilot_call("1", "my.srv", "fail_it", good=False),
    logs.copilot("tool.execution_start", toolCallId="2", toolName="bash"),
)
SAID = json.dumps({"type": "use_mcp_tool", "serverName": "my.srv", "toolName": "get_it", "arguments": SECRET})
READ = json.dumps({"type": "access_mcp_resource", "serverName": "my.srv", "uri": SECRET})
MS = 1795161600000
CLINE: list[Any] = [
    {"ts": MS, "type": "say", "say": "text", "text": SECRET},
    {"ts": MS, "type": "say", "say": "use_mcp_server", "text": SAID, "partial": True},
    {"ts": MS, "type": "ask", "ask": "use_mcp_server", "text": SAID},
    {"ts": MS, "type": "say", "say": "use_mcp_server", "text": SAID},
    {"ts": MS, "type": "say", "say": "mcp_server_response", "text": SECRET},
    {"ts": MS, "type": "say", "say": "use_mcp_server", "text": SAID},
    {"ts": MS, "type": "say", "say": "use_mcp_server", "text": READ},
]
CLINE_SESSION = {
    "version": 1,
    "sessionId": "l1",
    "messages": [
        {
            "role": "assistant",
            "ts": MS,
            "content": [logs.tool_use("my__get_it", "a"), logs.tool_use("sh", "b")],
        },
        {"role": "user", "ts": MS, "content": [logs.tool_result("a", wrong=True)]},
    ],
}


def desktop(at: str, said: str, names: str = "[my srv] [info]", side: str = "client") -> str:
    """A line of Claude Desktop, as users quote them."""
    return f"{at}.750Z {names} Message from {side}: {said} {{ metadata: undefined }}\n"


def rpc(method: str, key: int, **params: Any) -> str:
    tree = {"method": method, "params": params, "jsonrpc": "2.0", "id": key}
    return json.dumps(tree, separators=(",", ":"))


CALL = rpc("tools/call", 2, name="get_it", arguments={"q": SECRET})
FAILED = json.dumps({"jsonrpc": "2.0", "id": 2, "result": {"content": [SECRET], "isError": True}})
OLD_DESKTOP = (
    "2026-02-09T05:12:01.000Z [my srv] [info] Initializing server... { metadata: undefined }\n"
    + desktop("2026-02-09T05:12:02", rpc("initialize", 0))
    + desktop("2026-02-09T05:12:06", CALL)
    + desktop("2026-02-09T05:12:07", FAILED, side="server")
    + desktop("2026-02-10T05:12:02", rpc("initialize", 0))
    + desktop("2026-02-10T05:12:06", CALL)
)
NEW_DESKTOP = (
    desktop("2026-11-20T20:23:53", 'method="initialize" id=0 params')
    + desktop("2026-11-20T20:23:54", 'method="notifications/initialized"')
    + desktop("2026-11-20T20:23:55", 'method="tools/call" id=6 params')
    + desktop("2026-11-20T20:23:56", "id=6 result(1 blocks)", side="server")
    + desktop("2026-11-20T20:23:57", 'method="tools/call" id=7 params')
    + desktop("2026-11-20T20:23:58", "id=7 error(code=-32603)", side="server")
    + f"{SECRET} and whatever else a server prints\n"
)
ALL_SERVERS = desktop("2026-02-09T05:12:06", CALL, "[info] [weather]") + desktop(
    "2026-02-09T05:12:06", CALL, "[info] [other]"
)
OWN = logs.recording(
    logs.message(1, "search"),
    logs.message(2, "search", request=1),
    logs.message(3, "search"),
    logs.message(4, "search", request=3, error="tool"),
)

CASES: dict[str, tuple[str, str, str, dict[tuple[str, str], tuple[int, int]]]] = {
    "claude-code": (
        "s1.jsonl",
        CLAUDE,
        "claude-code",
        {("my_srv", "get_it"): (1, 0), ("my_srv", "fail__it"): (1, 1)},
    ),
    "codex": (
        "rollout-2026-11-20.jsonl",
        CODEX,
        "codex",
        {("my.srv", "get.it"): (1, 0), ("my.srv", "fail_it"): (3, 3), ("old", "only_asked"): (2, 0)},
    ),
    "copilot-cli": (
        "events.jsonl",
        COPILOT,
        "copilot-cli",
        {("my.srv", "get.it"): (1, 0), ("my.srv", "fail_it"): (1, 1)},
    ),
    "cline": ("ui_messages.json", json.dumps(CLINE), "cline", {("my.srv", "get_it"): (2, 0)}),
    "cline sessions": (
        "l1.messages.json",
        json.dumps(CLINE_SESSION),
        "cline",
        {("my", "get_it"): (1, 1)},
    ),
    "claude-desktop until 2026": (
        "mcp-server-my srv.log",
        OLD_DESKTOP,
        "claude-desktop",
        {("my srv", "get_it"): (2, 1)},
    ),
    "claude-desktop": ("mcp-server-my srv.log", NEW_DESKTOP, "claude-desktop", {("my srv", ""): (2, 1)}),
    "claude-desktop, all servers": (
        "mcp.log",
        ALL_SERVERS,
        "claude-desktop",
        {("weather", "get_it"): (1, 0), ("other", "get_it"): (1, 0)},
    ),
    "mcpaudit": ("own.jsonl", OWN, "claude-code", {("acme", "search"): (2, 1)}),
}


@pytest.mark.parametrize("name", list(CASES))
def test_calls_and_errors_are_counted(tmp_path: Path, name: str) -> None:
    file, content, client, expected = CASES[name]
    (tmp_path / file).write_text(content)
    found = usage_of(tmp_path / file)
    assert counts(found) == expected
    assert {one.client for one in found.tools} == {client}
    assert all(one.first.startswith("2026-") for one in found.tools)
    assert found.unread == ()
    assert [source.files for source in found.sources] == [1]


@pytest.mark.parametrize("name", list(CASES))
def test_no_value_and_no_path_leaves_a_reader(tmp_path: Path, name: str) -> None:
    file, content, _, _ = CASES[name]
    (tmp_path / file).write_text(content)
    told = as_json(usage_of(tmp_path / file))
    assert SECRET in content or file == "own.jsonl"
    assert SECRET not in told
    assert '"/w"' not in told
    assert str(tmp_path) not in told
    jsonschema.validate(json.loads(told), usage_schema())


@pytest.mark.parametrize("name", list(CASES))
def test_a_log_under_any_name_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    file, content, _, expected = CASES[name]
    if not file.endswith(".jsonl"):
        return
    (tmp_path / "renamed.txt").write_text(content)
    assert counts(usage_of(tmp_path / "renamed.txt")) == expected


def windows(path: Path, since: str = "") -> dict[str, Window]:
    return {one.server: one for one in usage_of(path, since).windows}


def test_a_transcript_covers_all_servers_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "s1.jsonl").write_text(CLAUDE)
    found = windows(tmp_path / "s1.jsonl")
    assert set(found) == {"", "my_srv", "other"}
    assert {(one.folder, one.sessions, one.days) for one in found.values()} == {
        (folder_digest("/w"), 1, ("2026-11-20",))
    }


def test_a_server_stays_loaded_until_it_is_taken_away(tmp_path: Path) -> None:
    days = [f"2026-11-{day}T08:00:00Z" for day in (17, 18, 19, 20)]
    records = (
        logs.offered("mcp__a__x", "mcp__b__x", at=days[0]),
        logs.claude(at=days[1]),
        logs.offered(removed=["mcp__b__x"], at=days[2]),
        logs.claude(at=days[3]),
    )
    (tmp_path / "s.jsonl").write_text(lines(*records))
    found = windows(tmp_path / "s.jsonl")
    assert [day[-2:] for day in found[""].days] == ["17", "18", "19", "20"]
    assert [day[-2:] for day in found["a"].days] == ["17", "18", "19", "20"]
    assert [day[-2:] for day in found["b"].days] == ["17", "18"]


@pytest.mark.parametrize("name", ["claude-desktop", "mcpaudit"])
def test_the_log_of_one_server_covers_that_server_only(tmp_path: Path, name: str) -> None:
    file, content, _, _ = CASES[name]
    (tmp_path / file).write_text(content)
    assert "" not in windows(tmp_path / file)


def test_a_call_that_the_log_cuts_short_is_a_call(tmp_path: Path) -> None:
    log = tmp_path / "mcp-server-my srv.log"
    log.write_text(desktop("2026-02-09T05:12:06", CALL[:60]) + desktop("2026-02-09T05:12:07", FAILED[:60]))
    assert counts(usage_of(log)) == {("my srv", ""): (1, 0)}


def test_a_recording_knows_the_identity(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(OWN)
    found = usage_of(tmp_path / "own.jsonl")
    assert {one.identity for one in (*found.tools, *found.windows)} == {"npm:acme-mcp"}


def test_a_recording_without_its_end_may_be_cut_short(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(logs.recording(logs.message(1, "search"), ended=False))
    assert [one.reason for one in usage_of(tmp_path / "own.jsonl").unread] == [
        "a recording without its last line: it may be cut short"
    ]


def test_recordings_after_each_other_in_one_file(tmp_path: Path) -> None:
    first = logs.recording(logs.message(1, "search"), ended=False)
    second = logs.recording(logs.message(1, "search"), logs.message(2, "get"), recording="77aa")
    (tmp_path / "own.jsonl").write_text(first + second)
    found = usage_of(tmp_path / "own.jsonl")
    assert counts(found) == {("acme", "search"): (2, 0), ("acme", "get"): (1, 0)}
    assert [(one.reason, one.count) for one in found.unread] == [
        ("a recording without its last line: it may be cut short", 1)
    ]


def test_a_recording_that_goes_on_in_another_file(tmp_path: Path) -> None:
    end = lines({"time": "2026-11-20T09:00:00Z", "end": "rotated", "unanswered": 1})
    (tmp_path / "own.1.jsonl").write_text(logs.recording(logs.message(1, "search"), ended=False) + end)
    (tmp_path / "own.jsonl").write_text(logs.recording(logs.message(2, "search", request=1)))
    found = usage_of(tmp_path)
    assert counts(found) == {("acme", "search"): (1, 0)}
    assert not found.unread


def test_what_a_recording_lacks_is_told(tmp_path: Path) -> None:
    lost = {"time": "2026-11-20T08:31:00Z", "lost": 7}
    long = {**logs.message(9, ""), "method": "", "error": "long"}
    (tmp_path / "own.jsonl").write_text(logs.recording(lost, long))
    assert [one.reason for one in usage_of(tmp_path).unread] == [
        "a message to the server that was too long to be read",
        "messages that could not be recorded",
    ]


def test_what_is_older_than_since_is_left_out(tmp_path: Path) -> None:
    old = logs.claude(logs.tool_use("mcp__a__old", "t8"), at="2026-11-01T08:00:00Z")
    (tmp_path / "s.jsonl").write_text(lines(old) + CLAUDE)
    assert ("a", "old") in counts(usage_of(tmp_path / "s.jsonl"))
    found = usage_of(tmp_path / "s.jsonl", "2026-11-20")
    assert ("a", "old") not in counts(found)
    assert {day for one in found.windows for day in one.days} == {"2026-11-20"}


def test_a_session_that_is_there_twice_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "s1.jsonl").write_text(CLAUDE)
    (tmp_path / "copy.jsonl").write_text(CLAUDE)
    assert counts(usage_of(tmp_path)) == CASES["claude-code"][3]


def test_the_same_logs_give_the_same_bytes(tmp_path: Path) -> None:
    for file, content, _, _ in CASES.values():
        (tmp_path / file).write_text(content)
    paths = sorted(tmp_path.iterdir())
    assert as_json(collect(named(paths))[0]) == as_json(collect(named(paths[::-1]))[0])


def test_what_is_no_log_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    for name, told in (
        ("x.json", "is no log"),
        ("empty", "there is no log in"),
        ("none", "there is no file"),
    ):
        with pytest.raises(UsageError, match=told):
            named([tmp_path / name])


def test_the_recording_in_the_documentation_is_one() -> None:
    block = re.search(r"```json\n(.*?)```", (DOCS / "usage.md").read_text(), re.DOTALL)
    assert block is not None
    for line in block[1].splitlines():
        jsonschema.validate(json.loads(line), record_schema())
