"""A revision becomes files in a folder, and nothing gets out of that folder."""

import os
from pathlib import Path

import pytest

from mcpaudit.revisions.folder import Skipped, write_code, write_out
from mcpaudit.revisions.repository import Snapshot, find
from tests.histories import begun, commit, needs_git

pytestmark = needs_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return begun(tmp_path / "repository")


def written(repository: Path, target: Path) -> tuple[Skipped, ...]:
    target.mkdir()
    with find(repository) as opened:
        return write_out(opened.read("HEAD"), target)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_what_an_audit_may_read_is_written_and_pictures_are_not(repository: Path, tmp_path: Path) -> None:
    commit(repository, {".mcp.json": "{}", "a/b.toml": "x", "logo.png": "x", "server.py": "x"})
    assert written(repository, tmp_path / "out") == ()
    assert files(tmp_path / "out") == {".mcp.json", "a/b.toml"}
    with find(repository) as opened:
        write_code(opened.read("HEAD"), tmp_path / "out")
    assert files(tmp_path / "out") == {".mcp.json", "a/b.toml", "server.py"}


def test_what_is_the_same_in_two_revisions_is_one_file(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"same.json": "1", "other.json": "1"})
    commit(repository, {"other.json": "2"})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with find(repository) as opened:
        first, second = opened.read("HEAD~1"), opened.read("HEAD")
        write_out(first, tmp_path / "one")
        write_out(second, tmp_path / "two", (first, tmp_path / "one"))
    assert (tmp_path / "two/same.json").samefile(tmp_path / "one/same.json")
    assert (tmp_path / "two/other.json").read_text() == "2"


def test_a_file_that_is_too_large_is_named(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"large.csv": "x" * (5 * 2**20), "large.json": "x" * (17 * 2**20)})
    (one,) = written(repository, tmp_path / "out")
    assert (one.path, one.reason) == ("large.csv", "over the limit of 4 MiB")
    # Of a configuration as much is written as makes its reader say so.
    assert (tmp_path / "out/large.json").stat().st_size == 16 * 2**20 + 1


def test_links_stay_inside(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"a/b/c/file.json": "1"})
    links = {
        "good": "a/b/c/file.json",
        "absolute": "/etc/passwd",
        "above": "../outside",
        "a/b/c/root": "../../..",
        # By its text it stays inside; by way of the link before it does not.
        "round": "a/b/c/root/../..",
    }
    for name, target in links.items():
        (repository / name).symlink_to(target)
    commit(repository, {})
    skipped = written(repository, tmp_path / "out")
    assert {one.path for one in skipped} == {"absolute", "above", "round"}
    assert (tmp_path / "out/good").read_text() == "1"
    for path in (tmp_path / "out").rglob("*"):
        assert os.path.realpath(path).startswith(str((tmp_path / "out").resolve()))


def test_nothing_is_written_through_a_link(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"real/a.json": "1"})
    with find(repository) as opened:
        snapshot = opened.read("HEAD")
        blob = snapshot.id("real/a.json")
        target = opened.objects
        # A tree that git itself would not make: `x` is a link and a folder at once.
        forged = Snapshot(target, {"real/a.json": blob}, {"x": blob, "x/y": blob}, {})
        (tmp_path / "out").mkdir()
        skipped = write_out(forged, tmp_path / "out")
    assert [one.path for one in skipped] == ["x/y"]


def test_a_git_folder_in_a_tree_is_never_written(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"a.json": "1"})
    with find(repository) as opened:
        snapshot = opened.read("HEAD")
        blob = snapshot.id("a.json")
        (tmp_path / "out").mkdir()
        write_out(Snapshot(opened.objects, {".GIT/config": blob, "a.json": blob}, {}, {}), tmp_path / "out")
    assert files(tmp_path / "out") == {"a.json"}
