"""Judging: statuses, one finding a cause, messages, fingerprints."""

import json
from dataclasses import replace
from pathlib import Path

from mcpaudit.model.finding import Finding, PolicyRun
from mcpaudit.policy.evaluate import evaluate, fill, fingerprint
from mcpaudit.policy.policy import Policy
from mcpaudit.policy.subjects import Subjects
from tests.installation import Files, facts_of, npx, saved, servers

POLICY = Policy(
    id="p",
    title="P",
    severity="low",
    subject="server",
    where="!server.builtin",
    message="{server.name}",
    why="",
    fix="",
    controls=(),
    params={},
    file="p.yaml",
    pack="",
)
FS = "@modelcontextprotocol/server-filesystem@2026.8.31"
CRM: Files = {".mcp.json": servers(crm={"command": "node", "args": ["/srv/crm.js"]})}


def judge(
    folder: Path, files: Files, subject: str, where: str, manifests: Files | None = None, **more: object
) -> tuple[list[Finding], PolicyRun]:
    policy = replace(POLICY, subject=subject, where=where, message=more.pop("message", "x"))
    facts = facts_of(folder, files, manifests, **more)
    findings, (run,) = evaluate([policy], Subjects(facts), "2026-11-22")
    return findings, run


def statuses(folder: Path, files: Files, subject: str, where: str, **more: object) -> dict[str, str]:
    return {one.subject: one.status for one in judge(folder, files, subject, where, **more)[0]}


def test_nothing_to_judge_is_no_pass(tmp_path: Path) -> None:
    findings, run = judge(tmp_path, CRM, "excess", "true")
    assert (findings, run.population, run.findings) == ([], 0, 0)


def test_the_population_counts_what_was_judged(tmp_path: Path) -> None:
    _, run = judge(tmp_path, CRM, "server", "server.builtin")
    assert (run.population, run.findings) == (2, 1)


def test_a_server_without_a_manifest_leaves_questions_about_its_tools_open(tmp_path: Path) -> None:
    where = '!server.builtin && server.tools.exists(t, t.name == "x")'
    findings, _ = judge(tmp_path, CRM, "server", where)
    assert [(one.status, one.certainty, one.reason) for one in findings] == [
        ("inconclusive", "unknown", "`name` is not known here: not all of `tools` is known")
    ]
    assert statuses(tmp_path, CRM, "server", where, manifests={"crm": saved("x")}) == {
        "path:/srv/crm.js": "fail"
    }
    assert statuses(tmp_path, CRM, "server", where, manifests={"crm": saved("y")}) == {}


def test_an_uncertain_subject_is_possible(tmp_path: Path) -> None:
    files = {".cursor/mcp.json": servers(files=npx(FS, "./data"))}
    found = judge(tmp_path, files, "conflict", 'conflict.kind == "bypass"')[0]
    assert [(one.status, one.certainty) for one in found] == [("possible", "possible")]


def test_the_decision_of_an_unknown_client_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(
        '{"mcpServers": {"crm": {"command": "node", "args": ["/srv/crm.js"]}}}'
    )
    more = {"manifests": {"crm": saved("delete_it")}, "given": tmp_path / "mine.json"}
    asks = 'tool.decisions.exists(d, d.verdict == "allow")'
    assert statuses(tmp_path, {}, "tool", asks, **more) == {"path:/srv/crm.js delete_it": "inconclusive"}
    assert set(statuses(tmp_path, {}, "access", 'access.decision == "allow"', **more).values()) == {
        "inconclusive"
    }
    assert statuses(tmp_path, {}, "agent", "agent.silent_tools == 0", **more) == {"file": "inconclusive"}


def test_whether_an_unknown_client_asks_before_a_way_round_is_not_known(tmp_path: Path) -> None:
    entries = servers(files=npx(FS, "/srv/data"), desk=npx("@wonderwhy-er/desktop-commander@0.2.51"))
    (tmp_path / "mine.json").write_text(json.dumps(entries))
    more = {"given": tmp_path / "mine.json"}
    around = 'conflict.kind == "bypass"'
    assert len(statuses(tmp_path, {}, "conflict", around, **more)) == 1
    found = statuses(tmp_path, {}, "conflict", f"{around} && conflict.silent", **more)
    assert list(found.values()) == ["inconclusive"]


