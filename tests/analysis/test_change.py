"""Access, conflicts and flows gained and lost between two states: by what can be done, not by text."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.analysis.change import difference
from mcpaudit.analysis.facts import Facts
from mcpaudit.model.fact import Change, Difference
from tests.installation import facts_of, saved, servers

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
FETCH = {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}


def files(*roots: str) -> dict[str, Any]:
    return {"command": "npx", "args": ["-y", FILES, *roots]}


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def two(tmp_path: Path, before: Any, after: Any, old: Any = None, new: Any = None) -> tuple[Facts, Facts]:
    first = facts_of(tmp_path / "state", before, old)
    # Both lie at one place, as two states of one machine do.
    shutil.rmtree(tmp_path / "state")
    return first, facts_of(tmp_path / "state", after, new)


def compared(before: Facts, after: Facts) -> Difference:
    return difference(before, after)


def changes(before: Facts, after: Facts) -> tuple[Change, ...]:
    return compared(before, after).changes


def told(tmp_path: Path, before: Any, after: Any, old: Any = None, new: Any = None) -> list[tuple[str, str]]:
    found = changes(*two(tmp_path, before, after, old, new))
    return [(one.kind, one.resource) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["/"], ["/srv"], [("lost", "local:host/file")]),
        (["/srv"], ["/"], [("gained", "local:host/file")]),
        (
            ["/data"],
            ["/database"],
            [("gained", "local:host/file/database"), ("lost", "local:host/file/data")],
        ),
        (["/srv"], ["/srv", "/srv/a"], []),
        (["/srv", "/var"], ["/var", "/srv"], []),
        (["/srv"], [], [("gained", "local:host/file")]),
    ],
)
def test_roots(tmp_path: Path, before: list[str], after: list[str], expected: list[tuple[str, str]]) -> None:
    assert told(tmp_path, desktop(files=files(*before)), desktop(files=files(*after))) == expected


def test_another_name_or_server_for_the_same_access_is_no_change(tmp_path: Path) -> None:
    assert told(tmp_path, desktop(files=files("/srv")), desktop(docs=files("/srv"))) == []


def test_a_new_tool_that_writes_is_a_gain(tmp_path: Path) -> None:
    crm = desktop(crm={"command": "node", "args": ["/srv/crm.js"]})
    old, new = ({"crm": saved(*names)} for names in (["get_file"], ["get_file", "delete_file"]))
    (one,) = changes(*two(tmp_path, crm, crm, old, new))
    assert (one.kind, one.actions, one.tools) == ("gained", frozenset({"delete"}), ("delete_file",))


@pytest.mark.parametrize(
    ("before", "after", "kind", "verdict"),
    [
        ({"ask": ["mcp__web"]}, {"allow": ["mcp__web"]}, "looser", "allow"),
        ({"allow": ["mcp__web"]}, {"ask": ["mcp__web"]}, "stricter", "ask"),
        ({"allow": ["mcp__web"]}, {"deny": ["mcp__web"]}, "lost", "allow"),
    ],
)
def test_decisions(tmp_path: Path, before: Any, after: Any, kind: str, verdict: str) -> None:
    def state(rules: Any) -> Any:
        denied = [*rules.get("deny", []), "WebFetch", "WebSearch", "Bash"]
        rules = {**rules, "deny": denied}
        return {
            ".mcp.json": servers(web=FETCH),
            ".claude/settings.json": {"permissions": rules},
            "~/.claude.json": {},
        }

    found = changes(*two(tmp_path, state(before), state(after)))
    assert [(one.kind, one.verdict, one.resource) for one in found] == [(kind, verdict, "web:internet/http")]
    assert found[0].witness


def test_a_resource_that_may_be_the_same_makes_the_gain_possible(tmp_path: Path) -> None:
    def store(dsn: str) -> Any:
        entry = {"command": "uvx", "args": ["postgres-mcp==0.3.0"], "env": {"DATABASE_URI": dsn}}
        return desktop(db=entry)

    found = changes(
        *two(tmp_path, store("postgresql://a@$DB_HOST:5432/x"), store("postgresql://a@db.example:5432/x"))
    )
    assert {one.certainty for one in found if one.kind == "gained"} == {"possible"}


def test_a_server_that_completes_a_flow(tmp_path: Path) -> None:
    seen = compared(*two(tmp_path, desktop(files=files("/srv")), desktop(files=files("/srv"), web=FETCH)))
    begun = {one.kind: one for one in seen.facts if one.how == "begins"}
    assert set(begun) == {"trifecta", "rule-of-two"}
    assert begun["trifecta"].agent == "claude-desktop"
    assert set(begun["trifecta"].joined) == {"files", "web"}
    back = compared(
        *two(tmp_path / "back", desktop(files=files("/srv"), web=FETCH), desktop(files=files("/srv")))
    )
    assert {one.how for one in back.facts} == {"ends"}


def test_a_flow_that_goes_on_with_one_server_more(tmp_path: Path) -> None:
    both = {"files": files("/srv"), "web": FETCH}
    sentry = {"command": "npx", "args": ["-y", "@sentry/mcp-server@0.36.0"]}
    more = {"errors": saved("get_event")}
    seen = compared(*two(tmp_path, desktop(**both), desktop(**both, errors=sentry), None, more))
    assert {(one.how, one.joined, one.left) for one in seen.facts if one.kind == "trifecta"} == {
        ("changes", ("errors",), ())
    }


def test_conflicts_over_one_resource_name_the_party_that_they_share_once(tmp_path: Path) -> None:
    shells = {name: {"command": "npx", "args": ["-y", "@wonderwhy-er/desktop-commander"]} for name in "ab"}
    seen = compared(*two(tmp_path, desktop(), desktop(files=files("/srv"), **shells)))
    (bypass,) = [one for one in seen.facts if one.kind == "bypass"]
    assert bypass.sentence.count("`files` is confined to") == 1
    assert "`a` lets" in bypass.sentence
    assert "`b` lets" in bypass.sentence


def test_nothing_changes_in_the_same_state(tmp_path: Path) -> None:
    both = desktop(files=files("/srv"), web=FETCH)
    seen = compared(*two(tmp_path, both, both))
    assert (seen.changes, seen.facts) == ((), ())
