"""OSCAL: references that lead somewhere, which no validator of it checks, and states not overstated."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.report import Report
from mcpaudit.report import oscal_ar, oscal_component
from mcpaudit.report.oscal import control_id
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.sample_controls import CONTROLLED

REPORTS = [SAMPLE, CONTROLLED, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())]
RENDERERS = [oscal_ar.render, oscal_component.render]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*", re.ASCII)
_TOKENS = ("control-id", "target-id", "state", "name")
_LINES = ("title", "value", "version")


def pairs(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key of the tree with its value."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield name, value
            yield from pairs(value)
    elif isinstance(node, list):
        for item in node:
            yield from pairs(item)


def results(report: Report) -> dict[str, Any]:
    (result,) = json.loads(oscal_ar.render(report))["assessment-results"]["results"]
    assert isinstance(result, dict)
    return result


def properties(node: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in node.get("props", ()) if one["name"] == name]


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("report", REPORTS)
def test_no_reference_dangles_and_every_value_has_its_form(render: Any, report: Report) -> None:
    found = list(pairs(json.loads(render(report))))
    own = Counter(value for name, value in found if name == "uuid")
    assert max(own.values()) == 1
    assert all(_UUID.fullmatch(one) for one in own)
    named = {value for name, value in found if name.endswith("-uuid")}
    named |= {value[1:] for name, value in found if name == "href" and value.startswith("#")}
    assert named <= set(own)
    for name, value in found:
        assert value not in ([], {}, ""), name
        if name in _TOKENS:
            assert _TOKEN.fullmatch(value)
        if name in _LINES:
            assert re.fullmatch(r"\S(.*\S)?", value)


def test_a_proved_finding_is_against_its_controls() -> None:
    result = results(CONTROLLED)
    failed = {
        control_id(control)
        for row in CONTROLLED.findings
        if row.status == "fail"
        for control in row.controls
        if control_id(control)
    }
    assert failed
    assert {row["target"]["target-id"] for row in result["findings"]} == {f"{one}_smt" for one in failed}


@pytest.mark.parametrize("status", ["possible", "inconclusive", "waived", "baselined"])
def test_what_is_not_proved_or_is_answered_is_against_nothing(status: str) -> None:
    rows = tuple(replace(row, status=status) for row in CONTROLLED.findings)
    result = results(replace(CONTROLLED, findings=rows))
    assert "findings" not in result
    assert sum(properties(one, "status") == [status] for one in result["observations"]) == len(rows)
    states = {one["status"] for one in result.get("risks", ())}
    assert (
        states
        == {
            "possible": {"investigating"},
            "inconclusive": set(),
            "waived": {"deviation-approved"},
            "baselined": {"open"},
        }[status]
    )


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_is_ever_satisfied(report: Report) -> None:
    states = [value for name, value in pairs(results(report)) if name == "state"]
    assert "satisfied" not in states


def test_controls_of_policies_that_were_put_to_something_are_reviewed() -> None:
    reviewed = results(CONTROLLED)["reviewed-controls"]
    (selection,) = reviewed["control-selections"]
    ids = [one["control-id"] for one in selection["include-controls"]]
    assert ids == ["ac-4", "ac-6", "cm-7.1"]
    assert {"cwe:CWE-694", "owasp-mcp:MCP02"} <= set(properties(reviewed, "supports"))


def test_what_found_nothing_is_observed_and_what_had_no_subjects_is_not() -> None:
    observed = {name for one in results(CONTROLLED)["observations"] for name in properties(one, "policy")}
    assert "unread-link" in observed
    assert "drift" not in observed


def test_the_policies_are_rules_and_the_controls_that_they_support_requirements() -> None:
    body = json.loads(oscal_component.render(CONTROLLED))["component-definition"]
    validation, *parts = body["components"]
    assert properties(validation, "Rule_Id") == sorted(row.policy for row in CONTROLLED.coverage.policies)
    (implementation,) = validation["control-implementations"]
    rules = {
        one["control-id"]: properties(one, "Rule_Id") for one in implementation["implemented-requirements"]
    }
    assert rules == {
        "ac-4": ["unread-link"],
        "ac-6": ["silent-shell"],
        "cm-7.1": ["silent-shell"],
        "si-7": ["drift"],
    }
    assert len(parts) == len(CONTROLLED.agents) + len(CONTROLLED.servers)
    assert "complian" not in oscal_component.render(CONTROLLED).replace("oscal-compass", "").replace(
        "compliance-trestle", ""
    )


@pytest.mark.slow
@pytest.mark.parametrize("report", [CONTROLLED, SAMPLE, NOTHING, with_hostile(HOSTILE["script"])])
def test_trestle_imports_and_validates_it(report: Report, tmp_path: Path) -> None:
    pytest.importorskip("trestle", reason="compliance-trestle is not installed")

    workspace = tmp_path / "workspace"
    workspace.mkdir()

    def trestle(*words: str) -> str:
        command = [sys.executable, "-m", "trestle", *words]
        done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    trestle("init", "--local")
    for name, render in zip(("ar", "component"), RENDERERS, strict=True):
        file = tmp_path / f"{name}.json"
        file.write_text(render(report), "utf-8")
        trestle("import", "-f", str(file), "-o", name)
    assert trestle("validate", "-a").count("VALID: ") == 2


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("nist-800-53:AC-6", "ac-6"),
        ("nist-800-53:CM-7(1)", "cm-7.1"),
        ("nist-800-53:CM-07", ""),
        ("nist-800-53:AC-6\n", ""),
        ("iso-27001:A.8.3", ""),
        ("", ""),
    ],
)
def test_controls_by_the_ids_of_the_catalog(control: str, expected: str) -> None:
    assert control_id(control) == expected


def test_the_time_is_the_day_of_the_audit() -> None:
    times = {value for name, value in pairs(results(SAMPLE)) if name in ("start", "collected")}
    assert times == {f"{SAMPLE.as_of}T00:00:00Z"}
