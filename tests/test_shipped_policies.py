"""The shipped policies: their tests hold, and would notice if a condition were wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.errors import McpauditError
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.policy.controls import unknown_control
from mcpaudit.policy.expansion import expand
from mcpaudit.policy.policy import load, shipped, shipped_folder
from mcpaudit.policy.runtime import parse
from mcpaudit.policy.syntax import Call, Expression, Fold, text
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
    assert not any(map(unknown_control, policy.controls))


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


def without_a_conjunct(node: Expression) -> Iterator[Expression]:
    """The expression without one of the parts that some `&&` in it joins, each in turn."""
    match node:
        case Call(function="_&&_"):
            joined = list(flat(node))
            for index, part in enumerate(joined):
                rest = [*joined[:index], *joined[index + 1 :]]
                yield reduce(both, rest)
                for other in without_a_conjunct(part):
                    yield reduce(both, [*joined[:index], other, *joined[index + 1 :]])
        case Call():
            for index, argument in enumerate(node.arguments):
                for other in without_a_conjunct(argument):
                    changed = (*node.arguments[:index], other, *node.arguments[index + 1 :])
                    yield replace(node, arguments=changed)
        case Fold():
            yield from (replace(node, body=other) for other in without_a_conjunct(node.body))
            yield from (replace(node, operand=other) for other in without_a_conjunct(node.operand))


def flat(node: Expression) -> Iterator[Expression]:
    """The parts that one chain of `&&` joins."""
    if isinstance(node, Call) and node.function == "_&&_":
        for part in node.arguments:
            yield from flat(part)
    else:
        yield node


def both(left: Expression, right: Expression) -> Expression:
    return Call("_&&_", None, (left, right), 0)


def mutations(subject: str, where: str) -> Iterator[str]:
    """The condition turned round, made constant, and without each of its parts, however deep it stands."""
    yield f"!({where.strip()})"
    yield "true"
    yield "false"
    yield from map(text, without_a_conjunct(parse(subject, where)))


@cache
def _source(name: str) -> dict[str, Any]:
    source: dict[str, Any] = yaml.safe_load(SUITES[name].file.read_text(encoding="utf-8"))
    return source


def _mutants() -> Iterator[tuple[str, str]]:
    for name in IDS:
        spec = _source(name)["spec"]
        # With its variables written out, their parts are parts of the condition.
        for where in mutations(spec["for"], expand(spec["where"], {}, spec.get("variables") or {})):
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


def test_parts_are_left_out_at_every_depth() -> None:
    inner = "server.tools.exists(t, t.shell && !t.name.exists(n, n && t))"
    where = f'(server.id == "&&" || {inner}) && server.builtin'
    assert {text(one) for one in without_a_conjunct(parse("server", where))} == {
        '(server.id == "&&") || server.tools.exists(t, t.shell && !t.name.exists(n, n && t))',
        '((server.id == "&&") || server.tools.exists(t, !t.name.exists(n, n && t))) && server.builtin',
        '((server.id == "&&") || server.tools.exists(t, t.shell)) && server.builtin',
        '((server.id == "&&") || server.tools.exists(t, t.shell && !t.name.exists(n, t))) && server.builtin',
        '((server.id == "&&") || server.tools.exists(t, t.shell && !t.name.exists(n, n))) && server.builtin',
        "server.builtin",
    }
