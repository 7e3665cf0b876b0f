"""The objects of a repository: each in a file of its own, or many in a pack.

What is read is held against its id, so that a damaged or forged store cannot pass for another content.

Source: git's documents `gitrepository-layout` and `gitformat-pack`.
"""

import hashlib
import zlib
from functools import cached_property
from pathlib import Path

from mcpaudit.errors import RevisionError
from mcpaudit.revisions.pack import MAX_OBJECT, Pack, inflate

_MAX_ALTERNATES = 16


class Objects:
    """Finds objects by id in a folder of objects and in those that it borrows from."""

    def __init__(self, folder: Path, wide: bool = False) -> None:
        self._folder = folder
        self.width = 32 if wide else 20
        """Bytes of an id."""

    def close(self) -> None:
        """Let go of the packs."""
        for pack in self.__dict__.get("_packs", ()):
            pack.close()

    def read(self, name: str, kind: str) -> bytes:
        """An object's content; raises RevisionError where it is missing, damaged or of another kind."""
        found, content = self._read(name)
        digest = hashlib.sha256 if self.width == 32 else hashlib.sha1
        if digest(f"{found} {len(content)}\0".encode() + content).hexdigest() != name:
            raise RevisionError(f"the object {name} is damaged")
        if found != kind:
            raise RevisionError(f"{name} is a {found} and no {kind}")
        return content

    def holds(self, name: str) -> bool:
        """Whether an object is there: shallow and partial clones leave some out."""
        if any((folder / name[:2] / name[2:]).is_file() for folder in self._folders):
            return True
        return any(pack.offset(bytes.fromhex(name)) is not None for pack in self._packs)

    def kind(self, name: str) -> str:
        """`commit`, `tree`, `blob` or `tag`."""
        return self._read(name)[0]

    def complete(self, beginning: str) -> str | None:
        """The one id that begins so; `None` where there is none, RevisionError where there are several."""
        found = set()
        for folder in self._folders:
            for path in (folder / beginning[:2]).glob(f"{beginning[2:]}*"):
                found.add(beginning[:2] + path.name)
        for pack in self._packs:
            found.update(pack.beginning_with(beginning))
        # An abbreviation means a commit where another object begins so, too (`gitrevisions`).
        if len(found) > 1:
            found = {one for one in found if self.kind(one) in ("commit", "tag")}
        if len(found) > 1:
            raise RevisionError(f"`{beginning}` could be several commits; give more of its id")
        return found.pop() if found else None

    def _read(self, name: str) -> tuple[str, bytes]:
        for folder in self._folders:
            path = folder / name[:2] / name[2:]
            if path.is_file():
                return _loose(path, name)
        for pack in self._packs:
            offset = pack.offset(bytes.fromhex(name))
            if offset is not None:
                return pack.read(offset, self._read)
        raise RevisionError(
            f"the object {name} is not there; a shallow or partial clone leaves out what it does not need"
        )

    @cached_property
    def _folders(self) -> list[Path]:
        """The own folder, and those that it borrows from."""
        found, waiting = [self._folder], [self._folder]
        while waiting and len(found) < _MAX_ALTERNATES:
            folder = waiting.pop(0)
            listed = folder / "info" / "alternates"
            if listed.is_file() and listed.stat().st_size < 1 << 20:
                for line in listed.read_text("utf-8", "replace").splitlines():
                    if not line.strip() or line.startswith("#"):
                        continue
                    other = led(folder, line.strip())
                    if other not in found:
                        found.append(other)
                        waiting.append(other)
        return found

    @cached_property
    def _packs(self) -> list[Pack]:
        indexes = [path for folder in self._folders for path in sorted((folder / "pack").glob("*.idx"))]
        return [Pack(path, self.width) for path in indexes if path.with_suffix(".pack").is_file()]


def led(folder: Path, text: str) -> Path:
    """Where a file of a repository says that something is; raises RevisionError for what is no path."""
    try:
        path = (folder / text).resolve()
        path.exists()
    except (OSError, ValueError, RuntimeError):
        # Too long, with a NUL byte, or a loop of links.
        raise RevisionError("a file of the repository leads to what no path can be") from None
    return path


def _loose(path: Path, name: str) -> tuple[str, bytes]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_OBJECT)
        content = inflate(raw, MAX_OBJECT)
    except (OSError, zlib.error) as error:
        raise RevisionError(f"the object {name} cannot be read") from error
    head, _, body = content.partition(b"\0")
    kind, _, size = head.decode("ascii", "replace").partition(" ")
    if size != str(len(body)):
        raise RevisionError(f"the object {name} is damaged")
    return kind, body
