"""CSV: cells that spreadsheets do not run, and rows that say where they are from."""

import csv
from dataclasses import replace
from io import StringIO

import pytest

from mcpaudit.model.report import Report
from mcpaudit.report import csv_tables
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import csv as escape
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import NOTHING, SAMPLE


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def test_every_access_row_is_there_with_what_decides_it() -> None:
    found = rows(csv_tables.access(SAMPLE))
    assert [(row["agent"], row["tool"], row["resource"]) for row in found] == [
        (row.agent, row.tool, row.resource) for row in SAMPLE.access
    ]
    for row, own in zip(found, SAMPLE.access, strict=True):
        assert row["actions"].split() == list(own.actions or ("unknown",))
        assert (row["decision"], row["certainty"]) == (own.decision, own.certainty)
        assert row["report_sha256"] == digest(SAMPLE)
        assert row["not_read"] == str(len(SAMPLE.coverage.unread)) != "0"


def test_every_finding_is_there_with_its_status() -> None:
    found = rows(csv_tables.findings(SAMPLE))
    assert {row["fingerprint"]: row["status"] for row in found} == {
        row.fingerprint: row.status for row in SAMPLE.findings
    }


def test_what_is_not_known_says_so() -> None:
    unknown = replace(SAMPLE, access=(replace(SAMPLE.access[0], actions=()),))
    assert rows(csv_tables.access(unknown))[0]["actions"] == "unknown"


@pytest.mark.parametrize("render", [csv_tables.access, csv_tables.findings])
@pytest.mark.parametrize("report", [NOTHING, *map(with_hostile, HOSTILE.values())])
def test_no_cell_is_a_formula_or_breaks_its_row(render: object, report: Report) -> None:
    assert callable(render)
    text = render(report)
    assert isinstance(text, str)
    lines = text.split("\r\n")
    assert lines.pop() == ""
    assert all("\n" not in line and "\r" not in line for line in lines)
    table = list(csv.reader(StringIO(text, newline=""), strict=True))
    assert len(table) == len(lines)
    assert {len(row) for row in table} == {len(table[0])}
    for cell in (cell for row in table for cell in row):
        assert len(cell) < 32_767
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "  =1", "＝1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert escape(text) == f"'{text}"


def test_what_is_no_formula_stays() -> None:
    assert escape("a=b, \"c\" 'd'") == "a=b, \"c\" 'd'"
