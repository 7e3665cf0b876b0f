"""Policies from elsewhere: a folder, an archive, or a revision of a git repository on this machine.

A pack is data. Nothing in it is run, unpacked onto the disk or fetched; `mcpaudit.yaml` pins it by the digest
of its files, and a pack that has another content stops the run.

The digest is the SHA-256 of what `sha256sum` prints for all files, sorted by the bytes of their paths: for
each file 64 hexadecimal digits, two spaces, its path with `/`, and a line feed. Files and folders whose names
begin with a dot (`.git`) do not belong to a pack, and neither do links.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from mcpaudit.errors import ConfigurationError, Mistake, RevisionError, UsageError
from mcpaudit.manifests.archive import ENDINGS, ArchiveError, contents
from mcpaudit.model.configuration import PackPin
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.reader import open_regular, parse
from mcpaudit.policy.policy import PACK_ENDING, TEST_ENDING, PolicyFile
from mcpaudit.policy.validation import mistake, sound
from mcpaudit.revisions.repository import find

MAX_FILES = 2_000
MAX_TOTAL = 64 * 2**20
_GIT = "git+"


class PackError(UsageError):
    """Indicates a pack that cannot be read; the text says why, in a clause."""


def read_packs(
    pins: Sequence[PackPin], folder: Path, configuration: Document, original: Path | None = None
) -> list[PolicyFile]:
    """The policy files of pinned packs; raises ConfigurationError with every pin that does not hold.

    Where the folder is a copy, repositories and what lies outside of it are looked for from its `original`.
    """
    found: list[PolicyFile] = []
    mistakes: list[Mistake] = []
    for pin in pins:
        try:
            outside = pin.source.startswith((_GIT, "../"))
            files = read_pack(pin.source, original if original and outside else folder)
        except PackError as error:
            mistakes.append(mistake(configuration, (*pin.place.route, "source"), str(error)))
            continue
        now = digest(files)
        if now != pin.digest:
            text = f"the pack {pin.source} is not what was pinned: its digest is {now}"
            hint = "look at what has changed in it before you write the new digest here"
            mistakes.append(mistake(configuration, (*pin.place.route, "digest"), text, hint))
            continue
        for path, raw in files.items():
            if path.endswith(".yaml") and not path.endswith((TEST_ENDING, PACK_ENDING)):
                shown = f"{pin.source}/{path}"
                try:
                    document = sound(parse(raw, shown, "yaml"), shown)
                except ConfigurationError as error:
                    mistakes += error.mistakes
                    continue
                found.append(PolicyFile(document, PurePosixPath(shown).parent.name))
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


def read_pack(source: str, folder: Path) -> dict[str, bytes]:
    """The files of a pack by path; `folder` is where relative sources begin. Raises PackError."""
    try:
        if source.startswith(_GIT):
            found = _of_revision(source.removeprefix(_GIT), folder)
        elif (folder / source).is_dir():
            found = dict(_of_folder(folder / source))
        elif (folder / source).is_file() and source.lower().endswith(ENDINGS):
            found = contents(folder / source, MAX_TOTAL)
        else:
            raise PackError(f"there is no folder and no archive at {source}")
    except (RevisionError, ArchiveError, OSError) as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise PackError(f"the pack {source} cannot be read: {told}") from error
    files = {path: raw for path, raw in found.items() if _belongs(path)}
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_TOTAL:
        raise PackError(f"the pack {source} holds more than {MAX_FILES:,} files or {MAX_TOTAL >> 20} MiB")
    if not any(path.endswith(".yaml") for path in files):
        raise PackError(f"the pack {source} holds no policy")
    return dict(sorted(files.items(), key=lambda one: one[0].encode("utf-8", "surrogatepass")))


def digest(files: Mapping[str, bytes]) -> str:
    """The digest of a pack, as `mcpaudit.yaml` pins it."""
    lines = (f"{hashlib.sha256(raw).hexdigest()}  {path}\n" for path, raw in files.items())
    return f"sha256:{hashlib.sha256(''.join(lines).encode('utf-8', 'surrogatepass')).hexdigest()}"


def _belongs(path: str) -> bool:
    if any(not character.isprintable() for character in path):
        raise PackError(f"a pack has a file whose name cannot be shown: {path[:80]!r}")
    return not any(part.startswith(".") for part in path.split("/"))


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    files = total = 0
    for above, folders, names in os.walk(folder):
        # In place: `os.walk` goes on into what is left here.
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(above) / name
            if name.startswith(".") or not stat.S_ISREG(path.lstat().st_mode):
                continue
            with open_regular(path, MAX_TOTAL) as stream:
                raw = stream.read(MAX_BYTES + 1) or b""
            files, total = files + 1, total + len(raw)
            if files > MAX_FILES or total > MAX_TOTAL or len(raw) > MAX_BYTES:
                raise PackError(f"the pack {folder.name} is too large for policies")
            yield path.relative_to(folder).as_posix(), raw


def _of_revision(source: str, folder: Path) -> dict[str, bytes]:
    """The files of `REPOSITORY@REVISION[:FOLDER]`."""
    place, at, revision = source.removeprefix("file://").rpartition("@")
    revision, _, under = revision.partition(":")
    if not (at and place and revision):
        raise PackError(
            f"a git pack is named git+REPOSITORY@REVISION or git+REPOSITORY@REVISION:FOLDER: {source}"
        )
    if "://" in place:
        raise PackError(f"nothing is fetched: clone {place} and name the clone's folder")
    with find(folder / place) as repository:
        snapshot = repository.read(revision, under)
        found: dict[str, bytes] = {}
        total = 0
        for path in snapshot:
            if _belongs(path):
                found[path] = snapshot[path]
                total += len(found[path])
            if len(found) > MAX_FILES or total > MAX_TOTAL:
                raise PackError(
                    f"{source} holds more than policies: name the folder, as in `@REVISION:policies`"
                )
        return found
