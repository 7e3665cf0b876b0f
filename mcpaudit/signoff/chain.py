"""The reviews before: each names the one before it, by the digest of all that was signed in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mcpaudit.errors import McpauditError
from mcpaudit.model.review import Check, Sealed, State
from mcpaudit.policy.configuration import FOLDER, REVIEWS
from mcpaudit.signoff import statement
from mcpaudit.signoff.layout import SIGNATURES, STATEMENT, seal, sealed
from mcpaudit.signoff.packet import read_packet

_MOST = 1_000


def latest(project: Path) -> Sealed | None:
    """The newest review of a project that somebody has signed."""
    found = []
    for folder in sorted(_folders(project)):
        try:
            sealed, state = read_seal(folder)
        except McpauditError:
            continue
        if any((folder / SIGNATURES).iterdir()) if (folder / SIGNATURES).is_dir() else False:
            found.append((state.as_of, sealed.name, sealed))
    return max(found)[2] if found else None


def _folders(project: Path) -> Iterator[Path]:
    reviews = reviews_of(project)
    if reviews.is_dir():
        yield from (path for path in reviews.iterdir() if path.is_dir() and (path / STATEMENT).is_file())


def reviews_of(project: Path) -> Path:
    """Where a project keeps its reviews."""
    return project / FOLDER / REVIEWS


def read_seal(folder: Path) -> tuple[Sealed, State]:
    """A review by its folder's name and its seal; raises McpauditError for what is none."""
    files = read_packet(folder, sealed)
    state, _ = statement.read(files[STATEMENT], f"{folder.name}/{STATEMENT}")
    return Sealed(folder.resolve().name, seal(files)), state


def chain_check(state: State, places: Sequence[Path]) -> Check:
    """Whether each review is the one that its successor names; looked for in these folders."""
    wanted, after, seen = state.previous, state.as_of, 0
    names: list[str] = []
    while wanted is not None and seen < _MOST:
        folder = next((one / wanted.name for one in places if _plain(wanted.name, one)), None)
        if folder is None:
            told = f"the review before, {wanted.name}, is not beside it"
            return Check("chain", "unknown", told, tuple(names))
        try:
            found, before = read_seal(folder)
        except McpauditError as error:
            return Check("chain", "fails", f"{wanted.name} cannot be read", (str(error).split("\n")[0],))
        if found.sha256 != wanted.sha256:
            return Check("chain", "fails", f"{wanted.name} is not what it was then")
        if before.as_of > after:
            return Check("chain", "fails", f"{wanted.name} is of a later day than the review that names it")
        names.append(wanted.name)
        wanted, after, seen = before.previous, before.as_of, seen + 1
    if wanted is not None:
        return Check("chain", "fails", "the chain of reviews has no beginning")
    if not names:
        return Check("chain", "holds", "it is the first review")
    return Check("chain", "holds", "each review before is what its successor names", tuple(names))


def _plain(name: str, place: Path) -> bool:
    return name not in ("", ".", "..") and Path(name).name == name and (place / name).is_dir()
