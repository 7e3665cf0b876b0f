"""Two saved reports, compared row by row: what `mcpaudit diff BASE.json HEAD.json` does."""

from datetime import date
from pathlib import Path

from mcpaudit.comparison.revisions import selectors
from mcpaudit.errors import ReportError, UsageError
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.diff import Gate, Side
from mcpaudit.model.finding import Severity
from mcpaudit.model.report import Report
from mcpaudit.report.build_diff import Audited, Compared, Terms, compare
from mcpaudit.report.build_state import state_of
from mcpaudit.report.canonical import from_json

_LARGEST = 256 * 2**20


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
    before, after = (_read(path) for path in (base, head))
    configuration = Configuration()
    terms = Terms(
        gate=Gate(fail_on or "high", new_access, strict),
        selectors=selectors(new_access, configuration, (before.report, after.report)),
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
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(raw) > _LARGEST:
        raise UsageError(f"{path} is over the limit of {_LARGEST >> 20} MiB")
    try:
        report = from_json(raw)
        state, places = state_of(report)
    except ReportError as error:
        raise ReportError(f"{path}: {error}") from None
    side = Side("report", path.as_posix(), "", report.tool.version)
    return Audited(side, state, report, places, _entries(report))


def _entries(report: Report) -> dict[str, str]:
    """An entry is the same where its file and its bounds are."""
    digests = {one.file: one.sha256 for one in report.inputs}
    return {
        one.id: "\0".join((digests.get(one.location.file, ""), one.name, *one.bounds))
        for one in report.installations
    }
