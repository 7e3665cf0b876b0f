"""Where a SARIF result points to: always a file of the repository, never a path of the machine.

Code hosts show a result only at a file that they have, and refuse a whole upload for one result without a
location. What stands in somebody's own files is left out for code hosts, and in the full file anchored to a
file of the repository: the finding's own first location there, else the first of its witness, else
`mcpaudit.yaml`, else the first file of the repository that was read; and its message says that it lies
outside. Where no file of any repository was read, the result keeps its logical locations alone.
"""

from typing import Any
from urllib.parse import quote

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.repository import inside

Node = dict[str, Any]

_CONFIGURATION = "mcpaudit.yaml"


def physical(location: Location) -> Node:
    """A location in the repository, with the region that code hosts require."""
    line, column = max(location.line, 1), max(location.column, 1)
    region = {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + 1}
    return {"artifactLocation": {"uri": uri(location.file), "uriBaseId": "%SRCROOT%"}, "region": region}


def uri(file: str) -> str:
    """A file of the repository as a relative URI; a colon in its first segment would begin a scheme."""
    return quote(file.replace("\\", "/").removeprefix("./"), safe="/~@+,=!$&'()", errors="replace")


def anchor(finding: FindingRow, report: Report) -> Location | None:
    """The file of the repository at which the finding is shown."""
    for location in (*finding.locations, *(step.location for step in finding.witness)):
        if location is not None and inside(location):
            return location
    files = sorted(row.file for row in report.inputs if inside(Location(row.file)))
    own = [file for file in files if file.rpartition("/")[2] == _CONFIGURATION]
    return Location((own or files)[0]) if files else None


def is_outside(finding: FindingRow) -> bool:
    """Whether nothing that the finding speaks of stands in the repository."""
    return not any(inside(location) for location in finding.locations)
