"""Targets: a git repository, read without git: its objects, packs, and the files that name them."""

import hashlib
import struct
import zlib
from pathlib import Path

from mcpaudit.revisions.pack import apply
from mcpaudit.revisions.repository import find
from tests.fuzz.target import Target, refused


def _repository(folder: Path) -> Path:
    git = folder / ".git"
    for name in ("objects/pack", "objects/info", "refs/heads"):
        (git / name).mkdir(parents=True, exist_ok=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    return git


def _store(git: Path, content: bytes) -> str:
    name = hashlib.sha1(content).hexdigest()
    path = git / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(content, 1))
    return name


def _object(kind: str, body: bytes) -> bytes:
    return f"{kind} {len(body)}\0".encode() + body


def _read(folder: Path, *revisions: str) -> None:
    def read(revision: str) -> None:
        with find(folder) as repository:
            snapshot = repository.read(revision)
            assert all(isinstance(snapshot[path], bytes) for path in list(snapshot)[:20])

    for revision in revisions:
        refused(lambda revision=revision: read(revision))  # type: ignore[misc]


def _of_kind(kind: str) -> Target:
    """The bytes are an object of a kind, reached from a branch."""

    def run(raw: bytes, folder: Path) -> None:
        git = _repository(folder)
        name = _store(git, _object(kind, raw))
        if kind == "tree":
            name = _store(git, _object("commit", f"tree {name}\n\nm\n".encode()))
        (git / "refs/heads/main").write_text(f"{name}\n", encoding="utf-8")
        _read(folder, "HEAD", "main~1", "main^2")

    return Target(f"git-{kind}", "git", run)


def _loose(raw: bytes, folder: Path) -> None:
    """The bytes are an object's file as it lies on disk."""
    git, name = _repository(folder), "ab" * 20
    path = git / "objects/ab" / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    _read(folder, name, name[:6])


def _pack(raw: bytes, folder: Path) -> None:
    """The bytes are what a pack holds; its index is right, and names three places in it."""
    git = _repository(folder)
    names = sorted(hashlib.sha1(bytes([number])).digest() for number in range(3))
    body = b"PACK" + struct.pack(">II", 2, 3) + raw
    index = b"\xfftOc" + struct.pack(">I", 2)
    index += b"".join(struct.pack(">I", sum(name[0] <= first for name in names)) for first in range(256))
    index += b"".join(names) + b"\0\0\0\0" * 3
    index += b"".join(struct.pack(">I", 12 + number * (len(raw) // 3)) for number in range(3))
    (git / "objects/pack/x.pack").write_bytes(body + hashlib.sha1(body).digest())
    (git / "objects/pack/x.idx").write_bytes(index + b"\0" * 40)
    _read(folder, *(name.hex() for name in names))


def _index(raw: bytes, folder: Path) -> None:
    """The bytes are a pack's index."""
    git = _repository(folder)
    (git / "objects/pack/x.pack").write_bytes(b"PACK" + struct.pack(">II", 2, 0) + b"\0" * 20)
    (git / "objects/pack/x.idx").write_bytes(raw)
    _read(folder, "ab" * 20, "abcdef")


def _delta(raw: bytes, folder: Path) -> None:
    refused(lambda: apply(b"base" * 20, raw))


def _file(file: str) -> Target:
    """The bytes are one of the files that tell where things are."""

    def run(raw: bytes, folder: Path) -> None:
        git = folder / ".git"
        if file != ".git":
            _repository(folder)
            (git / file).write_bytes(raw)
        else:
            git.write_bytes(raw)
        _read(folder, "HEAD", "main", "refs/heads/main", "v1")

    return Target(f"git-file-{file.rpartition('/')[2].lstrip('.')}", "lines", run)


TARGETS = (
    _of_kind("commit"),
    _of_kind("tag"),
    _of_kind("tree"),
    Target("git-loose", "gzip", _loose),
    Target("git-pack", "git", _pack),
    Target("git-index", "git", _index),
    Target("git-delta", "git", _delta),
    *map(_file, ("HEAD", "packed-refs", "config", "commondir", "objects/info/alternates", ".git")),
)
