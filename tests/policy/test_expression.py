"""Conditions: every mistake is found at load, and what is not known is never taken for a value."""

import pytest

from mcpaudit.model.resource import Resource
from mcpaudit.policy.expression import UNLISTED, Condition, Undecided, check
from mcpaudit.policy.trees import resource_tree


@pytest.mark.parametrize(
    ("subject", "text", "line", "column", "message", "hint"),
    [
        ("conflict", 'conflict.kin == "bypass"', 1, 9, "Conflict has no field `kin`", "kind"),
        ("conflict", 'conflic.kind == "bypass"', 1, 8, "`conflic` is not defined here", "conflict"),
        (
            "conflict",
            'conflict.roles.exists(r, r.serverr == "x")',
            1,
            27,
            "Role has no field `serverr`",
            "server",
        ),
        ("conflict", 'conflict.kind == "bypas"', 1, 19, "`conflict.kind` is never `bypas`", "bypass"),
        ("conflict", '"bypas" == conflict.kind', 1, 2, "`conflict.kind` is never `bypas`", "bypass"),
        ("conflict", 'conflict.kind in ["bypass", "identiy"]', 1, 30, "is never `identiy`", "identity"),
        ("conflict", 'conflict.roles.exists(r, r.how == "rot")', 1, 36, "`r.how` is never `rot`", "root"),
        ("conflict", "conflict.silent &&\nconflict.kind == 3", 2, 15, "applied to '(string, int)'", ""),
        ("agent", 'agent.installed > "3"', 1, 17, "applied to '(int, string)'", ""),
        ("server", 'server.trusted == "no"', 1, 16, "applied to '(wrapper(bool), string)'", ""),
        ("agent", "agent.installed > params.mx", 1, 26, "the policy has no param `mx`", "max"),
        ("conflict", "conflict.kind", 1, 1, "a condition is true or false, but this is STRING", ""),
        ("conflict", "conflict.silent &&", 1, 19, "Syntax error", ""),
        ("conflict", 'conflict.resource.within("nonsense")', 1, 27, "starts with a provider", ""),
        ("conflict", 'conflict.resource.inside("x")', 1, 25, "`inside` is not defined here", ""),
    ],
)
def test_a_mistake_is_found_where_it_stands(
    subject: str, text: str, line: int, column: int, message: str, hint: str
) -> None:
    (problem,) = check(subject, text, {"max": 8})
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("server", "server.trusted == false"),
        ("server", "server.trusted == null"),
        ("agent", "agent.installed > params.max"),
        ("conflict", 'conflict.resource.overlaps("google:**/calendar.event/**")'),
        ("conflict", "conflict.restricted.actions.changes()"),
        ("server", 'server.id.globMatches("npm:@acme/*")'),
        ("agent", 'agent.servers.all(s, s.tools.exists(t, t.decisions.exists(d, d.verdict == "allow")))'),
        ("credential", "credential.expires != null && credential.expires < as_of"),
        ("rule", 'rule.pattern == "bypas"'),
    ],
)
def test_what_is_right_is_accepted(subject: str, text: str) -> None:
    assert check(subject, text, {"max": 8}) == []


def holds(text: str, tree: dict, **params: object) -> object:
    outcome = Condition("server", text).holds({"id": "npm:a", **tree}, params, "2026-11-22")
    return outcome.reason if isinstance(outcome, Undecided) else outcome


def test_an_unknown_field_decides_nothing() -> None:
    assert holds("server.local_only", {}) == "`local_only` is not known here"
    assert holds("!server.local_only", {}) == "`local_only` is not known here"
    assert holds("server.local_only", {"local_only": False}) is False


def test_an_unknown_field_does_not_matter_where_the_answer_is_the_same() -> None:
    assert holds("server.local_only && server.builtin", {"builtin": False}) is False
    assert holds("server.local_only || server.builtin", {"builtin": True}) is True
    assert holds("server.local_only && server.builtin", {"builtin": True}) == "`local_only` is not known here"
    assert (
        holds("server.local_only || server.builtin", {"builtin": False}) == "`local_only` is not known here"
    )


def test_a_partial_list_decides_by_what_is_known() -> None:
    partial = {"tools": [{"name": "a"}, UNLISTED]}
    undecided = "`name` is not known here"
    assert holds('server.tools.exists(t, t.name == "a")', partial) is True
    assert holds('server.tools.exists(t, t.name == "b")', partial) == undecided
    assert holds('server.tools.all(t, t.name == "b")', partial) is False
    assert holds('server.tools.all(t, t.name == "a")', partial) == undecided


def test_a_whole_list_always_decides() -> None:
    whole = {"tools": [{"name": "a"}]}
    assert holds('server.tools.exists(t, t.name == "b")', whole) is False
    assert holds('server.tools.all(t, t.name == "a")', whole) is True


def test_null_is_a_value() -> None:
    assert holds("server.trusted == false", {"trusted": None}) is False
    assert holds("server.trusted == null", {"trusted": None}) is True


def test_params_are_lists_and_numbers() -> None:
    assert (
        holds("server.operations.exists(o, o in params.names)", {"operations": ["log"]}, names=("log",))
        is True
    )
    assert holds("params.max > 7", {}, max=8) is True


def test_a_large_part_is_worked_out_only_where_it_is_named() -> None:
    def never() -> list:
        raise AssertionError("nobody asked for it")

    assert holds("server.builtin", {"builtin": True, "tools": never}) is True
    assert holds('server.tools.exists(t, t.name == "a")', {"tools": lambda: [{"name": "a"}]}) is True


def test_the_functions() -> None:
    table = resource_tree(Resource("sql", "db.example:5432", "table", ("shop", "orders"), ("database",)), [])

    def about(text: str) -> object:
        tree = {"accesses": [{"resource": table, "actions": ["list", "send"]}]}
        return holds(f"server.accesses.exists(a, {text})", tree)

    assert about('a.resource.within("sql:db.example:5432/**")') is True
    assert about('a.resource.within("sql:other:5432/**")') is False
    assert about('a.resource.overlaps("sql:**")') is True
    # A single row lies in the table: they overlap, but the table is not within the row.
    assert about('a.resource.overlaps("sql:db.example:5432/shop/orders/1")') is True
    assert about('a.resource.within("sql:db.example:5432/shop/orders/1")') is False
    assert about('a.resource.overlaps("google:**")') is False
    assert about("a.actions.changes()") is False
    assert holds('server.id.globMatches("npm:*")', {}) is True
    assert holds('server.id.globMatches("pypi:*")', {}) is False


def test_a_pattern_from_params_that_cannot_be_read_decides_nothing() -> None:
    tree = {"accesses": [{"resource": resource_tree(Resource("sql", "db:1", "database", ("x",)), [])}]}
    text = "server.accesses.exists(a, params.patterns.exists(p, a.resource.within(p)))"
    assert holds(text, tree, patterns=("::",)) == "a value that it needs is not known here"
