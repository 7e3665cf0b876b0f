"""`mcpaudit policy lint`: what is hardly meant is found where it stands, and what is meant is left alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.cli.main import run
from mcpaudit.policy.expression import Expression
from mcpaudit.policy.fields import Field
from mcpaudit.policy.lint import Lint, lint
from mcpaudit.policy.logic import Logic
from mcpaudit.policy.policy import shipped_folder
from mcpaudit.policy.runtime import parse

POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: silent-change, title: T, severity: low, controls: ["nist-800-53:AC-6"]}
spec:
  for: access
  params: {labels: [production]}
  variables:
    labelled: access.resource.labels.exists(l, l in params.labels)
  where: access.decision == "allow" && variables.labelled
  message: m
  why: w
  fix: Change the rule in {access.agent}.
"""
TESTS = """\
policy: silent-change
cases:
  - {name: a, files: {}, expect: [{subject: x}]}
  - {name: b, files: {}, expect: []}
"""


def linted(folder: Path, old: str = "", new: str = "", tests: str = TESTS) -> list[Lint]:
    assert old in POLICY
    (folder / "silent-change.yaml").write_text(POLICY.replace(old, new, 1) if old else POLICY, "utf-8")
    (folder / "silent-change.test.yaml").write_text(tests, "utf-8")
    return lint([folder], {})


def test_a_policy_that_is_meant_so_is_left_alone(tmp_path: Path) -> None:
    assert linted(tmp_path) == []


def test_the_shipped_policies_are_meant_so() -> None:
    assert [str(one.mistake) for one in lint([shipped_folder()], {})] == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "place", "message", "hint"),
    [
        ("AC-6", "AC6", "unknown-control", "3:67", "NIST SP 800-53 Rev. 5 has no item `AC6`", "`AC-6`"),
        (
            "nist-800-53:",
            "nist-80053:",
            "unknown-control",
            "3:67",
            "no framework `nist-80053`",
            "nist-800-53",
        ),
        ("nist-800-53:", "", "unknown-control", "3:67", "names no item of a framework", "nist-800-53:AC-6"),
        (
            "Change the rule in {access.agent}.",
            "TODO",
            "empty-fix",
            "12:8",
            "names nothing to do",
            "say which",
        ),
        ("[production]}", "[production], max: 3}", "unused", "6:34", "nothing uses the param `max`", ""),
        (" && variables.labelled", "", "unused", "8:5", "nothing uses the variable `labelled`", ""),
        ("allow", "alow", "wrong", "9:30", "`access.decision` is never `alow`", "`allow`"),
        ("title: T, ", "", "wrong", "3:11", "metadata needs the key `title`", ""),
    ],
)
def test_what_is_hardly_meant_has_its_place(
    tmp_path: Path, old: str, new: str, rule: str, place: str, message: str, hint: str
) -> None:
    found = linted(tmp_path, old, new)[0]
    assert (found.rule, f"{found.mistake.line}:{found.mistake.column}") == (rule, place)
    assert message in found.mistake.message
    assert hint in found.mistake.hint


LABELLED = "variables.labelled"


