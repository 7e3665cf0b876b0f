"""The findings as a GitLab Code Quality report.

The fields are those of GitLab Docs, "Code Quality", "Code Quality report format". It has no place for
anything but issues: nothing says how much stands outside of the repository, or which report it was made of.
"""

import hashlib
import json

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.run import GapRow
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS, open_findings
from mcpaudit.report.repository import inside, repository_only

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}
_LOWER = {"blocker": "critical", "critical": "major", "major": "minor", "minor": "info", "info": "info"}
_LONGEST = 4_000
_POLICY = "unread-configuration"


def render(report: Report) -> str:
    """The open findings, worst first, then what was not read; one that is not proved counts a step less."""
    reduced = repository_only(report)
    issues = [_issue(row) for row in open_findings(reduced)]
    # Those that a finding speaks of, be it open or accepted, are said already.
    spoken = {at for row in reduced.findings if row.policy == _POLICY for at in row.locations}
    issues += [_unread(gap) for gap in reduced.coverage.unread if gap.location not in spoken]
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
        "location": _location(at),
    }


def _unread(gap: GapRow) -> dict[str, object]:
    """What no finding speaks of, where the policy for it was not among those that judged."""
    named = f"{gap.kind}\0{gap.location.file}\0{gap.location.line}\0{gap.reason}"
    return {
        "description": prose(clip(f"Not read: {gap.kind}: {gap.reason}", _LONGEST)),
        "check_name": _POLICY,
        "fingerprint": hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16],
        "severity": "minor",
        "location": _location(gap.location),
    }


def _location(at: Location) -> dict[str, object]:
    return {"path": visible(at.file.removeprefix("./")), "lines": {"begin": max(at.line, 1)}}
