"""SARIF: what the schema does not check, and what code hosts want beyond it."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.report import sarif
from mcpaudit.report.canonical import digest
from tests.hostile import HOSTILE
from tests.report.hostile_report import strings, with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE


def run(report: Report, **options: bool) -> dict[str, Any]:
    log = json.loads(sarif.render(report, **options))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


def locations(node: Any) -> list[dict[str, Any]]:
    """All physical locations of a tree."""
    if isinstance(node, dict):
        own = [node["physicalLocation"]] if "physicalLocation" in node else []
        return own + [found for value in node.values() for found in locations(value)]
    return [found for value in node for found in locations(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("report", [SAMPLE, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())])
@pytest.mark.parametrize("accepted", [False, True])
def test_it_refers_only_to_what_is_there_and_has_what_hosts_want(report: Report, accepted: bool) -> None:
    found = run(report, accepted=accepted)
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert 0.1 <= float(rule["properties"]["security-severity"]) <= 10
        assert rule["properties"]["tags"][0] == "security"
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"])) <= 10
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
        assert result["locations"][0]["physicalLocation"]
        ids = [node["id"] for node in result.get("relatedLocations", ())]
        assert len(set(ids)) == len(ids)
        linked = re.findall(r"(?<!\\)\]\((.*?)\)", result["message"]["text"])
        assert {int(target) for target in linked} <= set(ids)
    for location in locations(found):
        uri, region = location["artifactLocation"]["uri"], location["region"]
        assert re.fullmatch(r"[\w/~@+,=!$&'().%-]+", uri, re.ASCII)
        assert not uri.startswith(("/", "~"))
        assert ".." not in uri.split("/")
        assert 1 <= region["startLine"] <= region["endLine"]
        assert 1 <= region["startColumn"] < region["endColumn"]


def test_severity_and_certainty_make_the_level() -> None:
    levels = {row["ruleId"]: row["level"] for row in run(SAMPLE)["results"]}
    assert levels["silent-shell"] == levels["read-only-bypass"] == "error"
    assert levels["decision-contradiction"] == "warning"  # high, but only possible
    assert levels["unpinned-package"] == "warning"
    assert levels["second-route"] == levels["unneeded-server"] == "note"


def test_what_was_accepted_is_suppressed_or_left_out() -> None:
    found = run(SAMPLE)
    assert all("suppressions" not in row for row in found["results"])
    assert found["properties"]["acceptedFindingsLeftOut"] == 3
    kept = [row for row in run(SAMPLE, accepted=True)["results"] if "suppressions" in row]
    assert [row["ruleId"] for row in kept] == ["literal-credential", "unneeded-server", "unneeded-server"]
    assert {row["suppressions"][0]["status"] for row in kept} == {"accepted"}


def outside(*files: str) -> dict[str, Any]:
    """The result of a finding that stands in the user's own files alone, where these files were read."""
    finding = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    inputs = tuple(row for row in SAMPLE.inputs if row.file in files)
    result: dict[str, Any] = run(replace(SAMPLE, findings=(finding,), inputs=inputs))["results"][0]
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
    text = json.dumps(run(replace(SAMPLE, findings=(finding,)))["results"])
    assert '"uri": "mcpaudit.yaml"' in text


def test_a_witness_is_a_code_flow() -> None:
    result = next(row for row in run(SAMPLE)["results"] if row["ruleId"] == "read-only-bypass")
    (flow,) = result["codeFlows"]
    steps = flow["threadFlows"][0]["locations"]
    assert len(steps) == 5
    assert steps[1]["location"]["physicalLocation"]["region"]["startLine"] == 21
    assert steps[4]["location"]["message"]["text"].endswith("(not stated in this repository)")


def test_gaps_make_the_run_unsuccessful() -> None:
    (failed,) = run(SAMPLE)["invocations"]
    assert not failed["executionSuccessful"]
    assert failed["toolExecutionNotifications"][0]["locations"]
    assert run(CLEAN)["invocations"] == [{"executionSuccessful": True}]
    assert not run(NOTHING)["invocations"][0]["executionSuccessful"]


def test_it_names_the_canonical_report() -> None:
    assert run(SAMPLE)["properties"]["canonicalReportSha256"] == digest(SAMPLE)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_visible(text: str) -> None:
    for found in strings(run(with_hostile(text))):
        assert not re.search(
            "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", re.sub("\n\n", "", found)
        )
