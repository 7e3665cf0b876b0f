"""The report as one HTML file: it opens anywhere, fetches nothing, needs no script and runs nobody else's."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from mcpaudit.model.report import InstallationRow, Report, ServerRow, ToolRow
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

    style, script = templates.text("audit.css"), templates.text("audit.js")
    return templates.render(
        "audit.html",
        report=report,
        policy="; ".join(
            (
                "default-src 'none'",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        # Both are files of this project, and the policy above names exactly their bytes.
        style=Markup(style),
        script=Markup(script),
        graph=Markup(draw(report)),
        digest=digest(report),
        verdict=verdict,
        groups=list(groups(report)),
        answered=answered_findings(report),
        counts=by_severity(report),
        open_count=len(open_findings(report)),
        matrices=matrices(report),
        titles=reach.titles(report),
        numbers={agent: f"a{number}" for number, agent in enumerate(reach.titles(report))},
        tools=_by_server(report.servers, report.tools),
        installed=_by_server(report.servers, report.installations),
        unseen=unseen(report),
        scope_lines={row.id: list(scope_lines(row)) for row in report.scopes},
        server_names={row.id: row.name for row in report.servers},
        status_words=STATUS_WORDS,
        decision_words=reach.DECISION_WORDS,
        conflict_words=CONFLICT_WORDS,
        # Where there are flows that let data out, those that only change something come after them.
        flow_kinds=[[row for row in report.flows if row.kind == kind] for kind in FLOW_WORDS],
        flow_words=FLOW_WORDS,
        leg_words=LEG_WORDS,
        through_words=THROUGH_WORDS,
        advised=advice(report),
        most_steps=MOST_STEPS,
        most_roles=_MOST_ROLES,
    )


def _by_server(
    servers: Iterable[ServerRow], rows: Iterable[ToolRow | InstallationRow]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {row.id: [] for row in servers}
    for row in rows:
        found.setdefault(row.server, []).append(row)
    return found


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
