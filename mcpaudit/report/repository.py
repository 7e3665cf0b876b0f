"""What a pull request may show: what stands in the repository, and of all else only how much there is.

Whoever can see a pull request sees its comments, annotations and alerts. A path of a home folder or the
name of a server that somebody has for himself does not belong there, so a row is shown only where it stands
in at least one file of the repository and in none outside.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow
from mcpaudit.model.report_fact import ConflictRow, ExcessRow
from mcpaudit.model.step import Step
from mcpaudit.report.listing import open_findings
from mcpaudit.report.rooted import rooted
from mcpaudit.report.verdict import count

_OUTSIDE = re.compile(r"^(?:$|[~/\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)|(?:^|[/\\])\.\.(?:[/\\]|$)")


_Remedied = TypeVar("_Remedied", ConflictRow, ExcessRow)


def inside(location: Location | None) -> bool:
    """Whether the location is a file of the repository."""
    return location is not None and not _OUTSIDE.search(location.file) and not _nowhere(location)


def repository_only(report: Report) -> Report:
    """The report without all that stands, wholly or in part, outside of the repository.

    Files are named from its root. The summary stays: the verdict is about everything that was judged.
    """
    report = rooted(report)
    kept = tuple(
        row for row in report.installations if row.server.startswith("builtin:") or inside(row.location)
    )
    own = {row.agent for row in kept if not row.server.startswith("builtin:")}
    kept = tuple(row for row in kept if row.agent in own)
    installations, servers = {row.id for row in kept}, {row.server for row in kept}
    coverage = report.coverage
    known = tuple(row for row in report.access if row.installation in installations and _free(row))
    return replace(
        report,
        inputs=tuple(row for row in report.inputs if inside(Location(row.file))),
        agents=tuple(row for row in report.agents if row.id in own),
        installations=kept,
        servers=tuple(row for row in report.servers if row.id in servers),
        tools=tuple(row for row in report.tools if row.server in servers),
        rules=tuple(row for row in report.rules if inside(row.location)),
        credentials=tuple(
            row for row in report.credentials if row.holder in installations and inside(row.location)
        ),
        scopes=tuple(row for row in report.scopes if set(row.installations) <= installations),
        access=known,
        conflicts=tuple(_here(row) for row in report.conflicts if shown((), row.witness)),
        flows=tuple(row for row in report.flows if shown((), row.witness)),
        excess=tuple(_here(row) for row in report.excess if shown((), row.witness)),
        findings=tuple(row for row in report.findings if shown(row.locations, row.witness)),
        waivers=tuple(row for row in report.waivers if inside(row.location)),
        coverage=replace(
            coverage,
            credential_files=tuple(file for file in coverage.credential_files if inside(Location(file))),
            gaps=tuple(gap for gap in coverage.gaps if inside(gap.location)),
            without_manifest=tuple(name for name in coverage.without_manifest if name in servers),
            incomplete_manifests=tuple(name for name in coverage.incomplete_manifests if name in servers),
        ),
    )


def left_out(report: Report) -> str:
    """How much is not shown, in a sentence; empty where that is nothing."""
    reduced = repository_only(report)
    findings = len(open_findings(report)) - len(open_findings(reduced))
    unread = len(report.coverage.unread) - len(reduced.coverage.unread)
    told = [count(findings, "finding")] if findings else []
    told += [f"{count(unread, 'part')} that could not be read"] if unread else []
    if not told:
        return ""
    one = findings + unread == 1
    return (
        f"{' and '.join(told)} {'stands' if one else 'stand'} outside of this repository, in somebody's own"
        f" or the machine's files, and {'is' if one else 'are'} not shown here"
    )


def shown(locations: Iterable[Location], witness: Iterable[Step]) -> bool:
    """Whether something stands in the repository, and in it alone."""
    every = (*locations, *(step.location for step in witness))
    places = [one for one in every if one is not None and one.file and not _nowhere(one)]
    return bool(places) and all(map(inside, places))


def _nowhere(location: Location) -> bool:
    """Whether it names a client's own tools, which stand in no file."""
    return location.file.endswith(" itself") and not location.line


def _here(row: _Remedied) -> _Remedied:
    """The fact without remedies that would change a file outside."""
    return replace(row, remedies=tuple(one for one in row.remedies if all(map(inside, one.locations))))


def _free(row: AccessRow) -> bool:
    return all(one.location is None or inside(one.location) or _nowhere(one.location) for one in row.witness)
