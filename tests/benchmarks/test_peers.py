"""The race: its sample holds what it says, and reports are judged by their own words."""

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from benchmarks.peers import judge, measure, sample, tables
from benchmarks.peers.judge import FOUND, MISSED, PARTLY
from benchmarks.peers.measure import Run
from mcpaudit.audit import audit
from mcpaudit.model.site import Site
from mcpaudit.report.canonical import file_pieces
from mcpaudit.request import Request


@pytest.mark.parametrize("servers", sample.SIZES)
def test_a_sample_has_so_many_servers_and_keeps_what_is_planted(servers: int) -> None:
    found = sample.entries(servers)
    assert len(sample.names(found)) == servers
    for client, rows in sample.PLANTED.items():
        assert rows.items() <= found[client].items()


def test_added_servers_are_pinned_hold_no_secret_and_differ() -> None:
    rows = [row for rows in sample.entries(200).values() for row in rows.items()]
    planted = {name for rows in sample.PLANTED.values() for name in rows}
    added = [json.dumps(entry) for name, entry in rows if name not in planted]
    assert len(set(added)) == len(added)
    assert all("@" in one or "==" in one for one in added)
    assert not any("token-" in one or "sk_" in one or "xoxb" in one for one in added)


def test_the_same_size_is_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sample.write(tmp_path / name, 40)
    files = {
        name: {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    }
    assert files["one"] == files["two"]
    assert len(files["one"]) == 7


def test_every_verdict_is_about_a_planted_problem_of_a_peer() -> None:
    names = {one["name"] for one in judge.load("peers.yaml")}
    ids = {one["id"] for one in judge.planted()}
    for tool, rules in judge.load("verdicts.yaml").items():
        assert tool in names
        assert set(rules) - {"false-alarms"} <= ids


def test_a_report_is_judged_by_its_own_words() -> None:
    report = {
        "findings": [
            {"id": "CRED-001", "server": "slack", "title": "Slack credential in environment"},
            {"id": "CRED-003", "server": "slack", "title": "another server, so no proof for `github`"},
            {"id": "COMM-010", "server": "postgres", "title": "npx used without pinned version"},
        ],
        "attack_path_summary": {"paths": []},
    }
    read = {"from": "file", "as": "json", "at": ["findings", "attack_path_summary.paths"]}
    score = judge.score("mcp-audit-scanner", judge.statements(read, {"file": json.dumps(report)}))
    assert (score.verdicts["secret-env"], score.verdicts["secret-header"]) == (FOUND, MISSED)
    assert (score.count(FOUND), score.statements, score.alarms) == (1, 3, 1)


def test_what_this_auditor_says_is_found_by_its_verdicts(tmp_path: Path) -> None:
    sample.write(tmp_path, 11)
    site = Site(home=tmp_path / "home", project=tmp_path / "project")
    report = b"".join(file_pieces(audit(Request(site, date(2026, 11, 1))))).decode()
    (own,) = [one for one in judge.load("peers.yaml") if one["name"] == "mcpaudit"]
    found = judge.score("mcpaudit", judge.statements(own["read"], {"file": report}))
    assert found.alarms == 0
    assert {id: verdict for id, verdict in found.verdicts.items() if verdict != FOUND} == {"no-auth": PARTLY}


def test_half_of_a_kind_is_partly() -> None:
    said = judge.statements(
        {"from": "file", "as": "json", "at": ["findings"], "also": "stderr"},
        {"file": "{}", "stderr": "Blocked server 'bootstrap': Command 'sh' is not a recognized MCP launcher"},
    )
    assert judge.score("agent-bom", said).verdicts["remote-code"] == PARTLY


def test_lines_are_statements_and_a_broken_report_has_none() -> None:
    line = json.dumps({"rule_id": "WRD-SUP-CURL-PIPE", "target": ".mcp.json#bootstrap"})
    said = judge.statements({"from": "stdout", "as": "jsonl"}, {"stdout": line + "\n"})
    assert judge.score("mcp-warden", said).verdicts["remote-code"] == FOUND
    assert (
        judge.statements({"from": "file", "as": "json", "at": ["findings"]}, {"file": '{"findings": ['}) == []
    )


def test_who_was_stopped_has_no_place_in_the_table() -> None:
    start = Run(0.1, 0.1, 20.0, 0, "", {})
    score = judge.score("mcp-warden", [])
    fast = tables.Row("fast", "1", start, {11: Run(1.0, 0.9, 50.0, 0, "", {})}, {11: score})
    slow = tables.Row("slow", "2", start, {11: Run(150.0, 149.0, 99.0, -9, "over 150 s", {})}, {11: score})
    page = tables.page([fast, slow], judge.planted(), ["today"])
    assert "| fast | 1 | 0.10 / 0.10 / 20 (1) | 1.00 / 0.90 / 50 (1) |" in page
    assert "| slow | 2 | 0.10 / 0.10 / 20 (2) | stopped: over 150 s |" in page


def test_a_command_is_run_with_a_home_of_its_own_and_its_output_kept(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['HOME']); open(sys.argv[1], 'w').write('done'); sys.exit(3)"
    command = [sys.executable, "-c", script, "{out}"]
    found = measure.run(command, project=tmp_path, home=tmp_path / "home", path="", scratch=tmp_path)
    assert (found.code, found.stopped, found.texts["file"]) == (3, "", "done")
    assert found.texts["stdout"].strip() == str(tmp_path / "home")


def test_a_command_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "LIMIT", 0.0)
    found = measure.watch([sys.executable, "-c", "import time; time.sleep(60)"])
    assert (found["code"], found["stopped"]) == (-9, "over 0 s")
