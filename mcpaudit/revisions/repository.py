"""A git repository on disk, read without git: no process is started, nothing is written, no hook can run.

    with find(folder) as repository:
        commit = repository.resolve("main~2")
        files = repository.read(commit)          # path -> bytes, each read when it is asked for

Source: git's own documents `gitrepository-layout`, `gitformat-pack`, `gitformat-index`, `gitrevisions`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import RevisionError
from mcpaudit.revisions.merge_base import Commit, merge_bases
from mcpaudit.revisions.objects import Objects, led
from mcpaudit.revisions.refs import Refs

MAX_FILES = 200_000
MAX_DEPTH = 64
_STEP = re.compile(r"(.*?)([~^])(\d*)$")
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MODE = re.compile(rb"[0-7]{5,6}")
_TIME = re.compile(rb"^committer .*> (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_FOLDER, _LINK, _COMMIT = 0o040000, 0o120000, 0o160000
_KIND = 0o170000


class Snapshot(Mapping[str, bytes]):
    """The regular files of a revision by path; a file's bytes are read when they are asked for."""

    def __init__(
        self, objects: Objects, files: Mapping[str, str], links: Mapping[str, str], modules: Mapping[str, str]
    ) -> None:
        self._objects = objects
        self._files = files
        self._links = links
        self.modules = modules
        """Submodules, and the commit of the other repository that each stands at."""

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Links and submodules, which have no content of their own."""
        return tuple(sorted((*self._links, *self.modules)))

    @property
    def links(self) -> Mapping[str, str]:
        """Symbolic links, and what they say."""
        return {path: self._objects.read(name, "blob")[:4096].decode() for path, name in self._links.items()}

    def id(self, path: str) -> str:
        """The id of a file's content, by which two revisions can be compared without reading it."""
        return self._files[path]

    def __getitem__(self, path: str) -> bytes:
        return self._objects.read(self._files[path], "blob")

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


@dataclass(frozen=True, slots=True)
class Repository:
    """The objects and names of one repository."""

    objects: Objects
    refs: Refs
    root: Path | None = None
    """The work tree that it belongs to; `None` for a bare repository."""

    @property
    def shallow(self) -> bool:
        """Whether its history was cut off when it was cloned."""
        return (self.refs.common / "shallow").is_file()

    def resolve(self, revision: str) -> str:
        """The full id of the commit that a name, an id, its beginning, `X~2` or `X^` stands for."""
        if len(revision) > 300:
            raise RevisionError("a revision has 300 characters at most")
        step = _STEP.match(revision)
        if step is None:
            return self._commit(self._named(revision))
        commit = self.resolve(step[1] or "HEAD")
        count = int(step[3] or 1)
        if count > 100_000:
            raise RevisionError(f"`{revision}` goes back further than is followed")
        if step[2] == "^":
            return commit if count == 0 else self._parent(commit, count, revision)
        for _ in range(count):
            commit = self._parent(commit, 1, revision)
        return commit

    def merge_bases(self, one: str, other: str) -> tuple[str, ...]:
        """The commits at which two revisions parted; several where they crossed, none if they never met."""
        known: dict[str, Commit | None] = {}

        def read(name: str) -> Commit | None:
            if name not in known:
                known[name] = self._history(name)
            return known[name]

        return merge_bases(read, self.resolve(one), self.resolve(other))

    def read(self, revision: str, under: str = "") -> Snapshot:
        """The files of a revision, or of one folder of it, named from there."""
        header = self.objects.read(self.resolve(revision), "commit")
        tree = _line(header, b"tree")[0]
        for part in PurePosixPath(under).parts if under else ():
            tree = self._folder(tree, part, under)
        found = sorted(self._listed(tree))
        files = {path: name for path, mode, name in found if mode & _KIND not in (_LINK, _COMMIT)}
        links, modules = (
            {path: name for path, mode, name in found if mode & _KIND == kind} for kind in (_LINK, _COMMIT)
        )
        return Snapshot(self.objects, files, links, modules)

    def _history(self, name: str) -> Commit | None:
        if not self.objects.holds(name):
            return None
        header = self.objects.read(name, "commit").partition(b"\n\n")[0]
        time = _TIME.search(header)
        return Commit(tuple(_line(header, b"parent")), int(time[1]) if time else 0)

    def _named(self, name: str) -> str:
        found = self.refs.find(name)
        if found is None and re.fullmatch(r"[0-9a-f]{4,64}", name):
            found = self.objects.complete(name)
        if found is None:
            raise RevisionError(f"there is no revision `{name}` in {self.refs.shown}")
        return found

    def _commit(self, name: str) -> str:
        """What an annotated tag points to, in the end."""
        for _ in range(MAX_DEPTH):
            if self.objects.kind(name) != "tag":
                break
            name = _line(self.objects.read(name, "tag"), b"object")[0]
        return name

    def _parent(self, commit: str, number: int, revision: str) -> str:
        parents = _line(self.objects.read(commit, "commit"), b"parent")
        if len(parents) < number:
            raise RevisionError(f"`{revision}` goes back further than the history here")
        return parents[number - 1]

    def _folder(self, tree: str, part: str, under: str) -> str:
        for mode, name, entry in self._entries(tree):
            if name == part and mode & _KIND == _FOLDER:
                return entry
        raise RevisionError(f"there is no folder `{under}` in that revision")

    def _listed(self, tree: str) -> Iterator[tuple[str, int, str]]:
        """Path, mode and id of everything below a folder; folders themselves count towards the limit, too."""
        waiting, seen = [("", tree, 0)], 0
        while waiting:
            above, name, depth = waiting.pop()
            for mode, own, entry in self._entries(name):
                seen += 1
                if seen > MAX_FILES:
                    raise RevisionError(f"it holds more than {MAX_FILES:,} files")
                if mode & _KIND != _FOLDER:
                    yield f"{above}{own}", mode, entry
                elif depth < MAX_DEPTH:
                    waiting.append((f"{above}{own}/", entry, depth + 1))
                else:
                    raise RevisionError(f"its folders are nested deeper than {MAX_DEPTH}")

    def _entries(self, tree: str) -> Iterator[tuple[int, str, str]]:
        """Mode, name and id of what lies in a folder."""
        raw, at, width = self.objects.read(tree, "tree"), 0, self.objects.width
        while at < len(raw):
            space, end = raw.find(b" ", at), raw.find(b"\0", at)
            whole = at < space < end and end + width < len(raw)
            if not (whole and _MODE.fullmatch(raw, at, space)):
                raise RevisionError("a folder of that revision is damaged")
            name = raw[space + 1 : end].decode("utf-8", "replace")
            if name in ("", ".", "..") or "/" in name or "\\" in name:
                raise RevisionError("a folder of that revision holds a name that no file can have")
            yield int(raw[at:space], 8), name, raw[end + 1 : end + 1 + width].hex()
            at = end + 1 + width


