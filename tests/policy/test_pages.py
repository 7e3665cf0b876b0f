"""Pages about policies and fields, in Markdown and for the terminal."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import yaml

from mcpaudit.cli.main import run as command
from mcpaudit.model.access import EdgeKind
from mcpaudit.model.action import ACTIONS
from mcpaudit.policy import fields
from mcpaudit.policy.checking import check
from mcpaudit.policy.controls import frameworks
from mcpaudit.policy.pages import FUNCTIONS, field_page, policy_page, policy_pages
from mcpaudit.policy.policy import shipped
from mcpaudit.policy.terms import terms
from mcpaudit.policy.validation import SCHEMAS

DOCS = Path(__file__).parent.parent.parent / "docs"
UNKNOWN = "mcpaudit: there is no policy, pack, field, function, fact, edge, action, control or client"
AGAIN = "out of date: run `python3 tools/dev.py gen`"


def test_the_pages_in_docs_are_up_to_date() -> None:
    pages = policy_pages()
    assert {path.name for path in (DOCS / "policies").iterdir()} == set(pages), AGAIN
    for name, text in pages.items():
        assert (DOCS / "policies" / name).read_text(encoding="utf-8") == text, AGAIN
    assert (DOCS / "policy-fields.md").read_text(encoding="utf-8") == field_page(), AGAIN


def test_a_page_tells_everything_of_its_policy() -> None:
    pages = policy_pages()
    for policy in shipped():
        page = pages[f"{policy.id}.md"]
        for part in (policy.title, policy.id, policy.severity, policy.message, policy.why, policy.fix):
            assert part in page
        assert all(line in page for line in policy.where.splitlines())
        assert all(f"- `{name}`: " in page for name in policy.params)
        assert "## Example" in page
        assert f"[{policy.id}]({policy.id}.md) | {policy.severity} |" in pages["index.md"]


def test_controls_carry_the_name_of_their_framework() -> None:
    assert "- NIST SP 800-53 Rev. 5: AC-6, Least Privilege\n" in policy_pages()["silent-root-bypass.md"]


def test_the_table_of_fields_names_each_field_and_function() -> None:
    page = field_page()
    for message in fields.table().values():
        assert f"## {message.name}\n" in page
        assert all(f"| `{name}` | " in page for name in message.fields)
    assert all(f"| `{signature}` | " in page for signature, _ in FUNCTIONS.values())


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("within", 'server.accesses.exists(a, a.resource.within("sql:**"))'),
        ("overlaps", 'server.accesses.exists(a, a.resource.overlaps("sql:**"))'),
        ("globMatches", 'server.id.globMatches("npm:*")'),
        ("changes", "server.accesses.exists(a, a.actions.changes())"),
    ],
)
def test_the_functions_that_are_described_are_there(name: str, call: str) -> None:
    assert name in FUNCTIONS
    assert len(FUNCTIONS) == 4
    assert check("server", call, {}) == []


def test_pages_of_policies_of_your_own(tmp_path: Path) -> None:
    source = shipped()[0]
    text = yaml.safe_dump(
        {
            "apiVersion": "mcpaudit/v1",
            "kind": "Policy",
            "metadata": {"id": "ours", "title": "A | B", "severity": "low"},
            "spec": {"for": "gap", "where": "true", "message": "M", "why": "W.", "fix": "F."},
        }
    )
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")
    assert command(["policy", "docs", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.md", "ours.md"}
    assert "| low | A \\| B |" in (tmp_path / "out" / "index.md").read_text(encoding="utf-8")
    assert source.title not in (tmp_path / "out" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*SCHEMAS, "lock"])
def test_schemas_are_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["policy", "schema", name]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_all_schemas_are_written(tmp_path: Path) -> None:
    assert command(["policy", "schema", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.schema.json" for name in (*SCHEMAS, "lock")
    }
    assert command(["policy", "schema"]) == 2


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = command(["explain", *words])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def test_explain_a_policy(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(capsys, "too-many-servers")
    assert code == 0
    assert out.startswith("LOW An agent has many servers\n")
    assert "agent.installed > params.max" in out
    assert "max: 8" in out
    assert "NIST SP 800-53 Rev. 5: CM-7" in out


@pytest.mark.parametrize("name", [policy.id for policy in shipped()])
def test_no_line_of_a_page_is_too_long(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert max(map(len, explained(capsys, name)[1].splitlines())) <= 80


def test_explain_what_policies_can_speak_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "conflict.restricted.actions")[1].splitlines() == [
        "conflict.restricted.actions (list of string)",
        "    What it may do: `list`, `read`, `create`, `write`, `delete`, `share`,",
        "    `admin`, `execute`, `send`.",
    ]
    subject = explained(capsys, "conflict")[1]
    assert subject.startswith("conflict: Permissions of two routes")
    assert "conflict.silent (bool)\n" in subject
    assert "    .verdict (string): " in explained(capsys, "conflict.restricted")[1]
    assert "`bypass`, `decision`" in explained(capsys, "conflict.kind")[1]
    assert explained(capsys, "within")[1].startswith("resource.within(pattern): ")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("root-bypas", "root-bypass"),
        ("conflict.restricted.action", "conflict.restricted.actions"),
        ("conflct", "conflict"),
        ("withn", "within"),
        ("conflct.kind", "conflict.kind"),
        ("claud-code", "claude-code"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = explained(capsys, name)
    assert (code, out) == (2, "")
    assert err == f"{UNKNOWN} `{name}`; did you mean `{near}`?\n"


def test_a_name_like_no_other_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "qqqqqq")[2] == f"{UNKNOWN} `qqqqqq`\n"


def test_every_kind_of_fact_edge_and_action_is_explained() -> None:
    kinds = {"conflict": "Conflict", "flow": "Flow", "excess": "Excess"}
    named = {
        kind: {one.name for one in terms().values() if one.kind == kind}
        for kind in (*kinds, "edge", "action")
    }
    for kind, message in kinds.items():
        assert named[kind] == set(fields.table()[message].fields["kind"].values)
    assert named["edge"] == set(get_args(EdgeKind))
    assert named["action"] == set(ACTIONS)


def test_explain_a_fact_an_edge_and_an_action(capsys: pytest.CaptureFixture[str]) -> None:
    fact = explained(capsys, "bypass")[1]
    assert fact.startswith("bypass: a kind of conflict, which is a fact")
    assert "WHAT IS NOT ONE" in fact
    assert "  silent-root-bypass: A root is gone round" in fact
    assert "  excess-scope" not in fact
    assert explained(capsys, "acts-on")[1].startswith("acts-on: a kind of edge")
    assert "It does not count as a change" in explained(capsys, "send")[1]
    assert "It counts as a change" in explained(capsys, "write")[1]


def test_explain_a_control(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(capsys, "nist-800-53:AC-6")
    assert (code, out.splitlines()[0]) == (0, "NIST SP 800-53 Rev. 5: AC-6, Least Privilege")
    assert "  silent-shell: Commands run without asking\n" in out
    assert explained(capsys, "AC-6")[1] == out
    assert "nist-800-53:AC-6 Least Privilege" in explained(capsys, "nist-800-53")[1]
    assert "not checked against" in explained(capsys, "pci-dss:8.6.3")[1]
    assert "CWE: CWE-488, (title not known here)" in explained(capsys, "cwe:CWE-488")[1]
    assert "did you mean `nist-800-53:AC-6`" in explained(capsys, "nist-800-5:AC-6")[2]


def test_every_item_has_the_form_of_its_framework() -> None:
    for framework in frameworks().values():
        for item in framework.items:
            assert not framework.form or re.fullmatch(framework.form, item), f"{framework.id}:{item}"


def test_explain_a_policy_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "examples" / "logistics"
    assert "judges each access" in explained(capsys, "silent-production-change", str(example))[1]


def test_variables_have_their_place_on_a_page() -> None:
    policy = replace(shipped()[0], variables={"loud": "!access.universal"})
    assert "`variables.loud`\n\n```cel\n!access.universal\n```" in policy_page(policy)
