"""The sheet of an access review: written, filled in by people and their spreadsheets, read back."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.errors import ConfigurationError
from mcpaudit.model.access_review import SCHEMA, AccessReview
from mcpaudit.model.report import Report
from mcpaudit.report import csv_tables
from mcpaudit.report.access_review_words import as_json, as_text, headline
from mcpaudit.report.build_access_review import read_sheets
from mcpaudit.report.canonical import read_back
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.escape import visible
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import NOTHING, SAMPLE

TODAY = date(2026, 12, 1)
KEEP = {"answer": "keep", "reviewer": "Mia Sand", "date": "2026-11-30"}

Row = dict[str, str]


def filled(report: Report, fill: Callable[[int, Row], Row | None], *, separator: str = ",") -> str:
    """The sheet as a spreadsheet saves it after somebody has filled it in."""
    table = list(csv.DictReader(StringIO(csv_tables.access_review(report), newline="")))
    out = StringIO()
    writer = csv.DictWriter(out, csv_tables.SHEET, delimiter=separator)
    writer.writeheader()
    for number, row in enumerate(table):
        changed = fill(number, row)
        if changed is not None:
            writer.writerow(row | changed)
    return out.getvalue()


def read(*texts: str, report: Report = SAMPLE) -> AccessReview:
    return read_sheets(((f"sheet{number}.csv", text) for number, text in enumerate(texts)), report, TODAY)


def mistake(text: str) -> str:
    with pytest.raises(ConfigurationError) as told:
        read(text)
    return str(told.value)


def only(at: int, **cells: str) -> str:
    """All kept but one, which has these cells."""
    return filled(SAMPLE, lambda number, _row: cells if number == at else KEEP)


def test_a_whole_review_is_complete() -> None:
    review = read(filled(SAMPLE, lambda _number, _row: KEEP))
    assert review.complete
    assert [one.id for one in review.answers] == [one.id for one in entitlements(SAMPLE)]
    assert review.entitlements == len(review.answers)
    assert headline(review).startswith("The review is complete")


def test_an_empty_sheet_is_no_review() -> None:
    review = read(csv_tables.access_review(SAMPLE))
    assert not review.complete
    assert review.open == tuple(one.id for one in entitlements(SAMPLE))
    assert "0 of" in headline(review)


def test_a_row_that_is_missing_is_open() -> None:
    review = read(filled(SAMPLE, lambda number, _row: None if number == 2 else KEEP))
    assert review.open == (entitlements(SAMPLE)[2].id,)


def test_several_people_share_a_sheet() -> None:
    mia = filled(SAMPLE, lambda number, _row: KEEP if number % 2 else {})
    ole = filled(SAMPLE, lambda number, _row: {} if number % 2 else KEEP | {"reviewer": "Ole Ast"})
    review = read(mia, ole)
    assert review.complete
    assert {one.reviewer for one in review.answers} == {"Mia Sand", "Ole Ast"}


def test_what_is_answered_twice_is_told_with_both_places() -> None:
    text = filled(SAMPLE, lambda _number, _row: KEEP)
    with pytest.raises(
        ConfigurationError, match=r"sheet1.csv:2:\d+: E-\w+ is answered twice; first at sheet0"
    ):
        read(text, text)


def test_what_goes_is_said_in_words() -> None:
    at = next(
        n for n, one in enumerate(entitlements(SAMPLE)) if one.name == "slack" and one.effect == "changes"
    )
    review = read(only(at, **(KEEP | {"answer": "Remove", "remark": "nobody\nposts"})))
    (removed,) = review.answered("remove")
    assert "may create and send slack:acme/message through `slack`" in removed.says
    assert removed.remark == "nobody posts"
    shown = as_text(review, SAMPLE, width=80, colour=False)
    assert "REMOVE" in shown
    assert removed.id in shown


def test_a_server_of_which_nothing_stays_is_taken_out() -> None:
    gone = KEEP | {"answer": "remove"}
    text = filled(SAMPLE, lambda _number, row: gone if row["server"].startswith("slack") else KEEP)
    shown = as_text(read(text), SAMPLE, width=200, colour=False)
    assert "TAKE OUT\n  `slack` of Claude Code, at .mcp.json" in shown
    assert "REMOVE" not in shown


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (KEEP | {"answer": "kepe"}, "`kepe` is no answer\n    did you mean `keep`?"),
        (KEEP | {"reviewer": " "}, "needs the name of the one who gives it"),
        (KEEP | {"date": ""}, "needs its date"),
        (KEEP | {"date": "30.11.2026"}, "`30.11.2026` is no date\n    write it as in 2026-11-22"),
        (KEEP | {"date": "2026-02-30"}, "`2026-02-30` is no date"),
        (KEEP | {"date": "2026-12-02"}, "2026-12-02 is after 2026-12-01"),
        (KEEP | {"date": "2026-11-21"}, "before 2026-11-22, the day of the audit"),
        (KEEP | {"answer": "change"}, "`change` needs a remark"),
        ({"remark": "hm"}, "there is a remark, and no answer"),
        (KEEP | {"id": "E-000000000000"}, "the report has no entitlement `E-000000000000`"),
        (KEEP | {"resource": "slack:other/message"}, "was edited: the report says"),
        (KEEP | {"access_rows": "99"}, "`access_rows` of E-"),
        (KEEP | {"report_sha256": "0" * 64}, "this row is from the report with sha256 0000"),
        (KEEP | {"report_sha256": ""}, "this row is from no report"),
    ],
)
def test_a_mistake_has_its_place_and_a_hint(cells: Row, told: str) -> None:
    text = only(1, **cells)
    shown = mistake(text)
    assert told in shown
    assert shown.startswith("sheet0.csv:3:")
    column = int(shown.split(":")[2])
    assert text.split("\r\n")[2][column - 2 : column - 1] in ",", "the column is not where a cell begins"


def test_an_id_that_is_nearly_one_is_guessed() -> None:
    own = entitlements(SAMPLE)[0].id
    wrong = own[:-1] + ("0" if own[-1] != "0" else "1")
    assert f"did you mean `{own}`?" in mistake(only(0, **(KEEP | {"id": wrong})))


def test_a_sheet_of_other_columns_is_refused() -> None:
    text = csv_tables.access_review(SAMPLE)
    assert "did you mean `reviewer`?" in mistake(text.replace('"reviewer"', '"reviewr"', 1))
    assert "`remark` stands here twice" in mistake(text.replace('"date"', '"remark"', 1))
    assert "this row has 23 cells, and the sheet 22 columns" in mistake(text.replace('"E-', '"x","E-', 1))
    assert "the sheet lacks" in mistake("id,agent\nE-1,x\n")
    assert "is never closed" in mistake(text + '"')


def test_what_spreadsheets_do_to_a_sheet_is_no_edit() -> None:
    kept = filled(SAMPLE, lambda _number, _row: KEEP | {"as_of": "22/11/2026"}, separator=";")
    assert read(kept).complete
    assert read(kept.replace("'", "")).complete


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_come_back_as_they_went(text: str) -> None:
    report = with_hostile(text)
    sheet = filled(report, lambda _number, _row: KEEP | {"as_of": report.as_of, "remark": text})
    answered = sheet.replace("2026-11-30", max("2026-11-30", report.as_of))
    review = read(answered, report=report)
    assert review.complete
    shown = as_text(review, report, width=80, colour=False)
    assert all(line == visible(line) for line in shown.split("\n"))


@settings(deadline=None)
@given(st.text(max_size=40), st.text(min_size=1, max_size=20).filter(lambda name: name.strip() != ""))
def test_any_remark_comes_back_visible(remark: str, name: str) -> None:
    answered = KEEP | {"remark": remark.replace("\x00", ""), "reviewer": name}
    try:
        review = read(filled(SAMPLE, lambda _number, _row: answered))
    except ConfigurationError as error:
        assert error.mistakes  # noqa: PT017 - what is told is for other tests
        return
    assert review.complete
    # Made visible once; a second time only the backslashes of the codes themselves would be coded.
    for told in [text for one in review.answers for text in (one.remark, one.reviewer)]:
        assert visible(told).replace("\\u005cu", "\\u") == told
    assert read_back(as_json(review).encode(), AccessReview, SCHEMA, "access review") == review


def test_nothing_to_review_is_complete() -> None:
    assert read(csv_tables.access_review(NOTHING), report=NOTHING).complete