def test_one_cause_in_two_agents_is_one_finding(tmp_path: Path) -> None:
    files = {
        ".mcp.json": servers(files=npx(FS, "/")),
        ".cursor/mcp.json": servers(files=npx(FS, "/")),
    }
    (found,) = judge(tmp_path, files, "installation", "installation.broad_roots.size() > 0")[0]
    assert found.agents == ("claude-code", "cursor")
    assert [place.file for place in found.places] == [".mcp.json", ".cursor/mcp.json"]


def test_a_fingerprint_is_made_of_policy_and_subject_alone() -> None:
    assert fingerprint("p", "s") == fingerprint("p", "s")
    assert len({fingerprint("p", "s"), fingerprint("q", "s"), fingerprint("p", "t")}) == 3


def test_findings_come_worst_first(tmp_path: Path) -> None:
    policies = [replace(POLICY, id="a"), replace(POLICY, id="b", severity="critical")]
    findings, runs = evaluate(policies, Subjects(facts_of(tmp_path, CRM)), "2026-11-22")
    assert [one.policy for one in findings] == ["b", "a"]
    assert [run.policy for run in runs] == ["a", "b"]


def test_the_day_is_known(tmp_path: Path) -> None:
    assert len(statuses(tmp_path, CRM, "server", 'as_of == "2026-11-22"')) == 2


def test_a_message_names_the_rule_that_has_to_change(tmp_path: Path) -> None:
    files = {".claude/settings.json": {"permissions": {"allow": ["Bash"]}}}
    (found,) = judge(tmp_path, files, "access", 'access.rule == "Bash"')[0]
    assert [str(place) for place in found.places] == [".claude/settings.json / permissions / allow / 0"]


def test_a_message_shows_variables(tmp_path: Path) -> None:
    variables = {
        "names": "server.tools.map(t, t.name)",
        "many": "size(variables.names)",
        "half": "double(variables.many) / 2.0",
        "when": 'timestamp("2026-11-22T00:00:00Z")',
        "unknown": "server.local_only",
    }
    policy = replace(
        POLICY,
        where='server.name == "crm"',
        message="; ".join(f"{{variables.{name}}}" for name in variables),
        variables=variables,
    )
    facts = facts_of(tmp_path, CRM, {"crm": saved("b", "a")})
    (found,), _ = evaluate([policy], Subjects(facts), "2026-11-22")
    names, many, half, when, _ = found.message.split("; ")
    assert (set(names.split(" and ")), many, half) == ({"a", "b"}, "2", "1.0")
    assert when.startswith("2026-11-22")


def test_messages() -> None:
    tree = {
        "name": "n",
        "flag": True,
        "count": 3,
        "actions": ["list", "read"],
        "agents": ["a", "b", "c"],
        "many": ["a", "b", "c", "d", "e"],
        "none": [],
        "null": None,
        "thing": {"id": "t:1"},
        "roles": [{"name": "r"}],
        "later": lambda: [{"name": "l"}],
    }

    def shown(path: str) -> str:
        return fill(f"{{server.{path}}}", POLICY, tree, str, {"a": "Agent A"})

    assert shown("name") == "n"
    assert (shown("flag"), shown("count")) == ("yes", "3")
    assert (shown("actions"), shown("agents")) == ("list and read", "Agent A, b and c")
    assert shown("many") == "a, b, c and 2 more"
    assert shown("none") == "none"
    assert (shown("null"), shown("missing"), shown("name.deeper")) == ("(not known)",) * 3
    assert (shown("thing"), shown("thing.id"), shown("roles"), shown("later")) == ("t:1", "t:1", "r", "l")
    told = fill("{params.max} {other} {A}", replace(POLICY, params={"max": 8}), tree, str, {})
    assert told == "8 (not known) {A}"
