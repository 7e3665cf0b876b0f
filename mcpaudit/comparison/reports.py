"""Two saved reports, compared row by row: what `mcpaudit diff BASE.json HEAD.json` does."""

from datetime import date
from pathlib import Path

from mcpaudit.comparison.revisions import selectors
from mcpaudit.errors import ReportError
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.diff import Gate, Side
from mcpaudit.model.finding import Severity
from mcpaudit.model.report import LARGEST, Report
from mcpaudit.parsing.reader import named_bytes
from mcpaudit.report.build_diff import Audited, Compared, Terms, compare
from mcpaudit.report.build_state import state_of
from mcpaudit.report.canonical import from_json


def compare_reports(
    base: Path,
    head: Path,
    *,
    fail_on: Severity | None,
    new_access: tuple[str, ...],
    strict: bool,
    as_of: date,
) -> Compared:
    """Raises ReportError for a file that is no report, UsageError for one that cannot be opened."""
    return compare_audited(_read(base), _read(head), fail_on, new_access, strict, as_of)


def compare_audited(
    before: Audited,
    after: Audited,
    fail_on: Severity | None,
    new_access: tuple[str, ...],
    strict: bool,
    as_of: date,
) -> Compared:
    """Two reports that are read already."""
    configuration = Configuration()
    terms = Terms(
        gate=Gate(fail_on or "high", new_access, strict),
        selectors=selectors(new_access, configuration, (before.state, after.state)),
        configuration=configuration,
        as_of=as_of,
        home="user" in {*before.report.coverage.levels, *after.report.coverage.levels},
        notes=(
            "two saved reports are compared: each was judged by its own policies and waivers, and changes of "
            "these are not told apart",
        ),
    )
    return compare(before, after, terms)


def _read(path: Path) -> Audited:
    try:
        return audited(from_json(named_bytes(path, LARGEST)), path.as_posix())
    except ReportError as error:
        raise ReportError(f"{path}: {error}") from None


def audited(report: Report, name: str) -> Audited:
    """A report as one side of a comparison; raises ReportError for words that no report has."""
    state, places = state_of(report)
    return Audited(Side("report", name, "", report.tool.version), state, report, places, _entries(report))


def _entries(report: Report) -> dict[str, str]:
    """An entry is the same where its file and its bounds are."""
    digests = {one.file: one.sha256 for one in report.inputs}
    return {
        one.id: "\0".join((digests.get(one.location.file, ""), one.name, *one.bounds))
        for one in report.installations
    }
