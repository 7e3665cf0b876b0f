"""The audit as JUnit XML, by the schema of Jenkins (`junit-10.xsd`): a suite for each policy.

A test fails exactly where a finding stands in the way of this run, as in exit code 1. Skipped, with the
reason, is what does not: a finding that is accepted, possible, undecided or below `--fail-on`, and a policy
that had nothing to judge. An error is what could not be checked: undecided findings and unread files under
`--strict`, and a run that collected nothing. A policy without findings is one passing test.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import verdict
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.repository import left_out, repository_only

_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class _Case:
    """One test: what became of it is empty for a pass, else an element's name."""

    name: str
    outcome: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""


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
    root = ElementTree.Element(
        "testsuites", _counts("mcpaudit", [case for own in suites.values() for case in own])
    )
    del root.attrib["skipped"]  # The schema has it for a suite alone.
    for name, cases in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", _counts(visible(name), cases))
        if name == "mcpaudit":
            told = ElementTree.SubElement(suite, "properties")
            for key, value in _properties(report).items():
                ElementTree.SubElement(told, "property", name=key, value=value)
        for case in cases:
            _write(suite, visible(name), case)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _audit(report: Report, reduced: Report) -> list[_Case]:
    """The audit as a whole: whether anything was there, what was not read, what is not shown."""
    nothing = report.summary.verdict == "nothing-collected"
    cases = [
        _Case(
            "something was audited",
            *(("error", "nothing-collected", verdict.headline(report)) if nothing else ()),
        )
    ]
    outcome = "error" if report.run.strict else "skipped"
    cases += [
        _Case(f"{place(gap.location)} is read", outcome, gap.kind, gap.reason)
        for gap in reduced.coverage.unread
    ]
    if told := left_out(report):
        blocked = sum(verdict.blocks(report, row) for row in report.findings)
        hidden = blocked - sum(verdict.blocks(report, row) for row in reduced.findings)
        cases.append(
            _Case(
                "what stands outside of this repository", "failure" if hidden else "skipped", "outside", told
            )
        )
    return cases


def _finding(report: Report, row: FindingRow) -> _Case:
    outcome, why = _outcome(report, row)
    steps = [
        " ".join(filter(None, (place(step.location), prose(clip(step.reason, _LONGEST)))))
        for step in row.witness
    ]
    told = [f"Because: {row.reason}" if row.reason else "", *steps, f"Fix: {row.fix}" if row.fix else ""]
    where = [place(location) for location in row.locations]
    text = "\n".join(prose(clip(line, _LONGEST)) for line in (*where, *told) if line)
    message = f"{why}: {row.message}" if why else row.message
    return _Case(f"{row.subject or row.title} [{row.fingerprint}]", outcome, row.severity, message, text)


def _outcome(report: Report, row: FindingRow) -> tuple[str, str]:
    """What becomes of a finding's test, and why it is no failure."""
    if verdict.blocks(report, row):
        return "failure", ""
    word = STATUS_WORDS[row.status]
    if row.status == "inconclusive" and report.summary.verdict == "undecided":
        return "error", word
    return "skipped", word or f"below {report.run.fail_on}"


def _idle(population: int, findings: int) -> _Case:
    if findings:
        return _Case(
            "what it finds stands outside of this repository", "skipped", "outside", "counted, not shown"
        )
    if not population:
        return _Case(
            "nothing to judge", "skipped", "not-applicable", "there was nothing to judge, which is no pass"
        )
    return _Case(f"{verdict.count(population, 'subject')} judged, no finding")


def _properties(report: Report) -> dict[str, str]:
    return {
        "verdict": visible(report.summary.verdict),
        "as-of": visible(report.as_of),
        "canonical-report-sha256": digest(report),
    }


def _counts(name: str, cases: list[_Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    counted = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    return {"name": name, "tests": str(len(cases))} | {key: str(outcomes.count(one)) for key, one in counted}


def _write(suite: ElementTree.Element, policy: str, case: _Case) -> None:
    words = {"classname": policy, "name": prose(clip(case.name, 500)) or policy}
    test = ElementTree.SubElement(suite, "testcase", words)
    if case.outcome:
        message = prose(clip(case.message, _LONGEST))
        ElementTree.SubElement(test, case.outcome, type=visible(case.kind), message=message).text = (
            case.text or None
        )
