"""Wholes and their parts, for an auditor to add up: what was found, and what became of all of it."""

from collections import Counter
from collections.abc import Iterable

from mcpaudit.model.evidence import Count, Part
from mcpaudit.model.finding import STATUSES
from mcpaudit.model.report import Report
from mcpaudit.report.entitlements import entitlements, withheld

_STATUS = {
    "fail": "open, proved",
    "possible": "open, possible",
    "inconclusive": "open, could not be decided",
    "waived": "accepted by a waiver",
    "baselined": "accepted by the baseline",
}


def counts(report: Report) -> tuple[Count, ...]:
    """Every whole of the population."""
    return (_clients(report), _files(report), _installations(report), _access(report), *_judged(report))


def _clients(report: Report) -> Count:
    searched = report.coverage.clients
    found = [name for name in searched if any(_is(name, row.client, row.title) for row in report.agents)]
    idle = [name for name in searched if name not in found]
    return Count(
        "Clients whose files were looked for",
        len(searched),
        (
            Part("configured here", len(found), ", ".join(found)),
            Part("no configuration found", len(idle), ", ".join(idle)),
        ),
    )


def _is(name: str, client: str, title: str) -> bool:
    return name in (client, title) or title.startswith(f"{name} (")


def _files(report: Report) -> Count:
    read = {row.file for row in report.inputs}
    unread = {gap.location.file for gap in report.coverage.unread}
    secret = set(report.coverage.credential_files) - read - unread
    passed = {gap.location.file for gap in report.coverage.gaps} - read - unread - secret
    return Count(
        "Files found",
        len(read | unread | secret | passed),
        (
            Part("read as a whole", len(read - unread)),
            Part("read in part; what is missing is named below", len(read & unread)),
            Part("could not be read; named below", len(unread - read)),
            Part("read for credentials, without a digest, which would derive from secrets", len(secret)),
            Part("not applicable: the client itself passes over them", len(passed)),
        ),
    )


def _installations(report: Report) -> Count:
    rows = report.installations
    own = [row for row in rows if row.server.startswith("builtin:")]
    rest = [row for row in rows if not row.server.startswith("builtin:")]
    idle = Counter(row.state for row in rest if not row.enabled)
    judged = [row for row in rest if row.enabled]
    unknown, partly = set(report.coverage.without_manifest), set(report.coverage.incomplete_manifests)
    return Count(
        "Servers of agents (a server counts for each agent that has it)",
        len(rows),
        (
            Part("judged, all tools known", sum(row.server not in unknown | partly for row in judged)),
            Part("judged, some tools known", sum(row.server in partly for row in judged)),
            Part(
                "judged by configuration alone, tools not known", sum(row.server in unknown for row in judged)
            ),
            Part("a client's own tools", len(own)),
            Part("out of use, and not judged", sum(idle.values()), _listed(idle.items())),
        ),
    )


def _access(report: Report) -> Count:
    asked = entitlements(report)
    return Count(
        "Rows of access",
        len(report.access),
        (
            Part("put to review", sum(one.rows for one in asked), f"as {len(asked)} entitlements"),
            Part("denied or hidden by the client", len(withheld(report))),
        ),
    )


def _judged(report: Report) -> Iterable[Count]:
    put = [row for row in report.coverage.policies if row.population]
    yield Count(
        "Policies",
        len(report.coverage.policies),
        (
            Part("had something to judge", len(put), f"{sum(row.population for row in put)} subjects in all"),
            Part("had nothing to judge, which is no pass", len(report.coverage.policies) - len(put)),
        ),
    )
    states = Counter(row.status for row in report.findings)
    yield Count(
        "Findings",
        len(report.findings),
        tuple(Part(_STATUS.get(name, name), states[name]) for name in STATUSES),
    )


def _listed(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(pairs))
