"""Works the compliance evidence out, from the report and what was laid beside it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise

from mcpaudit.model.action import in_words
from mcpaudit.model.evidence import Changes, Dossier, Evidence, Meeting, Operation, Run
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.access_review_words import as_json
from mcpaudit.report.build_controls import framework_parts
from mcpaudit.report.canonical import digest
from mcpaudit.report.counts import counts
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.listing import OPEN, by_severity
from mcpaudit.report.reach import titles

_MEETS = {
    "bypass": "A limit, and a way round it",
    "decision": "Rules that contradict each other about one tool",
    "identity": "One resource, under two identities",
    "ambiguous-route": "Two ways to make one change",
    "concurrent-write": "Several writers of one store, without coordination",
    "trifecta": "One session takes strangers' words in, reads private data, and can send data out",
    "rule-of-two": "One session takes strangers' words in, reads private data, and can change things",
}


def build_evidence(report: Report, dossier: Dossier) -> Evidence:
    """All that the document says."""
    named = digest(report)
    runs = _in_order(dossier.runs, report, named)
    return Evidence(
        report=report,
        sha256=named,
        document=_document(named, dossier),
        counts=counts(report),
        frameworks=framework_parts(report, dossier),
        entitlements=entitlements(report),
        meetings=tuple(_meetings(report)),
        own_reviews=tuple(_own_reviews(report, dossier)),
        unowned=tuple(row.name or row.id for row in report.servers if not row.builtin and not row.owner),
        first_seen=_first_seen(report, runs),
        changes=_changes(report, named, dossier.since) if dossier.since else None,
        operation=_operation(runs, dossier) if dossier.runs or dossier.unread_runs else None,
        review=dossier.review,
        review_fits=dossier.review is not None and dossier.review.report_sha256 == named,
    )


def run_of(report: Report, file: str) -> Run:
    """What the document keeps of a stored run."""
    return Run(
        file=file,
        sha256=digest(report),
        as_of=report.as_of,
        version=report.tool.version,
        verdict=report.summary.verdict,
        unread=len(report.coverage.unread),
        by_severity=tuple((severity, number) for severity, number, _ in by_severity(report)),
        open=frozenset(row.fingerprint for row in report.findings if row.status in OPEN),
    )


def _document(named: str, dossier: Dossier) -> str:
    """The same for the same report and the same things beside it."""
    parts = [named, *dossier.frameworks, *sorted(f"{run.file} {run.sha256}" for run in dossier.runs)]
    parts += [*dossier.unread_runs, digest(dossier.since) if dossier.since else ""]
    parts.append(as_json(dossier.review) if dossier.review else "")
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _meetings(report: Report) -> Iterable[Meeting]:
    said: dict[str, list[str]] = {}
    for row in report.findings:
        said.setdefault(row.subject, []).append(row.fingerprint)
    clients = titles(report)
    for conflict in report.conflicts:
        parties = dict.fromkeys(_named(role.name or role.server, clients.get(role.agent, role.agent))
                                for role in conflict.roles)  # fmt: skip
        agents = tuple(clients.get(agent, agent) for agent in conflict.agents)
        what = f"{_MEETS.get(conflict.kind, conflict.kind)}: {conflict.resource}"
        yield Meeting(what, agents, tuple(parties), conflict.certainty, tuple(said.get(conflict.id, ())))
    for flow in report.flows:
        legs = dict.fromkeys(_named(leg.name or leg.server, clients.get(leg.agent, leg.agent))
                             for leg in (*flow.sources, *flow.private, *flow.sinks))  # fmt: skip
        agents = tuple(clients.get(agent, agent) for agent in flow.agents)
        what = _MEETS.get(flow.kind, flow.kind)
        yield Meeting(what, agents, tuple(legs), flow.certainty, tuple(said.get(flow.id, ())))


def _named(server: str, client: str) -> str:
    own = "own tools" if server.startswith("builtin:") or server == "builtin" else server
    return f"{own} of {client}"


def _own_reviews(report: Report, dossier: Dossier) -> Iterable[str]:
    """Reviewers who are named as owners of what they reviewed; names are compared as they are written."""
    if dossier.review is None:
        return
    owned = {row.id: row.owner.casefold() for row in report.servers if row.owner}
    servers = {one.id: one for one in entitlements(report)}
    found = {
        (answer.reviewer, servers[answer.id].name)
        for answer in dossier.review.answers
        if answer.id in servers and owned.get(servers[answer.id].server) == answer.reviewer.casefold()
    }
    for reviewer, server in sorted(found):
        yield f"{reviewer} judged the access of `{server}`, and is named as its owner"


def _in_order(runs: Sequence[Run], report: Report, named: str) -> tuple[Run, ...]:
    """Each run once, this report the last of its day."""
    by_digest = {run.sha256: run for run in sorted(runs, key=lambda run: run.file)}
    by_digest[named] = run_of(report, "this report")
    return tuple(sorted(by_digest.values(), key=lambda run: (run.as_of, run.sha256 == named, run.sha256)))


def _first_seen(report: Report, runs: Iterable[Run]) -> dict[str, str]:
    found = {row.fingerprint: report.as_of for row in report.findings}
    for run in runs:
        for name in run.open & found.keys():
            found[name] = min(found[name], run.as_of)
    return found


def _operation(runs: tuple[Run, ...], dossier: Dossier) -> Operation:
    days = sorted({day for run in runs if (day := _day(run.as_of))})
    between = [
        ((one + timedelta(1)).isoformat(), (other - timedelta(1)).isoformat(), (other - one).days - 1)
        for one, other in pairwise(days)
        if (other - one).days > 1
    ]
    return Operation(
        runs=runs,
        first=days[0].isoformat() if days else "",
        last=days[-1].isoformat() if days else "",
        days=(days[-1] - days[0]).days + 1 if days else 0,
        days_with_runs=len(days),
        without=tuple(between),
        unread=dossier.unread_runs,
        closed=tuple(_closed(runs)),
    )


def _closed(runs: tuple[Run, ...]) -> Iterable[tuple[str, str, str]]:
    """The findings that went before the last run: when they were last seen, and first not seen."""
    last = {name: number for number, run in enumerate(runs) for name in run.open}
    for name, number in sorted(last.items()):
        if number < len(runs) - 1:
            yield name, runs[number].as_of, runs[number + 1].as_of


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _changes(report: Report, named: str, since: Report) -> Changes:
    lists = []
    for sort, then, now in (
        ("Servers of an agent", _installed(since), _installed(report)),
        ("Tools", _tools(since), _tools(report)),
        ("Access", _access(since), _access(report)),
        ("Open findings", _open(since), _open(report)),
        ("Accepted findings", _accepted(since), _accepted(report)),
        ("Waivers", _waivers(since), _waivers(report)),
        ("Policies", _policies(since), _policies(report)),
        ("Files, by their content", _files(since), _files(report)),
    ):
        came = tuple(now[one] for one in now if one not in then)
        went = tuple(then[one] for one in then if one not in now)
        lists.append((sort, came, went))
    versions = (since.tool.version, report.tool.version)
    return Changes(since.as_of, digest(since), versions, tuple(lists))


def _installed(report: Report) -> dict[str, str]:
    clients = titles(report)
    return {
        f"{row.agent} {row.name} {row.server} {row.state}": (
            f"{row.name} ({row.server}) of {clients.get(row.agent, row.agent)}, {row.state}"
        )
        for row in report.installations
    }


def _tools(report: Report) -> dict[str, str]:
    return {f"{row.server} {row.name}": f"{row.name} of {row.server}" for row in report.tools}


def _access(report: Report) -> dict[str, str]:
    return {
        one.id: f"{one.client}: {one.name}, {in_words(one.actions)} {one.resource}, {one.decision}"
        for one in entitlements(report)
    }


def _open(report: Report) -> dict[str, str]:
    return _told(row for row in report.findings if row.status in OPEN)


def _accepted(report: Report) -> dict[str, str]:
    return _told(row for row in report.findings if row.status not in OPEN)


def _told(rows: Iterable[FindingRow]) -> dict[str, str]:
    return {
        row.fingerprint: f"{row.severity}: {row.message or row.title} ({row.fingerprint})" for row in rows
    }


def _waivers(report: Report) -> dict[str, str]:
    return {
        f"{row.fingerprint} {row.expires} {row.owner} {row.approver} {row.state}": (
            f"{row.policy} {row.fingerprint}, of {row.owner}, until {row.expires or 'no day'}: {row.state}"
        )
        for row in report.waivers
    }


def _policies(report: Report) -> dict[str, str]:
    return {
        f"{row.policy} {row.severity} {row.source}": f"{row.policy} ({row.severity}, {row.source})"
        for row in report.coverage.policies
    }


def _files(report: Report) -> dict[str, str]:
    return {f"{row.file} {row.sha256}": f"{row.file} {row.sha256[:16]}" for row in report.inputs}
