"""The counts that a reader sees first, and the verdict with its exit code."""

from collections import Counter
from dataclasses import replace

from mcpaudit.model.action import CHANGING
from mcpaudit.model.finding import SEVERITIES, STATUSES
from mcpaudit.model.report import Report
from mcpaudit.model.run import Summary

# The exit codes of `mcpaudit check`; 2 (usage) and 70 (internal error) come from the command line itself.
CLEAN, FINDINGS, NOTHING, UNDECIDED = 0, 1, 3, 4


def summarise(report: Report) -> Report:
    """The report with its summary worked out."""
    verdict, code = _verdict(report)
    counted = [finding for finding in report.findings if finding.status not in ("waived", "baselined")]
    severities = Counter(finding.severity for finding in counted)
    statuses = Counter(finding.status for finding in report.findings)
    real = [server for server in report.servers if not server.builtin]
    summary = Summary(
        verdict=verdict,
        exit_code=code,
        agents=len(report.agents),
        servers=len(real),
        installations=sum(not _builtin(one.server) for one in report.installations),
        tools=sum(not _builtin(tool.server) for tool in report.tools),
        resources=len({access.resource for access in report.access}),
        silent_changes=len(
            {
                (access.installation, access.tool)
                for access in report.access
                if access.decision == "allow" and CHANGING & set(access.actions)
            }
        ),
        by_severity=tuple((severity, severities[severity]) for severity in SEVERITIES),
        by_status=tuple((status, statuses[status]) for status in STATUSES),
    )
    return replace(report, summary=summary)


def _builtin(server: str) -> bool:
    return server.startswith("builtin:")


def _verdict(report: Report) -> tuple[str, int]:
    """What the audit comes to: exit codes as `mcpaudit check --help` lists them."""
    if not report.agents:
        return "nothing-collected", NOTHING
    threshold = SEVERITIES.index(report.run.fail_on)
    weighty = [one for one in report.findings if SEVERITIES.index(one.severity) >= threshold]
    if any(one.status == "fail" or (report.run.strict and one.status == "possible") for one in weighty):
        return "findings", FINDINGS
    undecided = report.coverage.unread or any(one.status == "inconclusive" for one in weighty)
    if report.run.strict and undecided:
        return "undecided", UNDECIDED
    return "clean", CLEAN
