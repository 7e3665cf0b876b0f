"""Which revisions are compared, and what git repositories hold beside files."""

import json
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from tests.histories import BASE, FETCH, SHELL, Diff, commit, files, git, needs_git, put, told
from tests.installation import servers

pytestmark = needs_git


def test_merge_commits_tags_and_steps(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "tag", "-a", "-m", "t", "v1")
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"other": "x"})
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    of = diff.of  # type: ignore[attr-defined]
    assert {name for name, _ in told(of("HEAD^1", "HEAD"))} == {"web"}
    assert of("HEAD^2", "HEAD")["access"] == []
    assert {name for name, _ in told(of("v1", "topic"))} == {"web"}


def test_packed_repositories(diff: Diff, repository: Path) -> None:
    first = commit(repository, BASE)
    second = commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "gc", "-q")
    assert {name for name, _ in told(diff.of(first, second))} == {"web"}  # type: ignore[attr-defined]


def test_a_shallow_clone_says_what_to_fetch(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    commit(repository, {"other": "x"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "clone")
    assert run(["diff", "HEAD~1", "--path", str(clone)]) == 2
    said = capfd.readouterr().err
    assert "shallow" in said
    assert "fetch-depth: 0" in said


def test_a_submodule_is_no_file_that_was_read(diff: Diff, repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    commit(other, {"a": "b"})
    commit(repository, BASE)
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "vendor")
    commit(repository, {})
    seen = diff.of("HEAD~1", "HEAD", "--fail-on-new-access", code=4)  # type: ignore[attr-defined]
    assert any("vendor" in one["sentence"] for one in seen["doubts"])
    assert diff.of("HEAD", "HEAD", "--fail-on-new-access", code=0)["doubts"] == []  # type: ignore[attr-defined]


def test_a_link_that_leads_out_is_not_followed(diff: Diff, repository: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside.json": servers(shell=SHELL)})
    commit(repository, BASE)
    (repository / ".mcp.json").unlink()
    (repository / ".mcp.json").symlink_to(tmp_path / "outside.json")
    commit(repository, {})
    seen = diff.of("HEAD~1", "HEAD", "--fail-on-new-access", code=4)  # type: ignore[attr-defined]
    assert told(seen) == set()
    assert any("leads out" in one["sentence"] for one in seen["doubts"])


def test_an_unknown_revision_and_no_repository(
    diff: Diff, repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    assert "no revision `nowhere`" in diff.of("nowhere", code=2)  # type: ignore[attr-defined]
    (tmp_path / "plain").mkdir()
    assert run(["diff", "main", "--path", str(tmp_path / "plain")]) == 2
    assert "no git repository" in capfd.readouterr().err


def crossed(repository: Path) -> None:
    """Two branches, each merged into the other at once, so that they parted at two commits."""
    commit(repository, {**BASE, "a": "1"})
    git(repository, "checkout", "-q", "-b", "topic")
    left = commit(repository, {"b": "1"})
    git(repository, "checkout", "-q", "main")
    right = commit(repository, {"c": "1"})
    git(repository, "merge", "-q", "-m", "m", left)
    git(repository, "checkout", "-q", "topic")
    git(repository, "merge", "-q", "-m", "m", right)


def test_three_dots_tell_what_a_branch_does_and_not_what_went_on_meanwhile(
    diff: Diff, repository: Path
) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {".mcp.json": servers(files=files("./data/part"))})
    of = diff.of  # type: ignore[attr-defined]
    assert {name for name, _ in told(of("main", "topic"))} == {"files", "web"}
    seen = of("main...topic")
    assert {name for name, _ in told(seen)} == {"web"}
    assert seen["base"]["name"] == "where topic left main"
    assert seen["judge"]["commit"] == git(repository, "rev-parse", "main")
    assert "names both sides" in of("main...topic", "topic", code=2)
    git(repository, "checkout", "-q", "topic")
    assert {name for name, _ in told(of("main..."))} == {"web"}


def test_histories_that_crossed_are_compared_with_the_base_itself(diff: Diff, repository: Path) -> None:
    crossed(repository)
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    seen = diff.of("main...topic")  # type: ignore[attr-defined]
    assert {name for name, _ in told(seen)} == {"web"}
    assert seen["base"]["commit"] == git(repository, "rev-parse", "main")
    assert "parted at more than one commit" in seen["notes"][0]


def test_histories_without_a_common_beginning_are_a_mistake(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "--orphan", "topic")
    commit(repository, {"other": "x"})
    assert "no history in common" in diff.of("main...topic", code=2)  # type: ignore[attr-defined]


def test_a_shallow_clone_knows_where_a_merge_parted_and_else_says_what_to_fetch(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"other": "x"})
    commit(repository, {"other": "y"})
    git(repository, "checkout", "-q", "-b", "merged")
    git(repository, "merge", "-q", "--no-ff", "-m", "m", "topic")
    clone = tmp_path / "clone"
    url = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "merged", url, "clone")
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:main", "topic:topic")
    assert run(["diff", "main...merged", "--path", str(clone), "--format", "json"]) == 1
    assert {name for name, _ in told(json.loads(capfd.readouterr().out))} == {"web"}
    assert run(["diff", "main...topic", "--path", str(clone)]) == 2
    said = capfd.readouterr().err
    assert "does not go back" in said
    assert "fetch-depth: 0" in said
