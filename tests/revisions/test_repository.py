"""Git repositories are read as git reads them, without git, and a damaged one is a sentence."""

import hashlib
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.errors import RevisionError
from mcpaudit.revisions.pack import apply
from mcpaudit.revisions.repository import find
from tests.histories import begun, commit, git, needs_git


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return begun(tmp_path / "repository", f"--object-format={request.param}")


LONG = "".join(f"line {number}\n" for number in range(2000))


def history(folder: Path) -> list[str]:
    """Three commits, of which the files of the first two differ little: packs hold one as a difference."""
    first = commit(folder, {"a.yaml": LONG, "pack/b.yaml": "b\n"})
    second = commit(folder, {"a.yaml": LONG.replace("line 7\n", "line seven\n")})
    (folder / "a.yaml").unlink()
    (folder / "link").symlink_to("pack/b.yaml")
    return [first, second, commit(folder, {"pack/deep/c.yaml": "c\n", "leer é.txt": ""})]


def contents(folder: Path, revision: str, under: str = "") -> dict[str, str]:
    with find(folder) as repository:
        return {name: raw.decode() for name, raw in repository.read(revision, under).items()}


@needs_git
@pytest.mark.parametrize("packed", [False, True])
def test_every_revision_is_read_as_it_was(repository: Path, packed: bool) -> None:
    first, second, third = history(repository)
    git(repository, "tag", "-a", "v1", "-m", "one", first)
    if packed:
        git(repository, "gc", "-q", "--aggressive", "--prune=now")
        assert not list((repository / ".git" / "objects").glob("[0-9a-f][0-9a-f]"))
    assert contents(repository, first) == {"a.yaml": LONG, "pack/b.yaml": "b\n"}
    assert contents(repository, second)["a.yaml"] == LONG.replace("line 7\n", "line seven\n")
    assert contents(repository, "main") == {"leer é.txt": "", "pack/b.yaml": "b\n", "pack/deep/c.yaml": "c\n"}
    assert contents(repository, "main", "pack") == {"b.yaml": "b\n", "deep/c.yaml": "c\n"}
    with find(repository / "pack") as opened:
        assert opened.read("HEAD").passed_over == ("link",)
        names = (
            "v1",
            "HEAD",
            "main~1",
            "main^^",
            "HEAD~2",
            "refs/heads/main",
            "HEAD^0",
            second[:9],
        )
        assert [opened.resolve(name) for name in names] == [
            first, third, second, first, first, third, third, second
        ]  # fmt: skip


@needs_git
def test_a_worktree_and_a_clone_that_borrows_find_the_same_objects(repository: Path, tmp_path: Path) -> None:
    first, second, third = history(repository)
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"), second)
    git(tmp_path, "clone", "-q", "--shared", "--bare", str(repository), "bare.git")
    with find(tmp_path / "tree") as opened:
        assert (opened.resolve("HEAD"), opened.resolve("main")) == (second, third)
    with find(tmp_path / "bare.git") as opened:
        assert opened.resolve("main") == third
        assert opened.read(first)["pack/b.yaml"] == b"b\n"


@needs_git
@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("mian", "there is no revision `mian`"),
        ("main~9", "goes back further than the history"),
        ("main^3", "goes back further than the history"),
        ("../../main", "there is no revision"),
        ("0123456789", "there is no revision"),
        ("main" + "^" * 400, "300 characters at most"),
    ],
)
def test_what_is_not_there_is_a_sentence(repository: Path, revision: str, told: str) -> None:
    history(repository)
    with find(repository) as opened, pytest.raises(RevisionError) as caught:
        opened.resolve(revision)
    assert told in str(caught.value)


@needs_git
def test_what_a_shallow_clone_leaves_out_is_a_sentence(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    history(tmp_path)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path}", "shallow")
    with (
        find(tmp_path / "shallow") as opened,
        pytest.raises(RevisionError, match="a shallow or partial clone"),
    ):
        opened.resolve("HEAD~2")


@needs_git
def test_a_folder_that_is_not_there_and_a_folder_that_is_no_repository(
    repository: Path, tmp_path: Path
) -> None:
    history(repository)
    with find(repository) as opened, pytest.raises(RevisionError, match="there is no folder `packs`"):
        opened.read("main", "packs")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RevisionError, match="there is no git repository at"), find(tmp_path / "empty"):
        pass


@needs_git
def test_a_forged_object_is_noticed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, {"a": "a\n"})
    blob = git(tmp_path, "rev-parse", "HEAD:a")
    path = tmp_path / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 2\0b\n"))
    with find(tmp_path) as opened, pytest.raises(RevisionError, match="is damaged"):
        _ = opened.read("HEAD")["a"]


@needs_git
def test_a_damaged_pack_is_a_sentence(tmp_path: Path) -> None:
    """Every way in which a byte of a pack can be wrong."""
    git(tmp_path, "init", "-q", "-b", "main")
    history(tmp_path)
    git(tmp_path, "gc", "-q", "--aggressive", "--prune=now")
    (pack,) = (tmp_path / ".git" / "objects" / "pack").glob("*.pack")
    good = pack.read_bytes()
    pack.chmod(0o644)
    for at in range(12, len(good) - 20, 7):
        pack.write_bytes(good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        try:
            for revision in ("main", "main~1", "main~2"):
                contents(tmp_path, revision)
        except RevisionError:
            continue


def put(folder: Path, kind: str, content: bytes) -> str:
    """An object as git would store it, and its id."""
    raw = f"{kind} {len(content)}\0".encode() + content
    name = hashlib.sha1(raw).hexdigest()
    path = folder / "objects" / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(raw))
    return name


@pytest.mark.parametrize("name", [b"..", b".", b"", b"a/b", b"a\\b"])
def test_a_name_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    blob = put(tmp_path, "blob", b"x")
    tree = put(tmp_path, "tree", b"100644 " + name + b"\0" + bytes.fromhex(blob))
    top = put(tmp_path, "commit", f"tree {tree}\n\nm".encode())
    with (
        find(tmp_path) as opened,
        pytest.raises(RevisionError, match=r"a name that no file can have|damaged"),
    ):
        opened.read(top)


def test_folders_that_repeat_themselves_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    tree = put(tmp_path, "tree", b"")
    for _ in range(12):
        rows = b"".join(b"40000 d%d\0" % number + bytes.fromhex(tree) for number in range(10))
        tree = put(tmp_path, "tree", rows)
    top = put(tmp_path, "commit", f"tree {tree}\n\nm".encode())
    with find(tmp_path) as opened, pytest.raises(RevisionError, match="more than 200,000 files"):
        opened.read(top)


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes_as_a_difference_are_applied_or_refused(base: bytes, difference: bytes) -> None:
    with suppress(RevisionError):
        assert isinstance(apply(base, difference), bytes)
