"""The report as one HTML file: it opens anywhere, fetches nothing, and needs no script to be read."""

from collections.abc import Iterable
from typing import Any

from mcpaudit.model.report import Report
from mcpaudit.model.report_access import ToolRow
from mcpaudit.model.report_inventory import InstallationRow, ServerRow
from mcpaudit.report import reach, verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.canonical import digest
from mcpaudit.report.credential_words import scope_lines
from mcpaudit.report.listing import (
    MOST_STEPS,
    STATUS_WORDS,
    answered_findings,
    by_severity,
    groups,
    open_findings,
)
from mcpaudit.report.matrix import matrices
from mcpaudit.report.svg import draw
from mcpaudit.report.template import AS_SHIPPED, Templates
from mcpaudit.report.unseen import unseen
from mcpaudit.report.web.assets import assets
from mcpaudit.report.web.brief import brief
from mcpaudit.report.web.data import PageData, Words
from mcpaudit.report.web.decide import decisions
from mcpaudit.report.web.support import Supports
from mcpaudit.report.web.tools import tool_groups
from mcpaudit.report.web.tries import Tries
from mcpaudit.report.web.verify import SHA256, check_command

_MOST_ROLES = 8
CONFLICT_WORDS = {
    "bypass": "A restriction, and a way round it",
    "decision": "Two rules that contradict each other",
    "identity": "One resource, two credentials",
    "ambiguous-route": "Two routes to the same change",
    "concurrent-write": "Several writers, one store",
}
_IN, _PRIVATE = "Strangers' words come in", "Private data is read"
FLOW_WORDS = {
    "trifecta": "Strangers' words can carry private data out",
    "rule-of-two": "Strangers' words can change things or carry private data out",
}
LEG_WORDS = {
    "trifecta": {"sources": _IN, "private": _PRIVATE, "sinks": "Data can leave"},
    "rule-of-two": {"sources": _IN, "private": _PRIVATE, "sinks": "Something changes, or data can leave"},
}
THROUGH_WORDS = {
    "servers and own tools": "with the client's own tools",
    "own tools": "by the client's own tools alone",
}


def render(report: Report, templates: Templates = AS_SHIPPED) -> str:
    """The whole report as HTML."""
    from markupsafe import Markup

    worn, decided, supports = assets(templates), decisions(report), Supports(report)
    tries = Tries(report, decided)
    data = PageData(report, Words(CONFLICT_WORDS, FLOW_WORDS), tries)
    flow_numbers = {row.id: number for number, row in enumerate(report.flows)}
    servers = {row.id: f"s{number}" for number, row in enumerate(report.servers)}
    return templates.render(
        "audit.html",
        report=report,
        policy=worn.policy,
        # All of these are files of this project or escaped data, and the policy names exactly their bytes.
        style=Markup(worn.style),
        script=Markup(worn.script),
        graphs=Markup(worn.graphs),
        data=Markup(data.block()),
        licence=worn.licence,
        graph=Markup(draw(report)),
        digest=digest(report),
        verdict=verdict,
        decisions=decided,
        tries=tries.numbers,
        cell=data.cell,
        groups=list(groups(report)),
        answered=answered_findings(report),
        counts=by_severity(report),
        open_count=len(open_findings(report)),
        statuses=list(dict.fromkeys(row.status for row in open_findings(report))),
        involved={row.fingerprint: supports.involved(row) for row in open_findings(report)},
        matrices=matrices(report),
        brief=brief,
        titles=reach.titles(report),
        numbers={agent: f"a{number}" for number, agent in enumerate(reach.titles(report))},
        server_numbers=servers,
        tools=_grouped(report),
        tool_counts={server: len(rows) for server, rows in _by_server(report.servers, report.tools).items()},
        installed=_by_server(report.servers, report.installations),
        unseen=unseen(report),
        scope_lines={row.id: list(scope_lines(row)) for row in report.scopes},
        server_names={row.id: row.name for row in report.servers},
        status_words=STATUS_WORDS,
        decision_words=reach.DECISION_WORDS,
        conflict_words=CONFLICT_WORDS,
        # Where there are flows that let data out, those that only change something come after them.
        flow_kinds=[[row for row in report.flows if row.kind == kind] for kind in FLOW_WORDS],
        flow_numbers=flow_numbers,
        flow_words=FLOW_WORDS,
        leg_words=LEG_WORDS,
        through_words=THROUGH_WORDS,
        advised=advice(report),
        most_steps=MOST_STEPS,
        most_roles=_MOST_ROLES,
        check_command=check_command(report),
        sha256_command=SHA256,
    )


def _grouped(report: Report) -> dict[str, Any]:
    return {
        server: tool_groups(rows, report.run.mode)
        for server, rows in _by_server(report.servers, report.tools).items()
    }


def _by_server(
    servers: Iterable[ServerRow], rows: Iterable[ToolRow | InstallationRow]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {row.id: [] for row in servers}
    for row in rows:
        found.setdefault(row.server, []).append(row)
    return found
