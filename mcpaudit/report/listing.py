"""The findings as every format lists them: the open ones worst first, and those of one policy together."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from mcpaudit.dataclass import dataclass
from mcpaudit.model.finding import SEVERITIES, STATUSES
from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow, WaiverRow

OPEN = ("fail", "possible", "inconclusive")
"""The states in which nobody has answered for a finding yet."""

STATUS_WORDS = {
    "fail": "",
    "possible": "possible",
    "inconclusive": "could not be decided",
    "waived": "waived",
    "baselined": "in the baseline",
}


MOST_STEPS = 16
"""How many steps of a witness are shown in pages for people; a cause of hundreds of routes has thousands."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one policy with one severity."""

    severity: str
    policy: str
    title: str
    findings: tuple[FindingRow, ...]


def severity_rank(severity: str) -> int:
    """How bad it is; the worst has the highest number."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def open_findings(report: Report) -> tuple[FindingRow, ...]:
    """The findings that are neither waived nor in the baseline, worst first."""
    return _worst_first(row for row in report.findings if row.status in OPEN)


def answered_findings(report: Report) -> tuple[FindingRow, ...]:
    """The findings that a waiver or the baseline accepts, worst first."""
    return _worst_first(row for row in report.findings if row.status not in OPEN)


def waived_findings(report: Report) -> tuple[FindingRow, ...]:
    """The findings that a waiver accepts, worst first."""
    return _worst_first(row for row in report.findings if row.status == "waived")


def baselined(report: Report) -> Iterator[Group]:
    """The findings that the baseline accepts, by severity and policy, worst first."""
    return _grouped(_worst_first(row for row in report.findings if row.status == "baselined"))


def notes_on_waivers(report: Report) -> Iterator[tuple[WaiverRow, str]]:
    """The waivers that somebody should see to, each with what there is to say."""
    for row in report.waivers:
        if row.state != "applied":
            yield row, f"{row.state} waiver for {row.policy}: {row.explanation}"
        elif row.warning:
            yield row, f"waiver for {row.policy}, of {row.owner}: {row.warning}"


def groups(report: Report) -> Iterator[Group]:
    """The open findings by severity and policy, worst first."""
    return _grouped(open_findings(report))


def _grouped(rows: Iterable[FindingRow]) -> Iterator[Group]:
    for (severity, policy), same in groupby(rows, key=lambda row: (row.severity, row.policy)):
        found = tuple(same)
        yield Group(severity, policy, found[0].title, found)


def by_severity(report: Report) -> tuple[tuple[str, int, int], ...]:
    """How many findings are open of each severity that occurs, and how many of them are not proved."""
    rows = [(row.severity, row.status != "fail") for row in open_findings(report)]
    return tuple(
        (name, sum(one == name for one, _ in rows), rows.count((name, True)))
        for name in reversed(SEVERITIES)
        if any(one == name for one, _ in rows)
    )


def places(locations: Iterable[Location], most: int) -> str:
    """Locations in a line, each once, and how many more there are."""
    named = [one for one in dict.fromkeys(place(one, column=True) for one in locations) if one]
    return ", ".join(named[:most]) + (f" and {len(named) - most} more" if len(named) > most else "")


def place(location: Location | None, *, column: bool = False) -> str:
    """A location as people write it: `file:line`; empty where there is no file."""
    if location is None or not location.file:
        return ""
    line = f":{location.line}" if location.line else ""
    return f"{location.file}{line}" + (f":{location.column}" if column and line and location.column else "")


def _worst_first(found: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
    """Those of one policy stand together; of two policies, the one with proven findings comes first."""
    rows = tuple(found)
    best: dict[tuple[str, str], int] = {}
    for row in rows:
        own = STATUSES.index(row.status)
        best[row.severity, row.policy] = min(own, best.get((row.severity, row.policy), own))

    def order(row: FindingRow) -> tuple[int, int, str, int, str]:
        state = STATUSES.index(row.status)
        group = best[row.severity, row.policy]
        return -severity_rank(row.severity), group, row.policy, state, row.fingerprint

    return tuple(sorted(rows, key=order))
