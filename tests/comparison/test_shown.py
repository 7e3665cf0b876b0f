"""How a comparison is shown: by rows, once for several, safely and within limits."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from mcpaudit.comparison.reports import compare_reports
from mcpaudit.report import diff_markdown
from tests.histories import (
    BAD,
    BASE,
    CRM,
    FETCH,
    SHELL,
    Diff,
    Files,
    commit,
    files,
    needs_git,
    own_server,
    put,
    told,
)
from tests.hostile import HOSTILE
from tests.installation import saved, servers

pytestmark = needs_git


def test_reports_are_compared_row_by_row(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = [str(tmp_path / f"{name}.json") for name in ("before", "after")]
    for report, state in zip(reports, (BASE, {".mcp.json": servers(web=FETCH)}), strict=True):
        put(repository, state)
        run(["check", str(repository), "--no-home", "--format", f"json={report}"])
    capfd.readouterr()
    assert run(["diff", *reports, "--format", "json", "--fail-on-new-access=web:**"]) == 1
    seen = json.loads(capfd.readouterr().out)
    assert {name for name, _ in told(seen)} == {"web"}
    assert {name for name, _ in told(seen, "lost")} == {"files"}
    older = json.loads(Path(reports[1]).read_text(encoding="utf-8"))
    older["tool"]["version"] = "0.0.1"
    older["access"] = []
    Path(reports[0]).write_text(json.dumps(older), encoding="utf-8")
    assert run(["diff", *reports, "--format", "json", "--fail-on-new-access"]) == 0
    seen = json.loads(capfd.readouterr().out)
    assert (seen["access"], seen["findings"]) == ([], [])
    assert seen["learned"]


def test_what_users_keep_is_counted_and_not_named_in_markdown(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "home", {".claude.json": servers(**{"very-private": SHELL})})
    commit(repository, {**BASE, ".claude/settings.json": {"permissions": {"deny": ["mcp__very-private"]}}})
    put(repository, {".claude/settings.json": {"permissions": {"allow": ["mcp__very-private"]}}})
    words = [
        "diff",
        "HEAD",
        "--path",
        str(repository),
        "--home",
        str(tmp_path / "home"),
        "--format",
        "markdown",
    ]
    assert run([*words, "--fail-on-new-access"]) == 1
    shown = capfd.readouterr().out
    assert "through files of a user" in shown
    assert str(tmp_path) not in shown
    assert "~/" not in shown


@pytest.mark.parametrize("shape", ["text", "json", "markdown"])
def test_every_format_is_the_same_twice_and_holds_no_path_of_this_machine(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], shape: str
) -> None:
    first, second = (
        commit(repository, {**BASE, "crm.py": own_server("a")}),
        commit(repository, {**BAD, **CRM}),
    )
    shown = []
    for _ in range(2):
        run(["diff", first, second, "--path", str(repository), "--as-of", "2026-11-22", "--format", shape])
        shown.append(capfd.readouterr().out)
    assert shown[0] == shown[1]
    assert str(tmp_path) not in shown[0]
    assert "mcpaudit-" not in shown[0].replace("mcpaudit-v1", "")
    assert len(shown[0]) < 65_536 or shape == "json"
    if shape == "text":
        assert max(map(len, shown[0].splitlines())) <= 110
        assert "waiver" in shown[0]


def test_hostile_names_of_tools_stay_text(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = [name for name in HOSTILE.values() if name.strip()]
    base = {**CRM, "lists/crm.json": saved(*names)}
    first, second = commit(repository, base), commit(repository, {".mcp.json": servers(web=FETCH)})
    words = ["--path", str(repository), "--manifests", str(repository / "lists")]
    for one in ((first, second), (second, first)):
        for shape in ("text", "markdown", "json"):
            done = run(["diff", *one, *words, "--format", shape])
            shown = capfd.readouterr().out
            assert done in (0, 1)
            assert not set(shown) & {"\x1b", "\x9b", "\u202e", "\u2066"} or shape == "json"
            if shape == "markdown":
                shown = re.sub(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)", "", shown)
                assert "<h1>" not in shown
                assert "](javascript" not in shown
                assert shown.count("```") % 2 == 0


def test_the_json_fits_its_schema(diff: Diff) -> None:
    from jsonschema import Draft202012Validator

    from mcpaudit.report.schema import diff_schema

    Draft202012Validator(diff_schema()).validate(diff(BASE, BAD))


def test_what_several_agents_gain_from_one_file_is_said_once(
    diff: Diff, repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    unknown = {"command": "npx", "args": ["-y", "some-thing@1.0.0"]}
    change = {".mcp.json": servers(files=files("./data", "/srv"), web=FETCH, own=unknown)}
    seen = diff({".mcp.json": servers(files=files("./data"))}, change, "--fail-on-new-access")
    assert len({one["agent"] for one in seen["access"]}) > 2
    for shape in ("text", "markdown"):
        capfd.readouterr()
        run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", shape])
        shown = " ".join(capfd.readouterr().out.split())
        if shape == "text":
            assert "Claude Code and Copilot CLI can now read and send web:internet/http after" in shown
            assert "Claude Code, Copilot CLI and VS Code might now be able to do whatever `own`" in shown
        else:
            assert "| Claude Code and Copilot CLI | read and send" in shown
        assert shown.count("whatever `own` offers after asking") == 1


def test_what_is_not_known_of_several_servers_for_one_reason_is_said_once(
    diff: Diff, repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def of(version: str, *more: str) -> Files:
        names = [*"abcde", *more]
        entries = {one: {"command": "npx", "args": ["-y", f"some-{one}@{version}"]} for one in names}
        return {".mcp.json": servers(web=FETCH, mine=files("/srv"), **entries)}

    diff(of("1.0.0"), of("2.0.0", "f"))
    run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", "text"])
    shown = " ".join(capfd.readouterr().out.split())
    assert "through each of `a`, `b`, `c` and 3 more, for its tools are not known" in shown
    assert "and 5 more places)" in shown
    assert "6 things not wholly known" in shown
    assert re.search("trifecta, [^:]*Copilot CLI[^:]*: `f` takes part now: what strangers write comes", shown)
    assert re.search("private data through [^,]+, [^,]+, [^,]+ and [0-9]+ more,", shown)
    run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", "markdown"])
    shown = capfd.readouterr().out
    assert shown.count("tools are not known") == 1


def test_a_change_of_200_servers_fits_a_comment_and_shows_the_gravest(
    repository: Path, tmp_path: Path
) -> None:
    reports = [tmp_path / f"{name}.json" for name in ("before", "after")]
    for report, state in zip(reports, (BASE, BAD), strict=True):
        put(repository, state)
        run(["check", str(repository), "--no-home", "--format", f"json={report}"])
    one = compare_reports(
        reports[0], reports[1], fail_on=None, new_access=("any",), strict=False, as_of=date(2026, 11, 22)
    ).diff
    new = [change for change in one.findings if change.how == "new"]
    many = replace(
        one,
        access=tuple(replace(row, name=f"server-{n}") for n in range(200) for row in one.access),
        doubts=tuple(replace(row, name=f"server-{n}") for n in range(200) for row in one.doubts),
        findings=tuple(
            replace(change, finding=replace(change.finding, fingerprint=f"{n:016}"))
            for n in range(200)
            for change in new
        ),
    )
    shown = diff_markdown.render(many)
    assert len(shown) <= 60_000
    for heading in ("What to do", "Access", "New findings", "Not wholly known", "How it comes about"):
        assert f"### {heading}" in shown
    assert "Left out" not in shown
    assert shown.count("more change of access") + shown.count("more changes of access") == 1
    assert "more findings" in shown
    first = next(line for line in shown.splitlines() if line.startswith("| **❗**"))
    assert "execute without asking" in first


def test_edits_are_worked_out_for_what_is_new(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    # Room for one change: the older finding, which comes first, would take it.
    monkeypatch.setattr("mcpaudit.policy.fixes._MOST", 1)
    old = {"one": SHELL, "same": SHELL, "web": FETCH}
    name = ".vscode/mcp.json"
    seen = diff({name: {"servers": old}}, {name: {"servers": {**old, "web2": FETCH}}})
    (new,) = [one["finding"] for one in seen["findings"] if one["finding"]["policy"] == "duplicate-server"]
    assert new["patch"]["changes"] == [{"file": name, "says": "VS Code: remove `web2`"}]
