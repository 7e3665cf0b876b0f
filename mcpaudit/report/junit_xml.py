"""JUnit XML by the schema of Jenkins (`junit-10.xsd`), for all that writes tests.

The schema has `skipped` for a suite alone, and no place for a file or a line: these belong to a test's text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal
from xml.etree import ElementTree

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import place

_LONGEST = 4_000
Outcome = Literal["", "failure", "error", "skipped"]
"""What became of a test; empty for a pass."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test, and why it did not pass; its text may have several lines."""

    name: str
    outcome: Outcome = ""
    kind: str = ""
    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests that belong together, and what else there is to say of them."""

    name: str
    cases: Sequence[Case]
    properties: Mapping[str, str] = field(default_factory=dict)


def document(name: str, suites: Sequence[Suite]) -> str:
    """A whole file."""
    counts = _counts(name, [case for suite in suites for case in suite.cases])
    del counts["skipped"]
    root = ElementTree.Element("testsuites", counts)
    for suite in suites:
        node = ElementTree.SubElement(root, "testsuite", _counts(visible(suite.name), suite.cases))
        if suite.properties:
            told = ElementTree.SubElement(node, "properties")
            for key, value in suite.properties.items():
                ElementTree.SubElement(told, "property", name=key, value=visible(value))
        for case in suite.cases:
            _write(node, visible(suite.name), case)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def finding_lines(row: FindingRow) -> Iterator[str]:
    """Where a finding stands, how it comes about, and what to do."""
    yield from dict.fromkeys(map(place, row.locations))
    if row.reason:
        yield _one_line(f"Because: {row.reason}")
    for step in row.witness:
        yield _one_line(" ".join(filter(None, (place(step.location), step.reason))))
    if row.fix:
        yield _one_line(f"Fix: {row.fix}")


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _counts(name: str, cases: Sequence[Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    counted: tuple[tuple[str, Outcome], ...] = (
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    )
    return {"name": name, "tests": str(len(cases))} | {key: str(outcomes.count(one)) for key, one in counted}


def _write(node: ElementTree.Element, suite: str, case: Case) -> None:
    words = {"classname": suite, "name": prose(clip(case.name, 500)) or suite}
    test = ElementTree.SubElement(node, "testcase", words)
    if case.outcome:
        message = prose(clip(case.message, _LONGEST))
        lines = (prose(clip(line, _LONGEST)) for line in case.text.splitlines())
        ElementTree.SubElement(test, case.outcome, type=visible(case.kind), message=message).text = (
            "\n".join(line for line in lines if line) or None
        )
