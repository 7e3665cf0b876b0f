"""The report as one HTML file: it opens anywhere, fetches nothing, needs no script and runs nobody else's."""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mcpaudit.model.action import changes
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import ToolRow
from mcpaudit.model.report_inventory import InstallationRow, ServerRow
from mcpaudit.report import reach, verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.canonical import digest
from mcpaudit.report.credential_words import held_where, lifetime, scope_lines
from mcpaudit.report.escape import visible
from mcpaudit.report.listing import (
    MOST_STEPS,
    STATUS_WORDS,
    answered_findings,
    by_severity,
    groups,
    open_findings,
    place,
)
from mcpaudit.report.matrix import matrices
from mcpaudit.report.svg import draw
from mcpaudit.report.template import template
from mcpaudit.report.unseen import unseen

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_SPAN = re.compile("`([^`]+)`")

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


def render(report: Report) -> str:
    """The whole report as HTML."""
    from markupsafe import Markup

    style, script = template("audit.css"), template("audit.js")
    page = _environment().get_template("audit.html")
    return page.render(
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
    )


def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)

    environment = Environment(
        loader=FunctionLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(place=place, prose=_prose, words=reach.in_words, count=verdict.count)
    # Imported pages see only what all pages see.
    environment.globals.update(most_steps=MOST_STEPS, most_roles=_MOST_ROLES)
    environment.filters.update(lifetime=lifetime, held=held_where)
    environment.filters.update(telling=_telling, breakable=_breakable)
    return environment


def _prose(text: str) -> "Markup":
    """A message, with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = _SPAN.split(text)
    return Markup().join(
        Markup("<code>{}</code>").format(visible(part)) if index % 2 else escape(visible(part))
        for index, part in enumerate(parts)
    )


def _breakable(name: str) -> "Markup":
    """A long name that may be broken after each of its parts."""
    from markupsafe import Markup, escape

    return escape(visible(name)).replace("/", Markup("/<wbr>"))


def _telling(actions: tuple[str, ...]) -> bool:
    """Whether these actions change something or let it out, or are not known."""
    return not actions or changes(actions) or "send" in actions


def _by_server(
    servers: Iterable[ServerRow], rows: Iterable[ToolRow | InstallationRow]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {row.id: [] for row in servers}
    for row in rows:
        found.setdefault(row.server, []).append(row)
    return found


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
