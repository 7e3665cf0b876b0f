"""SARIF: what the schema does not check, and what code hosts want beyond it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, ValidationError

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.report import sarif
from mcpaudit.report.canonical import digest
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import strings, with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.sarif_rules import check

SCHEMA = Draft4Validator(
    json.loads((Path(__file__).parent.parent / "schemas" / "sarif-schema-2.1.0.json").read_text("utf-8"))
)


def run(report: Report, **options: bool) -> dict[str, Any]:
    log = json.loads(sarif.render(report, **options))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("report", [SAMPLE, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())])
@pytest.mark.parametrize("full", [False, True])
def test_it_refers_only_to_what_is_there_and_has_what_hosts_want(report: Report, full: bool) -> None:
    check(run(report, full=full), anchored=not full)


@pytest.mark.parametrize("full", [False, True])
def test_it_holds_the_schema(full: bool) -> None:
    for report in (SAMPLE, NOTHING, CLEAN, EXAMPLE, *map(with_hostile, HOSTILE.values())):
        SCHEMA.validate(json.loads(sarif.render(report, full=full)))


def test_the_schema_and_the_check_of_our_own_can_fail() -> None:
    found = run(SAMPLE)
    found["results"][0]["level"] = "critical"
    with pytest.raises(ValidationError):
        SCHEMA.validate({"version": "2.1.0", "runs": [found]})
    found = run(SAMPLE)
    found["results"][0]["ruleIndex"] = 900
    with pytest.raises(IndexError):
        check(found)


def test_severity_and_certainty_make_the_level() -> None:
    levels = {row["ruleId"]: row["level"] for row in run(SAMPLE, full=True)["results"]}
    assert levels["silent-shell"] == levels["read-only-bypass"] == "error"
    assert levels["decision-contradiction"] == "warning"  # high, but only possible
    assert levels["unpinned-package"] == "warning"
    assert levels["second-route"] == levels["unneeded-server"] == "note"


def test_what_was_accepted_is_suppressed_or_left_out() -> None:
    found = run(SAMPLE)
    assert all("suppressions" not in row for row in found["results"])
    assert found["properties"]["acceptedFindingsLeftOut"] == 3
    kept = [row for row in run(SAMPLE, full=True)["results"] if "suppressions" in row]
    assert [row["ruleId"] for row in kept] == ["literal-credential", "unneeded-server", "unneeded-server"]
    assert {row["suppressions"][0]["status"] for row in kept} == {"accepted"}


def outside(*files: str) -> dict[str, Any]:
    """The result of a finding that stands in the user's own files alone, where these files were read."""
    finding = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    inputs = tuple(row for row in SAMPLE.inputs if row.file in files)
    report = replace(SAMPLE, findings=(finding,), inputs=inputs)
    assert run(report)["results"] == []
    assert run(report)["properties"]["findingsOutsideLeftOut"] == 1
    result: dict[str, Any] = run(report, full=True)["results"][0]
    return result


def test_a_finding_outside_is_anchored_in_the_repository_and_says_so() -> None:
    for files, anchor in (
        ((".mcp.json", "mcpaudit.yaml"), "mcpaudit.yaml"),
        ((".mcp.json", ".cursor/mcp.json"), ".cursor/mcp.json"),
    ):
        result = outside(*files)
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == anchor
        assert "outside of this repository" in result["message"]["text"]


def test_without_a_repository_there_are_logical_locations_only() -> None:
    (location,) = outside("~/.cursor/permissions.json")["locations"]
    assert "physicalLocation" not in location
    assert location["logicalLocations"][0] == {
        "name": "claude-code",
        "fullyQualifiedName": "claude-code",
        "kind": "agent",
    }


@pytest.mark.parametrize(
    "file", ["~/.x", "/etc/x", "C:\\Users\\x", "c:/x", "\\\\host\\x", "../x", "a/../../x", "file:///x", ""]
)
def test_paths_of_the_machine_are_outside(file: str) -> None:
    finding = replace(SAMPLE.findings[0], locations=(Location(file, 1, 1),), witness=())
    report = replace(SAMPLE, findings=(finding,))
    assert run(report)["results"] == []
    assert '"uri": "mcpaudit.yaml"' in json.dumps(run(report, full=True)["results"])


def test_a_witness_is_a_code_flow() -> None:
    result = next(row for row in run(SAMPLE)["results"] if row["ruleId"] == "read-only-bypass")
    (flow,) = result["codeFlows"]
    steps = flow["threadFlows"][0]["locations"]
    assert len(steps) == 5
    assert steps[1]["location"]["physicalLocation"]["region"]["startLine"] == 21
    assert steps[4]["location"]["message"]["text"].endswith("(not stated in this repository)")


@pytest.mark.promise("unseen")
def test_gaps_make_the_run_unsuccessful() -> None:
    (failed,) = run(SAMPLE)["invocations"]
    assert not failed["executionSuccessful"]
    assert failed["toolExecutionNotifications"][0]["locations"]
    assert run(CLEAN)["invocations"] == [{"executionSuccessful": True}]
    assert not run(NOTHING)["invocations"][0]["executionSuccessful"]


def test_a_clean_run_is_empty_and_complete_and_a_partial_one_says_so() -> None:
    """An empty run closes alerts; what did not see everything must not, so it says that it is no success."""
    assert run(CLEAN)["results"] == []
    assert run(CLEAN)["invocations"] == [{"executionSuccessful": True}]
    outside = replace(SAMPLE.coverage.gaps[0], location=Location("~/.claude.json", 3, 1))
    partial = run(replace(CLEAN, coverage=replace(CLEAN.coverage, gaps=(outside,))))
    assert not partial["invocations"][0]["executionSuccessful"]
    assert ".claude.json" not in json.dumps(partial)


def test_more_results_than_a_run_may_have_make_it_partial() -> None:
    many = tuple(replace(SAMPLE.findings[0], fingerprint=f"{number:016x}") for number in range(25_001))
    found = run(replace(CLEAN, findings=many))
    assert len(found["results"]) == 25_000
    assert not found["invocations"][0]["executionSuccessful"]


def test_it_names_the_canonical_report() -> None:
    assert run(SAMPLE)["properties"]["canonicalReportSha256"] == digest(SAMPLE)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_visible(text: str) -> None:
    for found in strings(run(with_hostile(text))):
        assert not re.search(
            "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", re.sub("\n\n", "", found)
        )
