"""The sample with policies that name controls: one found something, one did not, one had no subjects."""

from dataclasses import replace

from mcpaudit.model.report import Report
from mcpaudit.model.run import PolicyRow
from tests.report.sample import SAMPLE

_SHELL = ("nist-800-53:AC-6", "nist-800-53:CM-7(1)", "owasp-mcp:MCP02")
_POLICIES = tuple(
    replace(row, controls=_SHELL if row.policy == "silent-shell" else ()) for row in SAMPLE.coverage.policies
)
_CLEAN = PolicyRow(
    *("unread-link", "A link decides nothing", "low", 4, 0, "shipped"), ("nist-800-53:AC-4", "cwe:CWE-694")
)
_IDLE = PolicyRow(*("drift", "A tool has changed", "low", 0, 0, "shipped"), ("nist-800-53:SI-7",))

CONTROLLED: Report = replace(SAMPLE, coverage=replace(SAMPLE.coverage, policies=(*_POLICIES, _CLEAN, _IDLE)))
