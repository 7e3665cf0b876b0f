"""`mcpaudit accept`: what it writes is what `check` reads, and what covers nothing is said."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from tests.hostile import HOSTILE
from tests.installation import servers

EXAMPLE = Path(__file__).parent.parent / "examples" / "logistics"
SHELL = "silent-shell"
REASON = "replaced by a container next month"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(EXAMPLE, tmp_path / "project")


def options(project: Path) -> list[str]:
    return ["--home", str(project / "home"), "--as-of", "2026-11-22"]


def findings(project: Path, *more: str) -> dict[str, dict[str, Any]]:
    """What `check` finds now, by fingerprint."""
    report = project.parent / "report.json"
    assert run(["check", str(project), *options(project), "--format", f"json={report}", *more]) in (0, 1)
    return {one["fingerprint"]: one for one in json.loads(report.read_text())["findings"]}


def the_shell(project: Path) -> str:
    return next(key for key, one in findings(project).items() if one["policy"] == SHELL)


def accept(project: Path, *words: str) -> int:
    return run(["accept", *words, "--path", str(project), *options(project)])


def waive(project: Path, *words: str, by: Sequence[str] = ("--owner", "ann", "--approver", "bob")) -> int:
    return accept(project, *words, "--waive", *by, "--reason", REASON)


def test_a_waiver_covers_its_finding_and_no_other(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = the_shell(project)
    assert waive(project, shell[:6]) == 0
    assert f"{shell} ({SHELL}) until 2026-12-22" in capsys.readouterr().out
    assert [key for key, one in findings(project).items() if one["status"] == "waived"] == [shell]
    assert findings(project)[shell]["reason"] == f"{REASON} (ann, approved by bob, until 2026-12-22)"
    assert findings(project, "--no-waivers")[shell]["status"] == "fail"
    assert findings(project, "--as-of", "2026-12-23")[shell]["status"] == "fail"


def test_without_an_approver_it_is_a_proposal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = the_shell(project)
    assert waive(project, shell, by=["--owner", "ann"]) == 0
    assert "covers nothing until `approver` is filled in" in capsys.readouterr().out
    assert findings(project)[shell]["status"] == "fail"
    run(["check", str(project), *options(project)])
    told = " ".join(capsys.readouterr().out.split())
    assert "proposed waiver for silent-shell: nobody has approved it yet (.mcpaudit/waivers.yaml:" in told
    file = project / ".mcpaudit" / "waivers.yaml"
    file.write_text(file.read_text().replace("    reason:", "    approver: bob\n    reason:"))
    assert findings(project)[shell]["status"] == "waived"


def test_what_stands_in_the_file_stays(project: Path) -> None:
    first, second, third = sorted(findings(project))[:3]
    file = project / ".mcpaudit" / "waivers.yaml"
    assert waive(project, first) == 0
    before = file.read_text().replace("# Findings", "# Ours: findings").replace("ann", "'ann'  # of dispatch")
    for text in (before, before.rstrip("\n"), before.replace("\n  ", "\n")):
        file.write_text(text)
        assert waive(project, second, third) == 0
        assert file.read_text().startswith(text)
        waived = {key for key, one in findings(project).items() if one["status"] == "waived"}
        assert waived == {first, second, third}


def test_an_empty_list_is_continued(project: Path) -> None:
    shell = the_shell(project)
    file = project / ".mcpaudit" / "waivers.yaml"
    file.write_text("apiVersion: mcpaudit/v1\n# none yet\nwaivers: []\n")
    assert waive(project, shell) == 0
    assert findings(project)[shell]["status"] == "waived"
    assert "# none yet" in file.read_text()


def test_a_list_that_lines_do_not_continue_is_left_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = sorted(findings(project))[:2]
    assert waive(project, first) == 0
    file = project / ".mcpaudit" / "waivers.yaml"
    _, _, entries = file.read_text().partition("waivers:\n")
    turned = f"waivers:\n{entries}apiVersion: mcpaudit/v1\n"
    file.write_text(turned)
    capsys.readouterr()
    assert waive(project, second) == 2
    assert "add this by hand" in (told := capsys.readouterr().err)
    assert second in told
    assert file.read_text() == turned


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--waive", "--baseline"], "either --waive or --baseline"),
        ([], "either --waive or --baseline"),
        (["--waive", "--owner", "ann", "--reason", REASON], "say which findings to waive"),
        (["ffffffffffffffff", "--baseline"], "there is no finding `ffffffffffffffff`"),
        (["SHELL", "--waive", "--reason", REASON], "needs --owner"),
        (["SHELL", "--waive", "--owner", "ann", "--reason", "because"], "at least 10 letters"),
        (["SHELL", "--waive", "--owner", "a\nb", "--reason", REASON], "--owner is one line of text"),
        (["SHELL", "--waive", "--owner", "Ann", "--approver", "ann ", "--reason", REASON], "another person"),
        (
            ["SHELL", "--waive", "--owner", "ann", "--reason", REASON, "--expires", "2027-11-22"],
            "is high: its waiver may last 30 days, until 2026-12-22",
        ),
        (["SHELL", "--waive", "--owner", "ann", "--reason", REASON, "--expires", "2026-11-21"], "may last"),
    ],
)
def test_what_cannot_be_accepted_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    given = [the_shell(project) if word == "SHELL" else word for word in words]
    assert accept(project, *given) == 2
    assert message in capsys.readouterr().err
    assert not (project / ".mcpaudit" / "waivers.yaml").exists()


def test_no_second_entry_for_one_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = the_shell(project)
    assert waive(project, shell) == 0
    assert waive(project, shell) == 2
    assert f"has an entry for {shell} already (number 1)" in capsys.readouterr().err


def test_the_baseline_accepts_today_and_nothing_that_comes_later(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = the_shell(project)
    assert waive(project, shell) == 0
    assert accept(project, "--baseline") == 0
    now = findings(project)
    assert {one["status"] for one in now.values()} == {"waived", "baselined"}
    capsys.readouterr()
    assert run(["check", str(project), *options(project)]) == 0
    assert capsys.readouterr().out.startswith(
        f"This passes: nothing is open; {len(now)} findings are accepted.\n"
    )
    entry = json.loads((project / ".mcp.json").read_text())
    entry["mcpServers"]["crm"] = {"type": "http", "url": "http://crm.example:8080/mcp"}
    (project / ".mcp.json").write_text(json.dumps(entry))
    fresh = [one["policy"] for key, one in findings(project).items() if key not in now]
    assert "cleartext-transport" in fresh
    assert {one["status"] for key, one in findings(project).items() if key in now} == {"waived", "baselined"}


def test_a_baseline_keeps_what_it_has_and_forgets_what_is_gone(project: Path) -> None:
    first, second, *rest = sorted(findings(project))
    assert accept(project, first, "--baseline") == 0
    assert accept(project, second, "--baseline") == 0
    now = findings(project)
    assert [key for key in sorted(now) if now[key]["status"] == "baselined"] == [first, second]
    assert rest
    (project / ".mcp.json").unlink()
    assert accept(project, "--baseline") == 0
    file = json.loads((project / ".mcpaudit" / "baseline.json").read_text())
    assert {one["finding"] for one in file["findings"]} == set(findings(project))


def test_acceptance_holds_in_another_folder_and_order(project: Path, tmp_path: Path) -> None:
    """Fingerprints and digests are made of identities, so that another machine finds the same ones."""
    shell = the_shell(project)
    assert waive(project, shell) == 0
    assert accept(project, "--baseline") == 0
    moved = shutil.copytree(project, tmp_path / "elsewhere" / "renamed")
    data = json.loads((moved / ".mcp.json").read_text())
    turned = dict(reversed(data["mcpServers"].items()))
    (moved / ".mcp.json").write_text("\n\n" + json.dumps({"mcpServers": turned}, indent=7))
    assert {key: one["status"] for key, one in findings(moved).items()} == {
        key: one["status"] for key, one in findings(project).items()
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_breaks_out_of_the_file(tmp_path: Path, text: str) -> None:
    project = tmp_path / "project"
    entry = {"type": "http", "url": "http://crm.example:8080/mcp"}
    project.mkdir()
    (project / ".mcp.json").write_text(json.dumps(servers(**{text: entry})))
    command = ["accept", "--path", str(project), "--no-home", "--as-of", "2026-11-22"]
    report = tmp_path / "report.json"
    run(["check", str(project), "--no-home", "--format", f"json={report}"])
    found = [one["fingerprint"] for one in json.loads(report.read_text())["findings"]]
    assert found
    owner = text if text.strip() and text.isprintable() else "ann"
    words = ["--waive", "--owner", owner, "--approver", "bob", "--reason", REASON]
    assert run([*command, *found, *words]) == 0
    run(["check", str(project), "--no-home", "--as-of", "2026-11-22", "--format", f"json={report}"])
    assert {one["status"] for one in json.loads(report.read_text())["findings"]} == {"waived"}
    (project / ".mcpaudit" / "waivers.yaml").unlink()
    assert run([*command, "--baseline"]) == 0
    run(["check", str(project), "--no-home", "--format", f"json={report}"])
    assert {one["status"] for one in json.loads(report.read_text())["findings"]} == {"baselined"}


def test_where_nothing_is_installed_nothing_is_accepted(tmp_path: Path) -> None:
    assert run(["accept", "--baseline", "--path", str(tmp_path), "--no-home"]) == 3
    assert list(tmp_path.iterdir()) == []
