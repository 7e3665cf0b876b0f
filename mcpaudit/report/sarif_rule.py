"""The policies as SARIF rules."""

import re
from typing import Any

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.escape import clip, markdown_code, markdown_prose, sarif, visible

Node = dict[str, Any]

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
# Code hosts rank by this number: over 9 critical, from 7 high, from 4 medium, below low.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
_TAGS = 10
_LONGEST = 1_000


def rules(report: Report, shown: list[FindingRow]) -> list[Node]:
    """One rule for each policy that ran or found something, by id."""
    known = {row.policy: (row.title, row.severity) for row in report.coverage.policies}
    for row in shown:
        known.setdefault(row.policy, (row.title, row.severity))
    return [
        _rule(policy, *known[policy], [row for row in shown if row.policy == policy])
        for policy in sorted(known)
    ]


def _rule(policy: str, title: str, severity: str, found: list[FindingRow]) -> Node:
    fix = next((row.fix for row in found if row.fix), "")
    controls = sorted({control for row in found for control in row.controls})
    asks = f"mcpaudit explain {policy}"
    policy = visible(policy)
    plain = clip(sarif(title or policy), _LONGEST - 30)
    explain = f"`{sarif(asks)}` says more."
    shown = f"{markdown_code(asks)} says more."
    heading = f"**{markdown_prose(clip(title, _LONGEST) or policy)}**"
    return {
        "id": policy,
        "name": "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", policy)) or "Policy",
        "shortDescription": {"text": plain},
        "fullDescription": {"text": f"{plain.rstrip('.')}."},
        "help": {
            "text": " ".join(filter(None, (f"{plain.rstrip('.')}.", clip(sarif(fix), _LONGEST), explain))),
            "markdown": "\n\n".join(filter(None, (heading, _fix(fix), _table(controls), shown))),
        },
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["security", *(_tag(control) for control in controls)][:_TAGS],
            "security-severity": _SCORES[severity],
            "problem.severity": LEVELS[severity].replace("note", "recommendation"),
        },
    }


def _fix(fix: str) -> str:
    return f"**Fix:** {markdown_prose(clip(fix, _LONGEST))}" if fix else ""


def _table(controls: list[str]) -> str:
    return "Controls that this supports: " + ", ".join(map(markdown_prose, controls)) if controls else ""


def _tag(control: str) -> str:
    cwe = re.fullmatch(r"(?i)cwe:(?:cwe-)?(\d+)", control)
    return f"external/cwe/cwe-{cwe[1]}" if cwe else visible(control)
