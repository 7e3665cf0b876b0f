"""Diffs, held against `git apply` itself."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.parsing.diff import Shown, unified

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")
LINES = st.lists(st.sampled_from(["a", "b", "{", "}", "", "x\r", "\t", " y"]), max_size=14)


def git_apply(folder: Path, patch: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """`git apply` in a folder that is no repository."""
    assert GIT is not None
    environment = {
        "PATH": "/usr/bin:/bin",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "HOME": str(folder),
    }
    return subprocess.run(
        [GIT, "apply", *words, "-"],
        input=patch.encode(),
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )


def patched(old: str | None, new: str, path: str = "some/file.json") -> bytes:
    """What `git apply` makes of the old text with the diff to the new one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if old is not None:
            target.write_bytes(old.encode())
        shown = unified(old, new, path)
        assert not shown.hidden
        done = git_apply(folder, shown.text, "--whitespace=nowarn")
        assert done.returncode == 0, (shown.text, done.stderr)
        return target.read_bytes()


@needs_git
@settings(max_examples=60, deadline=None)
@given(LINES, LINES, st.booleans(), st.booleans())
def test_git_makes_the_new_text_of_the_old_one(
    before: list[str], after: list[str], ended: bool, ends: bool
) -> None:
    old = "\n".join(before) + ("\n" if ended else "")
    new = "\n".join(after) + ("\n" if ends else "")
    if not old or not new or old == new:
        return
    assert patched(old, new) == new.encode()


@needs_git
@pytest.mark.parametrize(
    "path",
    [
        "plain.json",
        "a b/c d.json",
        'quo"te.json',
        "tab\there.json",
        "é/ü.json",
        ".mcp.json",
        "a\u202eb\x1b.json",
    ],
)
@pytest.mark.parametrize("old", [None, "a\nb\nc\n"])
def test_names_of_files_and_files_that_are_new(path: str, old: str | None) -> None:
    assert patched(old, "a\nB\nc\n", path) == b"a\nB\nc\n"


@needs_git
def test_a_patch_counts_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    """Git passes over patches of its own form there, and says nothing."""
    assert GIT is not None
    subprocess.run([GIT, "init", "-q", str(tmp_path)], check=True, capture_output=True)
    folder = tmp_path / "packages" / "one"
    folder.mkdir(parents=True)
    (folder / "f").write_text("a\n")
    done = subprocess.run(
        [GIT, "apply", "-"],
        input=(unified("a\n", "b\n", "f").text + unified(None, "c\n", "g h").text).encode(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    assert done.returncode == 0
    assert (folder / "f").read_text() == "b\n"
    assert (folder / "g h").read_text() == "c\n"


def test_lines_that_must_not_be_shown_are_no_context() -> None:
    old = "".join(f"line {number}\n" for number in range(1, 12))
    new = old.replace("line 6\n", "line 6\nnew\n")
    shown = unified(old, new, "f", hide={5, 8})
    assert "line 5" not in shown.text
    assert "line 8" not in shown.text
    assert "+new" in shown.text
    assert "line 7" in shown.text


@needs_git
def test_little_context_is_enough_for_git(tmp_path: Path) -> None:
    old = "".join(f"line {number}\n" for number in range(1, 12))
    new = old.replace("line 6\n", "line 6\nnew\n").replace("line 10\n", "")
    (tmp_path / "f").write_text(old)
    assert git_apply(tmp_path, unified(old, new, "f", hide={5, 6, 8}).text).returncode == 0
    assert (tmp_path / "f").read_text() == new


@pytest.mark.parametrize("hide", [{6}, {7}])
def test_a_change_that_would_show_them_is_not_shown(hide: set[int]) -> None:
    old = "".join(f"line {number}\n" for number in range(1, 12))
    shown = unified(old, old.replace("line 6\n", ""), "f", hide=hide)
    assert shown.text == ""
    assert shown.hidden == tuple(hide)


@pytest.mark.parametrize("character", ["\x1b[2J", "\u202e", "\x9b", "\r", "\u200b", "\x0c"])
def test_what_cannot_be_seen_is_in_no_diff(character: str) -> None:
    lines = ["a\n", f"b {character} c\n", "\td\r\n", "e\n", "f\n", f"g {character} h\n", "i\n"]
    old = "".join(lines)
    shown = unified(old, old.replace("e\n", "changed\n"), f"in {character} a folder")
    assert shown.text.endswith("@@ -3,3 +3,3 @@\n \td\r\n-e\n+changed\n f\n")
    assert character not in shown.text.replace("\r\n", "\n")
    assert unified(old, old.replace(lines[1], ""), "f") == Shown(hidden=(2,))
    assert unified(old, old.replace("e\n", f"e {character} \n"), "f") == Shown(hidden=(4,))


def test_a_byte_order_mark_is_kept() -> None:
    assert unified("\ufeffa\nb\n", "\ufeffA\nb\n", "f").text.endswith("-\ufeffa\n+\ufeffA\n b\n")


def test_a_very_large_change_is_one_block() -> None:
    old = "".join(f"{number}\n" for number in range(9000))
    new = "".join(f"{number + 1}\n" for number in range(9000))
    assert unified(f"first\n{old}", f"second\n{new}", "f").text.count("@@ -") == 1
