"""A filled-in sheet of the access review, held against the report that it was made from."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from mcpaudit.errors import ConfigurationError, Mistake, did_you_mean
from mcpaudit.model.access_review import ANSWERS, SCHEMA, AccessReview, Answer, Entitlement
from mcpaudit.model.action import in_words
from mcpaudit.model.report import Report
from mcpaudit.parsing.csv_text import Cell, rows
from mcpaudit.parsing.document import Malformed
from mcpaudit.report.canonical import digest
from mcpaudit.report.csv_tables import FACTS, FILLED_IN, SHEET, facts
from mcpaudit.report.entitlements import entitlements, withheld
from mcpaudit.report.escape import clip, visible
from mcpaudit.report.escape import csv as escape
from mcpaudit.report.reach import DECISION_WORDS

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST_MISTAKES = 100
_SHOWN = 60
_LONGEST = 2_000

Line = Mapping[str, Cell]


def read_sheets(sheets: Iterable[tuple[str, str]], report: Report, today: date) -> AccessReview:
    """The review in these sheets, each a file's name and text; raises ConfigurationError with every mistake.

    Several people may fill in copies of one sheet: an entitlement has to be answered in one of them only.
    """
    asked, named = {one.id: one for one in entitlements(report)}, digest(report)
    found: dict[str, tuple[Answer, str]] = {}
    mistakes: list[Mistake] = []
    for file, text in sheets:
        try:
            for line in _lines(file, text):
                reader = _Row(file, line, report.as_of, today)
                own = asked.get(line["id"].text.strip())
                answer = reader.read(own, asked, named)
                mistakes += reader.mistakes
                if answer is not None and answer.id in found:
                    at = found[answer.id][1]
                    mistakes.append(reader.mistake("answer", f"{answer.id} is answered twice; first at {at}"))
                elif answer is not None:
                    found[answer.id] = answer, f"{file}:{line['answer'].line}"
                if len(mistakes) > _MOST_MISTAKES:
                    break
        except ConfigurationError as error:
            mistakes += error.mistakes
        except Malformed as error:
            mistakes.append(Mistake(file, error.line, error.column, error.message))
    if mistakes:
        raise ConfigurationError(mistakes[:_MOST_MISTAKES])
    return AccessReview(
        schema=SCHEMA,
        report_sha256=named,
        as_of=report.as_of,
        entitlements=len(asked),
        access_rows=len(report.access),
        withheld_rows=len(withheld(report)),
        answers=tuple(found[one][0] for one in asked if one in found),
        open=tuple(one for one in asked if one not in found),
    )


def _lines(file: str, text: str) -> Iterable[Line]:
    """The rows by column; raises ConfigurationError for a sheet that has not the columns of one."""
    table = iter(rows(text))
    head = next(table, ())
    names = [cell.text.strip() for cell in head]
    wrong = [
        Mistake(file, cell.line, cell.column, f"`{_clipped(name)}` is no column of the sheet",
                did_you_mean(name, SHEET) or "put notes into `remark`")
        for cell, name in zip(head, names, strict=True)
        if name not in SHEET
    ]  # fmt: skip
    wrong += [
        Mistake(file, head[at].line, head[at].column, f"the column `{name}` stands here twice")
        for at, name in enumerate(names)
        if name in names[:at] and name in SHEET
    ]
    absent = [name for name in SHEET if name not in names and name not in ("as_of", "not_read", "last_used")]
    if absent and not wrong:
        listed = ", ".join(f"`{name}`" for name in absent)
        wrong.append(
            Mistake(
                file, 1, 1, f"the sheet lacks {listed}", "`--format access-review-csv` writes a whole one"
            )
        )
    if wrong:
        raise ConfigurationError(wrong)
    for row in table:
        if len(row) != len(names):
            where = row[min(len(row), len(names)) - 1]
            raise ConfigurationError(
                [
                    Mistake(
                        file,
                        where.line,
                        where.column,
                        f"this row has {len(row)} cells, and the sheet {len(names)} columns",
                    )
                ]
            )
        yield dict(zip(names, row, strict=True))


class _Row:
    """Reads one row, and keeps what is wrong with it."""

    def __init__(self, file: str, line: Line, as_of: str, today: date) -> None:
        self.file, self.line, self.as_of, self.today = file, line, as_of, today
        self.mistakes: list[Mistake] = []

    def mistake(self, column: str, message: str, hint: str = "") -> Mistake:
        """A mistake in one of the row's cells."""
        cell = self.line[column]
        return Mistake(self.file, cell.line, cell.column, message, hint)

    def read(self, own: Entitlement | None, known: Iterable[str], named: str) -> Answer | None:
        """The answer of the row; nothing where there is none, or something is wrong."""
        if self._of_another(named):
            return None
        if own is None:
            text = self.line["id"].text.strip()
            self._wrong("id", f"the report has no entitlement `{_clipped(text)}`", did_you_mean(text, known))
            return None
        self._unchanged(own)
        written = {name: self.line[name].text.strip() for name in FILLED_IN}
        if not written["answer"]:
            for name in ("reviewer", "date", "remark"):
                if written[name]:
                    self._wrong("answer", f"there is a {name}, and no answer", "write keep, change or remove")
                    break
            return None
        answer = self._answer(written["answer"])
        if not written["reviewer"]:
            self._wrong("reviewer", "an answer needs the name of the one who gives it")
        day = self._day(written["date"])
        if answer == "change" and not written["remark"]:
            self._wrong("remark", "`change` needs a remark: what should it be instead?")
        if self.mistakes:
            return None
        remark = visible(" ".join(clip(written["remark"], _LONGEST).split()))
        reviewer = visible(clip(written["reviewer"], _SHOWN * 2))
        return Answer(own.id, answer, reviewer, day, remark, _says(own, answer))

    def _of_another(self, named: str) -> bool:
        found = self.line["report_sha256"].text.strip().lower()
        if found == named:
            return False
        whose = f"the report with sha256 {_clipped(found)}" if found else "no report"
        self._wrong("report_sha256", f"this row is from {whose}, and the given report has {named}")
        return True

    def _unchanged(self, own: Entitlement) -> None:
        for name, text in zip(FACTS, facts(own), strict=True):
            # A spreadsheet may hide or drop the apostrophe that keeps a formula from running.
            expected, found = escape(text), self.line[name].text
            if found.strip().removeprefix("'") != expected.strip().removeprefix("'"):
                filled = ", ".join(FILLED_IN)
                told = f"`{name}` of {own.id} was edited: the report says `{_clipped(expected)}`"
                self._wrong(name, told, f"yours to fill in are {filled}")

    def _answer(self, text: str) -> str:
        found = text.lower()
        if found not in ANSWERS:
            hint = did_you_mean(found, ANSWERS) or "it can be keep, change or remove"
            self._wrong("answer", f"`{_clipped(text)}` is no answer", hint)
        return found

    def _day(self, text: str) -> str:
        if not text:
            self._wrong("date", "an answer needs its date")
            return ""
        try:
            day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            hint = "write it as in 2026-11-22; if a spreadsheet changes it, format the column as YYYY-MM-DD"
            self._wrong("date", f"`{_clipped(text)}` is no date", hint)
        elif day > self.today:
            self._wrong("date", f"{text} is after {self.today.isoformat()}")
        elif text < self.as_of:
            self._wrong("date", f"{text} is before {self.as_of}, the day of the audit that is reviewed")
        return text

    def _wrong(self, column: str, message: str, hint: str = "") -> None:
        self.mistakes.append(self.mistake(column, message, hint))


def _says(own: Entitlement, answer: str) -> str:
    """What is to be done, in words."""
    if answer == "keep":
        return ""
    does = in_words(own.actions) if own.actions else "do what is not known to"
    much = f"{len(own.tools)} tools" if len(own.tools) > 3 else ", ".join(f"`{tool}`" for tool in own.tools)
    may = f"{own.client} may {does} {own.resource} through `{own.name}` ({much}), {_decided(own)}"
    if answer == "change":
        return may
    if own.name == "own tools":
        return f"{may}; deny it in the client's permission rules"
    return f"{may}; deny these tools, or take the server out at {own.granted or own.installation}"


def _decided(own: Entitlement) -> str:
    return DECISION_WORDS.get(own.decision, own.decision)


def _clipped(text: str) -> str:
    return visible(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
