"""The control table: which policies and processes speak about an item, how firmly, and what they found."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from mcpaudit.model.evidence import Control, Dossier, FrameworkPart, Test
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.run import PolicyRow
from mcpaudit.policy.controls import Framework, frameworks
from mcpaudit.policy.evidence import FIRMNESS, evidence_facts

LEADING = ("nist-800-53", "iso-27001", "soc2", "owasp-mcp")
"""The frameworks that are spoken of where none is asked for."""

_NEED_USAGE = ("unused-server", "unused-tool")
"""Policies that find nothing without usage evidence, whatever they are put to."""

_CHECKED = {
    "primary": "ids and titles were held against the publisher's own text",
    "secondary": "ids and titles were held against other projects' data",
    "own": "ids and titles were not held against a source; check them before you rely on them",
}


def framework_parts(report: Report, dossier: Dossier) -> tuple[FrameworkPart, ...]:
    """One part for each framework that is asked for, also where nothing speaks about it."""
    tests: dict[str, list[Test]] = defaultdict(list)
    for control, test in (*_policies(report), *_processes(report, dossier)):
        tests[control].append(test)
    known = frameworks()
    return tuple(_part(known[name], tests) for name in dossier.frameworks or LEADING)


def _part(framework: Framework, tests: dict[str, list[Test]]) -> FrameworkPart:
    order = {item: number for number, item in enumerate(framework.items)}
    own = [name for name in tests if name.partition(":")[0] == framework.id]
    items = sorted((name.partition(":")[2] for name in own), key=lambda item: (order.get(item, 10**6), item))
    rows = [_control(framework, item, tests[f"{framework.id}:{item}"]) for item in items]
    return FrameworkPart(
        framework.id,
        framework.name,
        _CHECKED.get(framework.checked, framework.checked),
        tuple(row for row in rows if any(test.firm for test in row.tests)),
        tuple(row for row in rows if not any(test.firm for test in row.tests)),
    )


def _control(framework: Framework, item: str, tests: list[Test]) -> Control:
    ranked = sorted(tests, key=lambda test: (FIRMNESS.index(test.firmness), test.name))
    return Control(
        framework=framework.id,
        item=item,
        title=framework.items.get(item, ""),
        tests=tuple(ranked),
        result=_result([test for test in ranked if test.firm]),
        duty=evidence_facts().duty(f"{framework.id}:{item}"),
    )


def _result(firm: list[Test]) -> str:
    """What the firm tests come to; that nothing was found is never more than that."""
    if not firm:
        return ""
    if any(test.proved for test in firm):
        return "against"
    if any(test.unsure for test in firm):
        return "undecided"
    if any(test.accepted for test in firm):
        return "accepted"
    put = [test for test in firm if test.population]
    if not put:
        return "not-tested"
    return "shown" if all(test.process for test in put) else "nothing-found"


def _policies(report: Report) -> Iterable[tuple[str, Test]]:
    found: dict[str, list[FindingRow]] = defaultdict(list)
    for row in report.findings:
        found[row.policy].append(row)
    facts = evidence_facts()
    for policy in report.coverage.policies:
        shipped = policy.source.startswith("shipped")
        for control in policy.controls:
            firmness = facts.firmness(policy.policy, control, shipped=shipped)
            idle = policy.policy in _NEED_USAGE and not report.usage
            put = replace(policy, population=0) if idle else policy
            yield control, _test(put, firmness, found[policy.policy])


def _test(policy: PolicyRow, firmness: str, rows: list[FindingRow]) -> Test:
    states = [row.status for row in rows]
    return Test(
        name=policy.policy,
        title=policy.title,
        firmness=firmness,
        population=policy.population,
        proved=states.count("fail"),
        unsure=states.count("possible") + states.count("inconclusive"),
        accepted=states.count("waived") + states.count("baselined"),
        findings=tuple(row.fingerprint for row in rows),
    )


def _processes(report: Report, dossier: Dossier) -> Iterable[tuple[str, Test]]:
    """What using mcpaudit is evidence of, where the proof of it is here."""
    review = dossier.review
    population = {
        "inventory": len(report.installations),
        "access-review": len(review.answers) if review else 0,
        "waiver-register": len(report.waivers),
        "stored-runs": len(dossier.runs),
    }
    unsure = {"access-review": len(review.open) if review else 0, "stored-runs": len(dossier.unread_runs)}
    unsure["inventory"] = len(report.coverage.unread)
    unsure["waiver-register"] = sum(row.state != "applied" for row in report.waivers)
    for name, process in evidence_facts().processes.items():
        for control, firmness in process.controls.items():
            yield (
                control,
                Test(name, process.title, firmness, population[name], 0, unsure[name], 0, (), True),
            )
