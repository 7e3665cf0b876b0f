"""JUnit XML."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.report import junit
from mcpaudit.report.summary import summarise
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent.parent / "schemas" / "junit-10.xsd")


def tree(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(report))


def outcomes(report: Report, policy: str) -> list[str]:
    """What became of each test of a policy."""
    return [
        next((child.tag for child in case), "passed")
        for case in tree(report).iterfind(f"testsuite[@name='{policy}']/testcase")
    ]


@pytest.mark.parametrize("report", [SAMPLE, EXAMPLE, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())])
def test_it_holds_the_schema_of_jenkins_and_its_counts_are_right(report: Report) -> None:
    SCHEMA.validate(junit.render(report))
    root = tree(report)
    for node in (root, *root.iterfind("testsuite")):
        assert int(node.attrib["tests"]) == len(list(node.iter("testcase")))
        assert int(node.attrib["failures"]) == len(list(node.iter("failure")))
        assert int(node.attrib["errors"]) == len(list(node.iter("error")))
    for suite in root.iterfind("testsuite"):
        names = [case.attrib["name"] for case in suite.iterfind("testcase")]
        assert len(set(names)) == len(names)


def test_the_schema_can_fail() -> None:
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(junit.render(SAMPLE).replace("<testsuites ", '<testsuites skipped="1" '))


def test_a_test_fails_exactly_where_a_finding_stands_in_the_way() -> None:
    assert outcomes(SAMPLE, "silent-shell") == ["failure"]
    assert outcomes(SAMPLE, "read-only-bypass") == ["failure"]
    assert set(outcomes(SAMPLE, "unpinned-package")) == {"skipped"}  # medium, below high
    assert outcomes(SAMPLE, "literal-credential") == ["skipped"]  # accepted
    assert outcomes(SAMPLE, "unsafe-container") == ["skipped"]  # nothing to judge
    policies = tuple(replace(row, findings=0) for row in CLEAN.coverage.policies)
    clean = replace(CLEAN, coverage=replace(CLEAN.coverage, policies=policies))
    assert outcomes(clean, "silent-shell") == ["passed"]
    low = summarise(replace(SAMPLE, run=replace(SAMPLE.run, fail_on="low")))
    assert "failure" in outcomes(low, "unpinned-package")


def test_what_could_not_be_checked_is_an_error_when_strict() -> None:
    strict = summarise(replace(CLEAN, run=replace(CLEAN.run, strict=True), coverage=SAMPLE.coverage))
    assert strict.summary.exit_code == 4
    assert outcomes(strict, "mcpaudit") == ["passed", "error"]
    assert outcomes(replace(CLEAN, coverage=SAMPLE.coverage), "mcpaudit") == ["passed", "skipped"]
    assert outcomes(NOTHING, "mcpaudit")[0] == "error"


def test_a_finding_outside_fails_without_being_named() -> None:
    finding = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    report = replace(CLEAN, findings=(finding,))
    assert outcomes(report, "mcpaudit") == ["passed", "failure"]
    assert ".claude.json" not in junit.render(report)
