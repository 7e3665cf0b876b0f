"""The states that are compared, as folders: revisions in a private place, or the work tree itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mcpaudit import __version__
from mcpaudit.clients.client import Collected
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import RevisionError
from mcpaudit.model.diff import Side
from mcpaudit.revisions.folder import Skipped, write_code, write_out
from mcpaudit.revisions.repository import Repository, Snapshot

_INSTALLED = re.compile(r"(?:^|/)(?:node_modules|site-packages)/")
"""Packages that are part of the repository: their source is read as that of any installed one."""
_ELSEWHERE = ("npm:", "pypi:", "oci:", "url:", "jsr:", "git:", "builtin:")
"""Servers that are no files of the repository."""
_SHALLOW = (
    "this clone is shallow: fetch what is missing (`git fetch --unshallow`; in GitHub Actions "
    "`fetch-depth: 0` for actions/checkout, in GitLab CI `GIT_DEPTH: 0`)"
)


@dataclass(frozen=True, slots=True)
class State:
    """One state as files."""

    side: Side
    root: Path
    """The repository's root in this state."""
    project: Path
    """The audited folder in this state."""
    copy_of: Path | None = None
    """The folder that `project` is a copy of; `None` for the work tree itself."""
    snapshot: Snapshot | None = None
    skipped: tuple[Skipped, ...] = ()


@contextmanager
def scratch() -> Iterator[Path]:
    """A private folder for revisions."""
    with TemporaryDirectory(prefix="mcpaudit-") as name:
        # Some readers look a few folders up: what they find there is in this folder, too.
        inside = Path(name).resolve() / "revisions/of/this/repository"
        inside.mkdir(parents=True)
        yield inside


@dataclass(frozen=True, slots=True)
class Tree:
    """A repository, the audited folder in it, and where its revisions are put."""

    repository: Repository
    project: Path
    scratch: Path

    @property
    def root(self) -> Path:
        """The root of the work tree."""
        return self.repository.root or self.project

    @property
    def under(self) -> Path:
        """The audited folder from there."""
        return self.project.relative_to(self.root)

    def revision(self, name: str, folder: str, beside: State | None = None, shown: str = "") -> State:
        """A revision as files; raises RevisionError where it cannot be read. `shown` is what it goes by."""
        try:
            commit = self.repository.resolve(name)
            snapshot = self.repository.read(commit)
        except RevisionError as error:
            raise self._shallow(error) from error
        root = self.scratch / folder
        root.mkdir()
        other = (beside.snapshot, beside.root) if beside and beside.snapshot else None
        skipped = write_out(snapshot, root, other)
        self._mark(root)
        project = root / self.under
        project.mkdir(parents=True, exist_ok=True)
        side = Side("revision", shown or name, commit, __version__)
        return State(side, root, project, self.project, snapshot, skipped)

    def with_code(self, state: State, collected: Collected, beside: State) -> State:
        """The state with its code, if a server there is a program of the repository's own or lies in it."""
        snapshot = state.snapshot
        if snapshot is None or not (_runs_code(collected) or any(map(_INSTALLED.search, snapshot))):
            return state
        other = (beside.snapshot, beside.root) if beside.snapshot and beside is not state else None
        return replace(state, skipped=(*state.skipped, *write_code(snapshot, state.root, other)))

    def parting(self, one: str, other: str) -> tuple[str, str]:
        """The commit from which `other` is told apart, and where that is not where they parted, why.

        After criss-cross merges there are several such commits, and what one of them has the other may lack:
        only against `one` itself nothing that is new can be missed.
        """
        try:
            found = self.repository.merge_bases(one, other)
        except RevisionError as error:
            raise self._shallow(error) from error
        if not found:
            raise RevisionError(f"`{one}` and `{other}` have no history in common")
        if len(found) == 1:
            return found[0], ""
        shown = " and ".join(commit[:12] for commit in found)
        said = (
            f"`{one}` and `{other}` have crossed and parted at more than one commit ({shown}), so `{other}` "
            f"is compared with `{one}` itself; merge `{one}` into it for a sharper picture"
        )
        return self.repository.resolve(one), said

    def _shallow(self, error: RevisionError) -> RevisionError:
        return RevisionError(f"{error}; {_SHALLOW}") if self.repository.shallow else error

    def work_tree(self) -> State:
        """The work tree as it is."""
        return State(Side("work tree", "the work tree", "", __version__), self.root, self.project)

    def moved(self, path: Path, state: State) -> Path:
        """A path of the command line as it is in a state; itself where it lies outside the repository."""
        real = path.resolve()
        return state.root / real.relative_to(self.root) if real.is_relative_to(self.root) else path

    def _mark(self, root: Path) -> None:
        """What clients take for the root of a repository, with its remotes."""
        (root / ".git").mkdir(exist_ok=True)
        try:
            (root / ".git/config").symlink_to((self.repository.refs.common / "config").resolve())
        except OSError:
            return  # a file system without links; the remotes stay unknown


def _runs_code(collected: Collected) -> bool:
    servers = {one.server.id for config in collected.agents for one in config.installations}
    return not all(one.startswith(_ELSEWHERE) for one in servers)