@pytest.mark.parametrize(
    ("where", "rule", "part"),
    [
        ('access.decision == "allow" && access.decision == "ask"', "never-holds", "access.decision"),
        (
            'access.decision == "allow" && access.decision in ["ask", "deny"]',
            "never-holds",
            "access.decision",
        ),
        ("access.transitive && !access.transitive", "never-holds", "access.transitive"),
        ("access.transitive && (1 == 2)", "never-holds", "1 == 2"),
        ("access.transitive && access.labels.size() < 0", "wrong", ""),
        ("access.actions.size() < 0", "never-holds", "access.actions"),
        ("access.actions.size() > 3 && access.actions.size() <= 3", "never-holds", "access"),
        ('access.actions.exists(a, a == "read" && a == "write")', "never-holds", "access.actions"),
        ('access.decision in ["allow", "ask", "deny", "hidden"]', "always-holds", "access.decision"),
        ("access.transitive || !access.transitive", "always-holds", "access.transitive"),
        ("access.tool == access.tool", "always-holds", "access.tool"),
        ('access.decision != "allow" || access.decision != "ask"', "always-holds", "access.decision"),
        ("access.actions.all(a, a != 'read' || a != 'list')", "always-holds", "access.actions"),
        ('access.decision == "allow" && access.decision != "deny"', "idle-part", 'access.decision != "deny"'),
        (
            "access.transitive || (access.transitive && access.universal)",
            "idle-part",
            "access.transitive && ",
        ),
        ("access.transitive ? access.transitive : false", "", ""),
        ('access.actions.exists(a, a == "read" || a == "read")', "idle-part", 'a == "read")'),
        ('access.tool == "x" && access.tool != "y"', "idle-part", 'access.tool != "y"'),
        ('access.tool == "x" || access.tool == "y"', "", ""),
        ('access.actions.exists(a, a == "read") && access.actions.exists(a, a == "write")', "", ""),
        ("access.actions.exists(a, a in params.labels) && access.transitive", "", ""),
    ],
)
def test_what_can_only_go_one_way_is_found(tmp_path: Path, where: str, rule: str, part: str) -> None:
    text = POLICY.split("  variables:")[0].replace("  params: {labels: [production]}\n", "")
    if "params" in where:
        text = POLICY.split("  variables:")[0]
    text += f"  where: >-\n    {where}\n  message: m\n  why: w\n  fix: Change the rule.\n"
    (tmp_path / "silent-change.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "silent-change.test.yaml").write_text(TESTS, encoding="utf-8")
    found = lint([tmp_path], {})
    assert [one.rule for one in found] == ([rule] if rule else [])
    if rule and part:
        assert found[0].mistake.excerpt[found[0].mistake.column - 1 :].startswith(part), str(found[0])


def test_variables_are_looked_through(tmp_path: Path) -> None:
    (found,) = linted(tmp_path, "&& variables.labelled", "&& variables.labelled && !variables.labelled")
    assert (found.rule, found.mistake.line) == ("never-holds", 9)
    (found,) = linted(tmp_path, "l in params.labels", "l in params.labels && (true || l == '')")
    assert (found.rule, found.mistake.line) == ("idle-part", 8)


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        (TESTS.replace("expect: []", "expect: [{subject: y}]"), "no case expects `[]`"),
        (TESTS.replace("[{subject: x}]", "[]"), "no case expects a finding"),
        (TESTS.replace("name: b", "todo: true, name: b"), "no case expects `[]`"),
        (TESTS.replace("expect: []", "expct: []"), "`expct` is no key of cases.1"),
    ],
)
def test_tests_that_would_notice_nothing(tmp_path: Path, tests: str, message: str) -> None:
    assert any(message in one.mistake.message for one in linted(tmp_path, tests=tests))


def test_a_policy_without_tests(tmp_path: Path) -> None:
    linted(tmp_path)
    (tmp_path / "silent-change.test.yaml").unlink()
    (found,) = lint([tmp_path], {})
    assert found.rule == "missing-test"
    assert found.mistake.message == "it has no tests: there is no silent-change.test.yaml beside it"


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    linted(tmp_path)
    for name in ("b.yaml", "b.test.yaml"):
        (tmp_path / name).write_text(TESTS if "test" in name else POLICY, encoding="utf-8")
    (found,) = lint([tmp_path], {})
    assert found.rule == "duplicate-id"
    assert Path(found.mistake.file).name == "silent-change.yaml"
    assert [one.rule for one in lint([tmp_path / "b.yaml"], {"silent-change": "x"})] == ["duplicate-id"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linted(tmp_path)
    assert run(["policy", "lint", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Nothing to say.\n"
    linted(tmp_path, "AC-6", "AC6")
    assert run(["policy", "lint", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "silent-change.yaml:3:67: NIST SP 800-53 Rev. 5 has no item `AC6` (unknown-control)" in out
    assert run(["policy", "lint", "--format", "json", str(tmp_path)]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["rule"], row["line"], row["column"]) == ("unknown-control", 3, 67)


ATOMS = ("server.builtin", "server.local_only", 'server.transport == "http"', 'server.transport == "sse"')
FORMULAS = st.recursive(
    st.sampled_from((*ATOMS, "true")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("&&", "||")), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=6,
)


@given(FORMULAS)
def test_the_logic_agrees_with_all_cases(text: str) -> None:
    scope = {"server": Field("server", "Server", repeated=False, nullable=False, doc="")}
    outcomes = {
        Expression("server", text).holds({"builtin": a, "local_only": b, "transport": c}, "2026-11-22")
        for a in (True, False)
        for b in (True, False)
        for c in ("http", "sse", "stdio")
    }
    logic, tree = Logic(scope, {}), parse("server", text)
    assert logic.never([(tree, True)]) is (True not in outcomes)
    assert logic.never([(tree, False)]) is (False not in outcomes)
