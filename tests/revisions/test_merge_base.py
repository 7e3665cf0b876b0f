"""Where two revisions parted, as git says it, whatever the dates of commits and the shape of history."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from mcpaudit.errors import RevisionError
from mcpaudit.revisions.merge_base import Commit, merge_bases
from mcpaudit.revisions.repository import find
from tests.histories import WHO, git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git makes what these tests read")


def parted(history: dict[str, str], one: str, other: str, missing: str = "") -> tuple[str, ...]:
    """The merge bases in a history given as `child: parents`, oldest first."""
    commits = {name: Commit(tuple(parents), time) for time, (name, parents) in enumerate(history.items())}
    return merge_bases(lambda name: None if name in missing else commits[name], one, other)


LINE = {"a": "", "b": "a", "c": "b", "d": "b"}
CROSSED = {"a": "", "b": "a", "c": "a", "d": "bc", "e": "cb", "f": "d", "g": "e"}


@pytest.mark.parametrize(
    ("history", "ends", "found"),
    [
        (LINE, "cd", "b"),
        (LINE, "ac", "a"),
        (LINE, "ca", "a"),
        (LINE, "cc", "c"),
        (CROSSED, "fg", "bc"),
        (CROSSED, "fb", "b"),
        ({"a": "", "b": ""}, "ab", ""),
    ],
)
def test_the_best_common_ancestors(history: dict[str, str], ends: str, found: str) -> None:
    assert parted(history, *ends) == tuple(found)


def test_what_is_missing_matters_only_where_it_could_change_the_answer() -> None:
    assert parted(LINE, "b", "c", missing="a") == ("b",)
    assert parted({"z": "", "a": "", "b": "a", "c": "bz"}, "b", "c", missing="az") == ("b",)
    assert parted(LINE, "c", "d", missing="b") == ("b",)
    with pytest.raises(RevisionError, match="does not go back"):
        parted({"a": "", "z": "a", "b": "a", "c": "az"}, "b", "c", missing="z")


@needs_git
@pytest.mark.parametrize("seed", range(4))
def test_git_finds_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    git(tmp_path, "init", "-q", "-b", "main")
    tree = git(tmp_path, "write-tree")
    made: list[str] = []
    for number in range(18):
        parents = chance.sample(made[-6:], min(len(made), chance.choice((0, 1, 1, 2, 2, 3))))
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{1_600_000_000 + number * 60} +0000")
        words = [word for parent in parents for word in ("-p", parent)]
        made.append(git(tmp_path, "commit-tree", tree, *words, "-m", str(number)))
    with find(tmp_path) as repository:
        for _ in range(25):
            one, other = chance.choices(made, k=2)
            try:
                said = git(tmp_path, "merge-base", "--all", one, other).split()
            except subprocess.CalledProcessError:  # where there is none
                said = []
            assert repository.merge_bases(one, other) == tuple(sorted(said))


@needs_git
def test_forged_dates_hide_no_ancestor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    git(tmp_path, "init", "-q", "-b", "main")
    tree = git(tmp_path, "write-tree")

    def commit(date: int, *parents: str) -> str:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{date} +0000")
        words = [word for parent in parents for word in ("-p", parent)]
        return git(tmp_path, "commit-tree", tree, *words, "-m", str(date))

    first = commit(4_000_000_000)
    second = commit(1_000, first)
    one, other = commit(3_000_000_000, second), commit(2_000, second, first)
    with find(tmp_path) as repository:
        assert repository.merge_bases(one, other) == (second,)
