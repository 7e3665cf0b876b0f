"""`mcpaudit diff` on real repositories: the access that a change gives and takes."""

from pathlib import Path
from typing import Any

import pytest

from tests.histories import (
    BASE,
    CRM,
    FETCH,
    SHELL,
    Diff,
    Files,
    commit,
    files,
    needs_git,
    own_server,
    roots,
    told,
)
from tests.installation import saved, servers

pytestmark = needs_git


def how(seen: Any, how: str = "new") -> set[str]:
    return {one["finding"]["policy"] for one in seen["findings"] if one["how"] == how}


def test_nothing_changes(diff: Diff) -> None:
    seen = diff(BASE, {"README.md": "x"}, "--fail-on-new-access", "--strict", code=0)
    assert (seen["verdict"], seen["access"], seen["findings"], seen["doubts"]) == ("passes", [], [], [])


def test_a_server_added_is_access_gained_with_its_place(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    (one,) = [one for one in seen["access"] if one["agent"] == "claude-code"]
    assert (one["kind"], one["name"], one["resource"]) == ("gained", "web", "web:internet/http")
    assert one["location"]["file"] == ".mcp.json"
    assert one["location"]["line"]
    assert one["sentence"].startswith("Claude Code ")
    assert one["witness"]


def test_a_server_removed_is_access_lost_and_resolves_its_findings(diff: Diff) -> None:
    seen = diff({".mcp.json": servers(shell=SHELL)}, {".mcp.json": servers(web=FETCH)}, code=0)
    assert "shell" in {name for name, _ in told(seen, "lost")}
    assert how(seen, "resolved")


def test_a_root_widened_and_narrowed(diff: Diff, repository: Path) -> None:
    wide = {".mcp.json": servers(files=files("/"))}
    seen = diff(BASE, wide, "--fail-on-new-access", code=1)
    assert ("files", "local:host/file") in told(seen)
    words = ("--fail-on-new-access", "--fail-on", "critical")
    back = diff.of("HEAD", "HEAD~1", *words, code=0)  # type: ignore[attr-defined]
    assert told(back) == set()
    assert ("files", "local:host/file") in told(back, "lost")


def test_a_server_renamed_with_the_same_identity_is_no_new_access(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": servers(documents=files("./data"))}, "--fail-on-new-access", code=0)
    assert (told(seen), told(seen, "lost")) == (set(), set())


def test_a_rule_moved_from_deny_to_allow(diff: Diff) -> None:
    def rules(effect: str) -> Files:
        return {".claude/settings.json": {"permissions": {effect: ["mcp__files__write_file"]}}}

    seen = diff({**BASE, **rules("deny")}, rules("allow"), "--fail-on-new-access=write", code=1)
    (one,) = [one for one in seen["access"] if one["counted"] and one["agent"] == "claude-code"]
    assert (one["before"], one["after"], one["tools"]) == ("ask", "allow", ["write_file"])
    assert "without asking" in one["sentence"]
    assert one["location"]["file"] == ".claude/settings.json"


def test_a_selector_counts_only_what_it_describes(diff: Diff) -> None:
    change = {".mcp.json": servers(files=files("./data"), web=FETCH)}
    assert not [one for one in diff(BASE, change, "--fail-on-new-access=sql:**")["access"] if one["counted"]]
    of = diff.of  # type: ignore[attr-defined]
    seen = of("HEAD~1", "HEAD", "--fail-on-new-access=web:**", "--fail-on-new-access=delete", code=1)
    assert {one["name"] for one in seen["access"] if one["counted"]} == {"web"}


def test_a_label_of_the_base_selects_though_the_change_takes_it_away(diff: Diff) -> None:
    labelled = 'apiVersion: mcpaudit/v1\nresources:\n  - {match: "web:**", labels: [production]}\n'
    change = {".mcp.json": servers(web=FETCH), "mcpaudit.yaml": "apiVersion: mcpaudit/v1\n"}
    seen = diff({**BASE, "mcpaudit.yaml": labelled}, change, "--fail-on-new-access=production", code=1)
    assert [one["labels"] for one in seen["access"] if one["counted"]]


def test_an_unknown_selector_is_a_mistake(diff: Diff) -> None:
    assert "did you mean `delete`" in diff(BASE, {}, "--fail-on-new-access=delet", code=2)


def test_an_unknown_server_is_not_proved_to_give_nothing(diff: Diff) -> None:
    unknown = servers(files=files("./data"), own={"command": "npx", "args": ["-y", "some-thing@1.0.0"]})
    seen = diff(BASE, {".mcp.json": unknown}, "--fail-on-new-access", "--fail-on", "critical", code=4)
    assert told(seen) == set()
    assert seen["verdict"] == "undecided"
    assert any("some" in one["server"] for one in seen["doubts"])
    same = diff.of("HEAD", "HEAD", "--fail-on-new-access", code=0)  # type: ignore[attr-defined]
    assert same["doubts"] == []


def test_a_configuration_that_can_no_longer_be_read_is_not_passed(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": '{"mcpServers": {'}, "--fail-on-new-access", code=4)
    assert any(".mcp.json" in one["sentence"] for one in seen["doubts"])


def test_a_new_tool_in_the_repository_s_own_server(diff: Diff) -> None:
    base = {**CRM, "crm.py": own_server("get_record")}
    seen = diff(
        base, {"crm.py": own_server("get_record", "delete_record")}, "--fail-on-new-access=delete", code=1
    )
    assert {one["tools"][0] for one in seen["access"] if one["counted"]} == {"delete_record"}


def test_saved_manifests_are_those_of_each_state_and_their_author_s_word(
    diff: Diff, repository: Path
) -> None:
    def lists(*names: str) -> Files:
        return {"lists/crm.json": saved(*names)}

    words = ("--manifests", str(repository / "lists"), "--fail-on-new-access")
    seen = diff({**CRM, **lists("get_record", "delete_record")}, lists("get_record"), *words, code=4)
    assert told(seen, "lost")
    assert any("lists/crm.json" in one["sentence"] for one in seen["doubts"])


def test_a_folder_of_the_repository_and_its_absolute_paths(diff: Diff, repository: Path) -> None:
    inside = repository / "sub"
    base = {"sub/.mcp.json": servers(files=files(str(inside / "data")))}
    change = {"sub/.mcp.json": servers(files=files("./data", str(inside / "more")))}
    first, second = commit(repository, base), commit(repository, change)
    seen = diff.of(first, second, "--path", str(inside))  # type: ignore[attr-defined]
    assert told(seen) == {("files", "local:host/file/./more")}
    assert told(seen, "lost") == set()
    assert diff.of("HEAD", "--path", str(inside))["access"] == []  # type: ignore[attr-defined]


OPEN: Files = {".claude/settings.json": {"permissions": {"allow": ["Bash", "Read", "Edit", "Write"]}}}

ASKS: Files = {".claude/settings.json": {"permissions": {"ask": ["Bash", "Read", "Edit", "Write"]}}}


def counted(seen: Any) -> set[str]:
    return {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}


def test_a_narrowed_root_is_a_new_statement_and_no_new_access(diff: Diff) -> None:
    seen = diff({**roots(files=("/",)), **OPEN}, roots(files=("./data",)), "--fail-on-new-access", code=0)
    new = {one["finding"]["policy"]: one["why"] for one in seen["findings"] if one["how"] == "new"}
    assert "no new access" in new["silent-root-bypass"]
    assert not [one for one in seen["access"] if one["kind"] in ("gained", "looser")]


@pytest.mark.parametrize(
    ("base", "head"),
    [
        # One root of a server is narrowed and its other one widened.
        ({**roots(files=("./data", "./docs")), **OPEN}, roots(files=("./data/part", "/"))),
        # The same in two entries.
        (
            {**roots(files=("./data",), more=("./docs",)), **OPEN},
            roots(files=("./data/part",), more=("/",)),
        ),
        # A root is narrowed, and what goes round it is no longer asked about.
        ({**roots(files=("/",)), **ASKS}, {**roots(files=("./data",)), **OPEN}),
        # A root is narrowed, and a second entry goes round it.
        ({**roots(files=("/",)), **OPEN}, roots(files=("./data",), more=("/",))),
    ],
)
def test_a_root_that_is_narrowed_hides_nothing_that_is_widened(diff: Diff, base: Files, head: Files) -> None:
    assert "silent-root-bypass" in counted(diff(base, head, code=1))


def test_a_rule_that_lost_its_server_fails_nothing_unless_something_runs_instead(diff: Diff) -> None:
    rule = {".claude/settings.json": {"permissions": {"deny": ["mcp__web__fetch"]}}}
    base = {".mcp.json": servers(files=files("./data"), web=FETCH), **rule}
    seen = diff(base, {".mcp.json": servers(files=files("./data"))}, "--fail-on", "info", "--strict", code=0)
    assert "rule-for-missing-server" in how(seen)
    renamed = {".mcp.json": servers(files=files("./data"), other=FETCH)}
    seen = diff(base, renamed, "--fail-on", "info", "--strict", code=1)
    assert "rule-for-missing-server" in counted(seen)
