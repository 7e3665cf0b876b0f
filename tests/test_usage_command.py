"""`mcpaudit usage` and `mcpaudit check --usage`: from logs in a home to findings."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.model.report import Report
from tests.installation import npx, request_of, servers, site_of
from tests.usage import logs
from tests.usage.logs import SECRET, lines

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
SLACK = "@modelcontextprotocol/server-slack@2025.4.25"
TRANSCRIPT = "~/.claude/projects/-srv-secret-project/s1.jsonl"
DAYS = [f"2026-{day}T08:00:00.000Z" for day in ("10-20", "10-27", "11-03", "11-10", "11-20")]


def transcript() -> str:
    records: list[Any] = []
    for number, day in enumerate(DAYS):
        at: Any = {"at": day, "session": f"s{number}", "cwd": "/srv/secret-project"}
        key = f"t{number}"
        records.append(logs.offered("mcp__files__edit_file", "mcp__slack__slack_post_message", **at))
        records.append(logs.claude(logs.tool_use("mcp__files__read_text_file", key), **at))
        records.append(logs.claude(logs.tool_result(key, wrong=number == 2), kind="user", **at))
        records.append(logs.claude(logs.tool_use("mcp__ide__getDiagnostics", f"i{number}"), **at))
    return lines(*records)


def home(**more: Any) -> dict[str, Any]:
    return {
        "~/.claude.json": servers(files=npx(FILES, "/srv"), slack=npx(SLACK)),
        "~/.cursor/mcp.json": servers(files=npx(FILES, "/srv")),
        TRANSCRIPT: transcript(),
        **more,
    }


def test_the_logs_in_a_home_are_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    # Codex is not installed here, so its sessions are another's; Cline's configuration is not read at all.
    codex = lines(logs.codex_start(), logs.codex_item("c1", "files", "x"))
    task = json.dumps([{"ts": 1795161600000, "type": "say", "say": "text", "text": SECRET}])
    site_of(
        tmp_path,
        home(
            **{
                "~/.codex/sessions/2026/11/20/rollout-1.jsonl": codex,
                "~/.cline/data/tasks/1/ui_messages.json": task,
            }
        ),
    )
    assert run(["usage", "--home", str(tmp_path / "home")]) == 0
    shown = capfd.readouterr().out
    assert shown == (
        "10 calls of 2 servers from 2026-10-20 to 2026-11-20.\n"
        "\n"
        "CLAUDE-CODE\n"
        "                                            CALLS ERRORS  FIRST       LAST\n"
        "  files\n"
        "    read_text_file                              5      1  2026-10-20  2026-11-20\n"
        "  ide\n"
        "    getDiagnostics                              5      0  2026-10-20  2026-11-20\n"
        "\n"
        "READ\n"
        "  claude-code-transcript: 1 file, 20 records\n"
        "  cline-task: 1 file, 1 record\n"
        "  claude-code: 5 sessions on 5 days, 2026-10-20 to 2026-11-20\n"
        "  cline: 1 session on 1 day, 2026-11-20 to 2026-11-20\n"
    )


def evidence(folder: Path, *more: str) -> Path:
    site_of(folder, home())
    command = ["usage", "--home", str(folder / "home"), "--format", "json", "-o", str(folder / "u.json")]
    assert run([*command, *more]) == 0
    return folder / "u.json"


def test_evidence_holds_no_value_and_no_path(tmp_path: Path) -> None:
    text = evidence(tmp_path).read_text()
    assert [word for word in (SECRET, "secret-project", str(tmp_path), "/srv") if word in text] == []


def test_since_leaves_out_what_is_older(tmp_path: Path) -> None:
    found = json.loads(evidence(tmp_path, "--since", "2026-11-03").read_text())
    assert found["since"] == "2026-11-03"
    assert {one["calls"] for one in found["tools"]} == {3}


def checked(folder: Path, *usage: Path, **more: Any) -> Report:
    return audit(request_of(folder, home(**more), usage=usage, policies=(POLICIES,)))


POLICIES = Path(__file__).parents[1] / "policies" / "least-privilege"


@pytest.mark.parametrize("given", ["u.json", "home/.claude/projects"])
def test_evidence_and_logs_make_the_same_findings(tmp_path: Path, given: str) -> None:
    evidence(tmp_path)
    report = checked(tmp_path, tmp_path / given)
    found = [row for row in report.findings if row.policy in ("unused-server", "unused-tool")]
    assert {(row.policy, row.status, row.agents) for row in found} == {
        ("unused-server", "fail", ("claude-code",)),
        ("unused-tool", "fail", ("claude-code",)),
    }
    (server,) = [row for row in found if row.policy == "unused-server"]
    assert server.subject == "unused server: npm:@modelcontextprotocol/server-slack"
    assert [place.file for place in server.locations] == ["~/.claude.json"]
    roles = {one.file.rpartition("/")[2]: one.role for one in report.inputs}
    assert roles.get("u.json") == ("usage evidence" if given == "u.json" else None)
    assert "not called once in logs from 2026-10-20 to 2026-11-20" in server.message
    tools = {row.subject.rpartition("/")[2] for row in found if row.policy == "unused-tool"}
    assert tools == {"create_directory", "edit_file", "move_file", "write_file"}


def test_a_report_says_what_the_evidence_does_not(tmp_path: Path) -> None:
    evidence(tmp_path)
    limits = " ".join(checked(tmp_path, tmp_path / "u.json").coverage.limits)
    assert "says nothing of cursor" in limits
    assert "not installed here: ide (claude-code)" in limits
    assert "`--usage`" not in limits
    assert "No usage evidence was given (`--usage`)" in " ".join(checked(tmp_path).coverage.limits)


@pytest.mark.promise("unseen")
def test_a_part_that_was_not_read_is_in_the_report(tmp_path: Path) -> None:
    broken = {TRANSCRIPT: transcript() + "{\n"}
    report = checked(tmp_path, tmp_path / "home/.claude/projects", **broken)
    assert any("a line that is no record (1 time)" in told for told in report.coverage.limits)
    assert {row.status for row in report.findings if row.policy == "unused-server"} == {"possible"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["usage", "nowhere.jsonl"], "there is no file at nowhere.jsonl"),
        (["usage", "--home", "."], "no logs here"),
        (["check", "--usage", "nowhere.json"], "there is no file at nowhere.json"),
        (["check", "--usage", "broken.json"], "broken.json:1:43: expected a value"),
    ],
)
def test_mistakes_are_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text('{"schema": "mcpaudit/usage-v1", "since": [')
    assert run(arguments) == 2
    assert told in capfd.readouterr().err


def test_what_cannot_be_opened_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site_of(tmp_path, home())
    (tmp_path / "home/.claude/projects/gone.jsonl").symlink_to(tmp_path / "nowhere")
    assert run(["usage", "--home", str(tmp_path / "home")]) == 0
    out, err = capfd.readouterr()
    assert "gone.jsonl: a link to a file that is not there" in err
    assert "NOT READ" in out
    assert str(tmp_path) not in out


def test_the_report_tells_of_every_tool_when_it_was_last_called(tmp_path: Path) -> None:
    assert checked(tmp_path).usage == ()
    rows = checked(tmp_path, evidence(tmp_path)).usage
    told = {(row.installation, row.tool): (row.idleness.calls, row.idleness.last_used) for row in rows}
    assert told["claude-code/files", "read_text_file"] == (5, "2026-11-20")
    assert told["claude-code/files", "edit_file"] == (0, "")
    assert told["claude-code/slack", ""] == (0, "")
    assert not [key for key in told if key[0].startswith("cursor/")], "no log of Cursor's was given"