def _line(raw: bytes, name: bytes) -> list[str]:
    """The ids that the head of a commit or tag gives under a name."""
    head = raw.partition(b"\n\n")[0]
    lines = [line.partition(b" ") for line in head.split(b"\n")]
    found = [value.decode("ascii", "replace") for key, _, value in lines if key == name]
    if (not found and name != b"parent") or not all(map(_ID.fullmatch, found)):
        raise RevisionError("a commit or tag is damaged")
    return found


@contextmanager
def find(folder: Path) -> Iterator[Repository]:
    """The repository that a folder is, or lies in; raises RevisionError where there is none."""
    git, root = _git_folder(folder.resolve())
    if git is None:
        raise RevisionError(f"there is no git repository at {folder.as_posix()}")
    common = git
    pointer = git / "commondir"
    if pointer.is_file():
        common = led(git, _short(pointer))
    settings = _short(common / "config") if (common / "config").is_file() else ""
    if re.search(r"(?im)^\s*refstorage\s*=\s*reftable", settings):
        raise RevisionError(
            "its names are stored as reftables, which are not read yet; name a commit's full id"
        )
    wide = re.search(r"(?im)^\s*objectformat\s*=\s*sha256", settings) is not None
    objects = Objects(common / "objects", wide)
    try:
        yield Repository(objects, Refs(git, common, folder.as_posix(), 64 if wide else 40), root)
    finally:
        objects.close()


def _git_folder(folder: Path) -> tuple[Path | None, Path | None]:
    """Where the repository of a folder keeps its data, and its work tree if it has one."""
    for place in (folder, *folder.parents):
        inside = place / ".git"
        if inside.is_dir():
            return inside, place
        if inside.is_file():
            text = _short(inside).strip()
            if text.startswith("gitdir:"):
                return led(place, text.removeprefix("gitdir:").strip()), place
        if (place / "HEAD").is_file() and (place / "objects").is_dir():
            return place, None
    return None, None


def _short(path: Path) -> str:
    """The text of a small file; raises RevisionError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(1 << 16).decode("utf-8", "replace").strip()
    except OSError as error:
        raise RevisionError(f"the repository cannot be read: {error.strerror}") from error
