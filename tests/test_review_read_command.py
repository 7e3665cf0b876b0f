"""`mcpaudit review read`, and the documents with what people answered: from a report to evidence."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from mcpaudit.report.canonical import to_json
from mcpaudit.report.csv_tables import SHEET
from tests.report.sample import SAMPLE


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "report.json"
    file.write_bytes(to_json(SAMPLE))
    return file


def sheet(report: Path, answer: str = "keep", *, but: int = -1) -> Path:
    """The sheet, written by the command and filled in."""
    file = report.with_name("sheet.csv")
    assert run(["render", str(report), "--format", f"access-review-csv={file}"]) == 0
    rows = list(csv.DictReader(StringIO(file.read_text("utf-8"), newline="")))
    out = StringIO()
    writer = csv.DictWriter(out, SHEET)
    writer.writeheader()
    for number, row in enumerate(rows):
        filled = {"answer": answer, "reviewer": "Mia Sand", "date": "2026-11-23", "remark": "as agreed"}
        writer.writerow(row if number == but else row | filled)
    file.write_text("\ufeff" + out.getvalue(), "utf-8", newline="")
    return file


AS_OF = ["--as-of", "2026-11-24"]


def test_a_whole_review_ends_with_0_and_goes_into_the_evidence(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers, page = report.with_name("answers.json"), report.with_name("evidence.html")
    command = ["review", "read", str(sheet(report, "remove")), "--report", str(report), *AS_OF]
    assert run([*command, "--format", "json", "--output", str(answers)]) == 0
    assert json.loads(answers.read_text())["open"] == []
    beside = ["--review", str(answers), "--since", str(report), "--runs", str(report.parent)]
    assert run(["render", str(report), "--format", f"evidence={page}", "--framework", "soc2", *beside]) == 0
    text = page.read_text("utf-8")
    assert "The review is complete" in text
    assert "Nothing has changed" in text
    assert "SOC 2 Trust Services Criteria" in text
    assert "answers.json: this version cannot read this report" in text, "a file that is no run is named"


def test_an_open_entitlement_ends_with_4(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sheet(report, but=0)
    capsys.readouterr()
    assert run(["review", "read", str(file), "--report", str(report), *AS_OF]) == 4
    shown = capsys.readouterr().out
    assert "The review is not complete" in shown
    assert "OPEN\n" in shown


def test_a_mistake_has_its_place(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sheet(report, "kept")
    capsys.readouterr()
    assert run(["review", "read", str(file), "--report", str(report), *AS_OF]) == 2
    shown = capsys.readouterr().err
    assert f"{file}:2:" in shown
    assert "did you mean `keep`?" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("content", [b"", b"\xff\xfei\x00d\x00", b"\x00\x01", b"id\xe9,x\n", b'"'])
def test_what_is_no_sheet_is_told(content: bytes, report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = report.with_name("sheet.csv")
    file.write_bytes(content)
    assert run(["review", "read", str(file), "--report", str(report)]) == 2
    assert capsys.readouterr().err.startswith(f"mcpaudit: {file}")


def test_what_is_not_there_is_told(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(report.with_name("missing"))
    assert run(["review", "read", missing, "--report", str(report)]) == 2
    for option in ("--since", "--runs", "--review"):
        assert run(["render", str(report), "--format", "evidence", option, missing]) == 2
    assert run(["render", str(report), "--format", "evidence", "--review", str(report)]) == 2
    assert "cannot read this access review" in capsys.readouterr().err


def test_a_framework_that_is_none_is_guessed(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(report), "--format", "evidence", "--framework", "iso-2701"]) == 2
    assert "did you mean `iso-27001`?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sign-off", "access-review", "evidence", "access-review-csv"])
def test_every_document_is_made_from_a_saved_report(
    name: str, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", str(report), "--format", name]) == 0
    assert "Claude Code" in capsys.readouterr().out
