"""Conditions: every mistake is found at load, and what is not known is never taken for a value."""

import pytest

from mcpaudit.model.configuration import Param
from mcpaudit.model.resource import Resource
from mcpaudit.policy.checking import check
from mcpaudit.policy.expansion import expand
from mcpaudit.policy.expression import UNLISTED, Conditions, Expression, Undecided
from mcpaudit.policy.trees import resource_tree


@pytest.mark.parametrize(
    ("subject", "text", "line", "column", "message", "hint"),
    [
        ("conflict", 'conflict.kin == "bypass"', 1, 10, "Conflict has no field `kin`", "kind"),
        ("conflict", 'conflic.kind == "bypass"', 1, 1, "`conflic` is not defined here", "conflict"),
        (
            "conflict",
            'conflict.roles.exists(r, r.serverr == "x")',
            1,
            28,
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
        ("conflict", 'conflict.resource.inside("x")', 1, 19, "`inside` is not defined here", ""),
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


def holds(text: str, tree: dict, **params: Param) -> object:
    outcome = Expression("server", expand(text, params, {})).holds({"id": "npm:a", **tree}, "2026-11-22")
    return outcome.reason if isinstance(outcome, Undecided) else outcome


@pytest.mark.promise("unseen")
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
    undecided = "`name` is not known here: not all of `tools` is known"
    assert holds('server.tools.exists(t, t.name == "a")', partial) is True
    assert holds('server.tools.exists(t, t.name == "b")', partial) == undecided
    assert holds('server.tools.all(t, t.name == "b")', partial) is False
    assert holds('server.tools.all(t, t.name == "a")', partial) == undecided


@pytest.mark.promise("unseen")
def test_the_reason_tells_an_unknown_field_from_a_list_that_is_known_in_part() -> None:
    text = "server.tools.exists(t, t.shell && t.name == params.n)"
    unknown = {"tools": [{"name": "a"}, UNLISTED]}
    assert holds(text, unknown, n="a") == "`shell` is not known here"
    assert (
        holds(text, {"tools": [UNLISTED]}, n="a") == "`shell` is not known here: not all of `tools` is known"
    )


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


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("server.tools.map(t, t).size() > 0", 21, "`map` makes lists of texts"),
        ("server.tools.exists(t, [t.name] == [server.name])", 24, "a list holds plain values only"),
        ('server.tools.exists(t, t.name + t.name == "x")', 31, "only numbers are added"),
        ("server.tools.exists(t, t in server.tools)", 26, "not compared as a whole"),
        ("server.package == server.package", 16, "not compared as a whole"),
        ("server.tools.exists(server, server.shell)", 1, "`server` has a meaning already"),
        ("{1: server.builtin}[1]", 1, "messages and maps cannot be made"),
        ("server.builtin || " * 300 + "true", 1, "longer than 4000 characters"),
        ("(" * 40 + "true" + ")" * 40, 1, "nested too deeply"),
    ],
)
def test_what_could_take_unbounded_time_or_memory_is_refused(text: str, column: int, message: str) -> None:
    problems = check("server", text, {})
    assert (problems[0].line, problems[0].column) == (1, column)
    assert message in problems[0].message


def test_a_condition_that_goes_through_too_much_decides_nothing() -> None:
    names = {"providers": [str(number) for number in range(300)]}
    text = 'server.providers.exists(a, server.providers.exists(b, a == ""))'
    assert holds(text, names) == "it goes through more list elements than one condition may"


def test_params_and_variables_are_written_into_conditions_and_nowhere_else() -> None:
    text = 'variables.b && x.params.a == "params.a" // params.a'
    variables = {"a": "params.a > 1 // more", "b": "variables.a || variables.c"}
    params = {"a": -3, "t": 'q"', "l": ("x", "y"), "f": True}
    assert expand(text, params, variables).replace("\n", "") == (
        '(((-3) > 1 // more) || variables.c) && x.params.a == "params.a" // params.a'
    )
    assert (
        expand("params.t + params.l + params.f + params.z", params, {})
        == '"q\\"" + ["x", "y"] + true + params.z'
    )


def test_variables_that_grow_without_end_are_refused() -> None:
    variables = {"v0": "server.builtin"}
    for number in range(1, 20):
        variables[f"v{number}"] = " || ".join([f"variables.v{number - 1}"] * 10)
    (problem,) = check("server", "variables.v19", {}, variables)
    assert "longer than 50000 characters" in problem.message


def test_conditions_are_decided_as_if_each_were_alone() -> None:
    texts = [f'server.name == "{number}"' for number in range(40)] + ["server.local_only", "true", "false"]
    for tree in ({"name": "7"}, {"name": "x", "local_only": True}, {"name": "39", "local_only": False}, {}):
        alone = {
            index: outcome
            for index, text in enumerate(texts)
            if (outcome := Expression("server", text).holds(tree, "2026-11-22")) is not False
        }
        assert dict(Conditions("server", texts).outcomes(tree, "2026-11-22")) == alone


def test_conditions_remember_only_what_they_read() -> None:
    together = Conditions("server", ['server.name == "a" && !server.local_only'])

    def found(tree: dict, as_of: str = "2026-11-22") -> list[object]:
        return [outcome for _, outcome in together.outcomes(tree, as_of)]

    assert found({"name": "a", "local_only": False}) == [True]
    assert found({"name": "a", "local_only": True}) == []
    assert found({"name": "b"}) == []
    (undecided,) = found({"name": "a", "owner": "x"})
    assert isinstance(undecided, Undecided)
    assert found({"name": "a", "owner": "y"}) == [undecided]
    assert found({"name": "a", "local_only": False}, "2026-11-23") == [True]


def test_patterns_are_asked_in_the_quickest_way_that_means_the_same() -> None:
    def written(text: str, **params: Param) -> str:
        return expand(text, params, {})

    assert written('!a.r.within("sql:x/**")') == '!(a.r.provider == "sql" && a.r.resource.within("sql:x/**"))'
    assert written("r.within(params.p)", p="sql:**") == '(r.provider == "sql" && r.resource.within("sql:**"))'
    assert written('r.overlaps("*:**")') == 'r.resource.overlaps("*:**")'
    assert written("l.exists(p, r.within(p))") == "l.exists(p, r.resource.within(p))"
    same = '"r.within(\\"sql:x\\")" != "" // r.within("sql:x")'
    assert written(same) == same


def test_a_resource_that_is_no_plain_path_can_be_asked_too() -> None:
    tree = {"accesses": [{"resource": resource_tree(Resource("sql", "db:1", "database", ("x",)), [])}]}
    assert holds('server.accesses[0].resource.within("sql:**")', tree) is True
    assert holds('(server.accesses[0].resource).overlaps("google:**")', tree) is False
