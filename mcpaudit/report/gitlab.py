"""The findings as a GitLab Code Quality report.

The fields are those of GitLab Docs, "Code Quality", "Code Quality report format". It has no place for
anything but issues: nothing says how much stands outside of the repository, or which report it was made of.
"""

import json

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS, open_findings
from mcpaudit.report.repository import inside, repository_only

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}
_LOWER = {"blocker": "critical", "critical": "major", "major": "minor", "minor": "info", "info": "info"}
_LONGEST = 4_000


def render(report: Report) -> str:
    """The open findings, worst first; one that is not proved counts a step less."""
    issues = [_issue(row) for row in open_findings(repository_only(report))]
    return json.dumps(issues, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode() + "\n"


def _issue(row: FindingRow) -> dict[str, object]:
    spots = (*row.locations, *(step.location for step in row.witness))
    at = next(one for one in spots if one is not None and inside(one))
    severity = _SEVERITIES[row.severity]
    word = STATUS_WORDS[row.status]
    told = prose(clip(row.message or row.title, _LONGEST))
    return {
        "description": f"{word.capitalize()}: {told}" if word else told,
        "check_name": visible(row.policy),
        "fingerprint": row.fingerprint,
        "severity": _LOWER[severity] if word else severity,
        "location": {"path": visible(at.file.removeprefix("./")), "lines": {"begin": max(at.line, 1)}},
    }
