"""The block of data: it says what the report says, in any order of its rows, and is small."""

import json
from dataclasses import replace
from typing import Any

from mcpaudit.model.action import ACTIONS
from mcpaudit.model.report import Report
from mcpaudit.report import reach
from mcpaudit.report.web.data import PageData, Words
from mcpaudit.report.web.decide import decisions
from mcpaudit.report.web.support import Supports
from mcpaudit.report.web.tries import Tries
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import strings, with_hostile
from tests.report.sample import NOTHING, SAMPLE


def data(report: Report) -> dict[str, Any]:
    block: dict[str, Any] = json.loads(
        PageData(report, Words({}, {}), Tries(report, decisions(report))).block()
    )
    return block


def test_the_routes_are_the_access_of_the_report() -> None:
    found = data(EXAMPLE)
    told = {
        (
            found["installations"][installation]["id"],
            found["tools"][tool],
            found["resources"][resource][0],
            reach.VERDICTS[decision],
            tuple(name for bit, name in enumerate(ACTIONS) if actions & 1 << bit),
        )
        for installation, resource, decision, _, actions, _, tools, _ in found["routes"]
        for tool in tools
    }
    assert told == {
        (row.installation, row.tool, row.resource, row.decision, row.actions) for row in EXAMPLE.access
    }


def test_no_string_holds_what_a_file_cannot() -> None:
    assert all(text.isprintable() for text in strings(data(with_hostile(HOSTILE["surrogate"]))))


def test_every_open_finding_is_there_with_what_it_stands_on() -> None:
    found = data(EXAMPLE)["findings"]
    assert len(found) == len(EXAMPLE.findings)
    assert all({"conflict", "flow", "installations"} & one.keys() for one in found)
    by_title = {one["title"]: one for one in found}
    shell = by_title["Commands run without asking"]
    assert [data(EXAMPLE)["installations"][at]["id"] for at in shell["installations"]] == [
        "claude-code/builtin:claude-code"
    ]
    assert data(EXAMPLE)["tools"][shell["tool"]] == "Bash"


def test_what_a_finding_is_about() -> None:
    supports = Supports(EXAMPLE)
    by_policy = {row.policy: supports.of(row) for row in EXAMPLE.findings}
    assert by_policy["silent-root-bypass"].conflict >= 0
    assert by_policy["silent-lethal-trifecta"].flow >= 0
    assert by_policy["unneeded-server"].installations == ("claude-code/asana",)
    assert by_policy["unneeded-tool"].tool


def test_cells_are_called_as_the_scripts_call_them() -> None:
    page = PageData(SAMPLE, Words({}, {}), Tries(SAMPLE, ()))
    found = data(SAMPLE)
    for row in SAMPLE.access:
        installation, resource = map(int, page.cell(row.installation, row.resource).split())
        assert found["installations"][installation]["id"] == row.installation
        assert found["resources"][resource][0] == row.resource


def test_nothing_is_no_mistake() -> None:
    assert data(NOTHING)["routes"] == []


def test_witnesses_of_too_many_routes_stay_in_the_report() -> None:
    many = tuple(replace(SAMPLE.access[0], resource=f"slack:{n}") for n in range(3_001))
    assert {row[-1] for row in data(replace(SAMPLE, access=many))["routes"]} == {None}
