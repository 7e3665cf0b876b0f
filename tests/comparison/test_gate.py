"""A change is judged by the base alone: nothing that it does to the rules lets it pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.histories import BAD, BASE, FETCH, POLICY, Diff, commit, git, needs_git, put
from tests.installation import servers

pytestmark = needs_git


def test_a_bad_change_fails(diff: Diff) -> None:
    seen = diff(BASE, BAD, code=1)
    assert [one for one in seen["findings"] if one["counted"]]


def waived(seen: Any) -> str:
    """All new findings waived, as an author could write it."""
    entries = [
        {
            "finding": one["finding"]["fingerprint"],
            "policy": one["finding"]["policy"],
            "agents": one["finding"]["agents"],
            "owner": "a@example.com",
            "approver": "b@example.com",
            "reason": "because I say so",
            "expires": "2026-12-01",
            "digest": one["finding"]["digest"],
        }
        for one in seen["findings"]
        if one["how"] == "new"
    ]
    return json.dumps({"apiVersion": "mcpaudit/v1", "waivers": entries})


def accepted(seen: Any) -> str:
    entries = [
        {
            "finding": one["finding"]["fingerprint"],
            "policy": one["finding"]["policy"],
            "subject": one["finding"]["subject"],
            "agents": one["finding"]["agents"],
        }
        for one in seen["findings"]
        if one["how"] == "new"
    ]
    return json.dumps({"schema": "mcpaudit/baseline-v1", "findings": entries})


def disabled(seen: Any) -> str:
    names = sorted({one["finding"]["policy"] for one in seen["findings"]})
    return f"apiVersion: mcpaudit/v1\ndisable: {json.dumps(names)}\n"


def lowered(seen: Any) -> str:
    names = {one["finding"]["policy"]: "info" for one in seen["findings"]}
    return f"apiVersion: mcpaudit/v1\nseverities: {json.dumps(names)}\n"


def whatever(text: str) -> Callable[[Any], str]:
    return lambda seen: text


@pytest.mark.parametrize(
    ("file", "made"),
    [
        (".mcpaudit/waivers.yaml", waived),
        (".mcpaudit/baseline.json", accepted),
        ("mcpaudit.yaml", disabled),
        ("mcpaudit.yaml", lowered),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v1\nfail_on: critical\n")),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v1\nclients: [cody]\n")),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v2\n: nonsense")),
    ],
)
def test_a_bad_change_fails_whatever_it_does_to_mcpaudit_s_own_files(
    diff: Diff, repository: Path, file: str, made: Callable[[Any], str]
) -> None:
    seen = diff(BASE, BAD)
    put(repository, {file: made(seen)})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--amend", "-m", "m")
    again = diff.of("HEAD~1", "HEAD", code=1)  # type: ignore[attr-defined]
    assert [one["finding"] for one in again["findings"]] == [one["finding"] for one in seen["findings"]]
    assert [one["file"] for one in again["own"]] == [file]
    in_tree = diff.of("HEAD~1", code=1)  # type: ignore[attr-defined]
    assert [one["file"] for one in in_tree["own"]] == [file]


def test_the_same_waiver_in_the_base_counts(diff: Diff, repository: Path) -> None:
    seen = diff(BASE, BAD, code=1)
    commit(repository, {**BASE, ".mcpaudit/waivers.yaml": waived(seen)})
    commit(repository, BAD)
    again = diff.of("HEAD~1", "HEAD", code=0)  # type: ignore[attr-defined]
    assert not [one for one in again["findings"] if one["counted"]]


@pytest.mark.parametrize("words", [(), ("--policy", "rules/no-web.yaml")])
def test_a_policy_of_the_base_counts_though_the_change_removes_it(
    diff: Diff, repository: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(repository)
    own = {} if words else {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\npolicies: [rules]\n"}
    change = {".mcp.json": servers(web=FETCH), "rules/no-web.yaml": POLICY.replace("high", "info")}
    seen = diff({**BASE, **own, "rules/no-web.yaml": POLICY}, change, *words, code=1)
    assert "no-web" in {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}


def test_an_invalid_configuration_of_the_change_is_named_and_of_the_base_ends_the_run(
    diff: Diff, repository: Path
) -> None:
    broken = {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nfail_on: hihg\n"}
    seen = diff(BASE, broken, code=2)
    (own,) = seen["own"]
    assert (seen["verdict"], own["how"]) == ("broken", "broken")
    assert "line 2" in own["sentences"][0]
    said = diff.of("HEAD", "HEAD~1", code=2)  # type: ignore[attr-defined]
    assert "mcpaudit.yaml:2" in said
    assert "by which the change is judged" in said


def test_owners_of_the_base_are_asked(diff: Diff) -> None:
    owners = {".github/CODEOWNERS": "* @all\n/.mcpaudit/ @acme/security\nmcpaudit.yaml @acme/platform\n"}
    change = {**BAD, "mcpaudit.yaml": "apiVersion: mcpaudit/v1\n", ".github/CODEOWNERS": "* @me\n"}
    seen = diff({**BASE, **owners}, change, code=1)
    assert seen["owners"] == ["@acme/security"]
    assert seen["own"][0]["owners"] == ["@acme/platform"]


def test_rules_that_came_after_a_branch_left_judge_it(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\npolicies: [rules]\n"})
    commit(repository, {"rules/no-web.yaml": POLICY})
    seen = diff.of("main...topic", code=1)  # type: ignore[attr-defined]
    assert "no-web" in {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}
    assert seen["own"] == []
