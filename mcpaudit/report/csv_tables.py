"""Access rows, findings and the access review as tables for spreadsheets: RFC 4180, every cell quoted.

A spreadsheet runs a cell that begins like a formula, so `escape.csv` puts an apostrophe before it. CSV has no
place for remarks: each row says by itself which report it is from, of which day, and how much was not read.
"""

import csv
from collections.abc import Iterable
from io import StringIO

from mcpaudit.model.access_review import Entitlement
from mcpaudit.model.report import Report
from mcpaudit.report.canonical import digest
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.escape import csv as escape
from mcpaudit.report.listing import answered_findings, open_findings, place

_ORIGIN = ("as_of", "not_read", "report_sha256")
_ACCESS = (
    *("agent", "installation", "server", "tool", "actions", "resource", "labels", "decision", "mode"),
    *("certainty", "transitive", "universal", "conditional", "credential", "places"),
)
_FINDINGS = (
    *("fingerprint", "policy", "severity", "status", "certainty", "title", "message", "fix", "reason"),
    *("subject", "agents", "controls", "places"),
)
FACTS = (
    *("id", "agent", "server", "resource", "labels", "effect", "actions", "tools", "decision", "way"),
    *("credential", "certainty", "granted", "access_rows"),
)
"""What the sheet of an access review says; nobody may change it."""
FILLED_IN = ("answer", "reviewer", "date", "remark")
"""What the reviewer writes."""
SHEET = (*FACTS, "last_used", *FILLED_IN, *_ORIGIN)


def access_review(report: Report) -> str:
    """The sheet that a reviewer fills in, one row for each entitlement."""
    rows = ((*facts(one), one.last_used, *("",) * len(FILLED_IN)) for one in entitlements(report))
    return _table(report, SHEET[: -len(_ORIGIN)], rows)


def facts(one: Entitlement) -> tuple[str, ...]:
    """The cells of the columns `FACTS`, before they are escaped."""
    return (
        *(one.id, one.client, f"{one.name} ({one.server})", one.resource, _joined(one.labels), one.effect),
        *(" ".join(one.actions) or "unknown", _joined(one.tools), one.decision, one.way),
        *(one.credential, one.certainty, one.granted, str(one.rows)),
    )


def access(report: Report) -> str:
    """One row for each resource that an agent reaches through a tool."""
    rows = (
        (
            *(row.agent, row.installation, row.server, row.tool, " ".join(row.actions) or "unknown"),
            *(row.resource, _joined(row.labels), row.decision, row.mode, row.certainty),
            *(_said(row.transitive), _said(row.universal), _said(row.conditional), row.credential),
            _joined(place(step.location) for step in row.witness),
        )
        for row in report.access
    )
    return _table(report, _ACCESS, rows)


def findings(report: Report) -> str:
    """One row for each finding, the open ones first; `status` says which of them were accepted."""
    rows = (
        (
            *(row.fingerprint, row.policy, row.severity, row.status, row.certainty, row.title),
            *(row.message, row.fix, row.reason, row.subject, _joined(row.agents), _joined(row.controls)),
            _joined(place(spot) for spot in row.locations),
        )
        for row in (*open_findings(report), *answered_findings(report))
    )
    return _table(report, _FINDINGS, rows)


def _table(report: Report, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    origin = (report.as_of, str(len(report.coverage.unread)), digest(report))
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow((*columns, *_ORIGIN))
    writer.writerows(map(escape, (*row, *origin)) for row in rows)
    return out.getvalue()


def _said(value: bool) -> str:
    return "yes" if value else "no"


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, parts)))
