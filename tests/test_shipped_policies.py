"""The shipped policies: their tests hold, and would notice if a condition were wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.errors import McpauditError
from mcpaudit.model.report import FindingRow
from mcpaudit.policy.pages import FRAMEWORKS
from mcpaudit.policy.policy import load, shipped, shipped_folder
from mcpaudit.policy_tests import Case, CaseResult, Suite, compare, findings_of, run, suites

SUITES = {suite.policy: suite for suite in suites([shipped_folder()])}
IDS = sorted(SUITES)


def test_every_policy_is_correct() -> None:
    assert [policy.id for policy in load([shipped_folder()])] == [policy.id for policy in shipped()]
    assert len(SUITES) >= 22


@pytest.mark.parametrize("name", IDS)
def test_its_own_tests_hold(name: str) -> None:
    results = run(SUITES[name])
    assert [(one.case.name, one.explanation) for one in results if not one.passed] == []


@pytest.mark.parametrize("name", IDS)
def test_it_has_a_case_that_it_reports_and_a_near_miss(name: str) -> None:
    wanted = [{one.status for one in case.expect} for case in SUITES[name].cases]
    assert any(statuses & {"fail", "possible"} for statuses in wanted)
    assert set() in wanted


@pytest.mark.parametrize("name", IDS)
def test_it_says_enough(name: str) -> None:
    policy = next(one for one in shipped() if one.id == name)
    assert Path(policy.file).stem == name
    assert len(re.findall(r"[.](?: |$)", policy.why)) == 2, "`why` is two sentences"
    assert policy.fix.endswith(".")
    assert not policy.message.endswith(".")
    assert policy.controls
    assert all(control.partition(":")[0] in FRAMEWORKS for control in policy.controls)


AROUND = ("silent-root-bypass", "root-bypass", "read-only-bypass", "denied-tool-bypass")
CASES = [(name, case) for name in AROUND for case in SUITES[name].cases]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case.name}" for name, case in CASES])
def test_one_way_round_a_limit_is_reported_once(name: str, case: Case) -> None:
    """The policies on ways round a limit divide the cases between them."""
    subjects = [row.subject for other in AROUND for row in _rows(case, SUITES[other])]
    assert len(subjects) == len(set(subjects))


def _rows(case: Case, suite: Suite) -> Sequence[FindingRow]:
    found = findings_of(case, suite.file)
    assert not isinstance(found, McpauditError)
    return found


def conjuncts(where: str) -> list[str]:
    """The parts that the outermost `&&` of a condition joins."""
    parts, depth, quoted, start = [], 0, False, 0
    for index, character in enumerate(where):
        if character == '"':
            quoted = not quoted
        if quoted:
            continue
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and where.startswith("&&", index):
            parts.append(where[start:index].strip())
            start = index + 2
    return [*parts, where[start:].strip()]


def mutations(where: str) -> Iterator[str]:
    """The condition turned round, made constant, and without each of its parts."""
    yield f"!({where.strip()})"
    yield "true"
    yield "false"
    parts = conjuncts(where)
    for left_out in range(len(parts)) if len(parts) > 1 else ():
        yield " && ".join(part for index, part in enumerate(parts) if index != left_out)


@cache
def _source(name: str) -> dict[str, Any]:
    source: dict[str, Any] = yaml.safe_load(SUITES[name].file.read_text(encoding="utf-8"))
    return source


def _mutants() -> Iterator[tuple[str, str]]:
    for name in IDS:
        for where in mutations(_source(name)["spec"]["where"]):
            yield name, where


@pytest.mark.parametrize(("name", "where"), list(_mutants()))
def test_a_wrong_condition_is_noticed(name: str, where: str, tmp_path: Path) -> None:
    source = _source(name)
    mutant = tmp_path / f"{name}.yaml"
    mutant.write_text(
        yaml.safe_dump({**source, "spec": {**source["spec"], "where": where}}), encoding="utf-8"
    )
    suite = replace(SUITES[name], file=mutant)
    assert any(_differs(suite, index) for index in range(len(suite.cases))), f"no case notices: {where}"


def _differs(suite: Suite, index: int) -> bool:
    case = suite.cases[index]
    result = CaseResult(case, tuple(compare(case.expect, findings_of(case, suite.file))))
    return not result.passed


def test_conditions_are_taken_apart_at_the_outermost_level_only() -> None:
    assert conjuncts('a && (b && c) && x.exists(y, y && z) && d == "&&"') == [
        "a",
        "(b && c)",
        "x.exists(y, y && z)",
        'd == "&&"',
    ]
