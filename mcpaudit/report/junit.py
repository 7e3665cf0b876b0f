"""The audit as JUnit XML, by the schema of Jenkins (`junit-10.xsd`): a suite for each policy.

A test fails exactly where a finding stands in the way of this run, as in exit code 1. Skipped, with the
reason, is what does not: a finding that is accepted, possible, undecided or below `--fail-on`, and a policy
that had nothing to judge. An error is what could not be checked: undecided findings and unread files under
`--strict`, and a run that collected nothing. A policy without findings is one passing test.
"""

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import verdict
from mcpaudit.report.canonical import digest
from mcpaudit.report.junit_xml import Case, Outcome, Suite, document, finding_lines
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.repository import left_out, repository_only


def render(report: Report) -> str:
    """All suites, by policy."""
    reduced = repository_only(report)
    suites = {"mcpaudit": _audit(report, reduced)}
    for policy in sorted(report.coverage.policies, key=lambda row: row.policy):
        found = [row for row in reduced.findings if row.policy == policy.policy]
        suites[policy.policy] = [_finding(report, row) for row in found] or [
            _idle(policy.population, policy.findings)
        ]
    for row in reduced.findings:
        if row.policy not in {one.policy for one in report.coverage.policies}:
            suites.setdefault(row.policy, []).append(_finding(report, row))
    written = [
        Suite(name, cases, _properties(report) if name == "mcpaudit" else {})
        for name, cases in suites.items()
    ]
    return document("mcpaudit", written)


def _audit(report: Report, reduced: Report) -> list[Case]:
    """The audit as a whole: whether anything was there, what was not read, what is not shown."""
    nothing = report.summary.verdict == "nothing-collected"
    cases = [
        Case(
            "something was audited",
            *(("error", "nothing-collected", verdict.headline(report)) if nothing else ()),
        )
    ]
    outcome: Outcome = "error" if report.run.strict else "skipped"
    cases += [
        Case(f"{place(gap.location)} is read", outcome, gap.kind, gap.reason)
        for gap in reduced.coverage.unread
    ]
    if told := left_out(report):
        blocked = sum(verdict.blocks(report, row) for row in report.findings)
        hidden = blocked - sum(verdict.blocks(report, row) for row in reduced.findings)
        cases.append(
            Case(
                "what stands outside of this repository", "failure" if hidden else "skipped", "outside", told
            )
        )
    return cases


def _finding(report: Report, row: FindingRow) -> Case:
    outcome, why = _outcome(report, row)
    text = "\n".join(finding_lines(row))
    message = f"{why}: {row.message}" if why else row.message
    return Case(f"{row.subject or row.title} [{row.fingerprint}]", outcome, row.severity, message, text)


def _outcome(report: Report, row: FindingRow) -> tuple[Outcome, str]:
    """What becomes of a finding's test, and why it is no failure."""
    if verdict.blocks(report, row):
        return "failure", ""
    word = STATUS_WORDS[row.status]
    if row.status == "inconclusive" and report.summary.verdict == "undecided":
        return "error", word
    return "skipped", word or f"below {report.run.fail_on}"


def _idle(population: int, findings: int) -> Case:
    if findings:
        return Case(
            "what it finds stands outside of this repository", "skipped", "outside", "counted, not shown"
        )
    if not population:
        return Case(
            "nothing to judge", "skipped", "not-applicable", "there was nothing to judge, which is no pass"
        )
    return Case(f"{verdict.count(population, 'subject')} judged, no finding")


def _properties(report: Report) -> dict[str, str]:
    return {
        "verdict": report.summary.verdict,
        "as-of": report.as_of,
        "canonical-report-sha256": digest(report),
    }
