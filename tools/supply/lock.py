"""Reads the lock files, in the requirements format as uv writes it, hashes and `# via` comments included.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/ and its hash-checking mode.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
SELF = "mcp-reach-audit"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[\w.!+]+)(?: ; (?P<marker>.+?))? \\")
_HASH = re.compile(r"    --hash=sha256:(?P<hash>[0-9a-f]{64})(?P<more> \\)?")
_VIA = re.compile(r"    #(?: via|  )? *(?P<name>[A-Za-z0-9][\w.-]*)?(?: \(pyproject\.toml(?::\w+)?\))?")


class LockError(Exception):
    """A line that is no pinned package, no hash and no comment."""


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """One package of a lock: one version, the hashes of its files, and who needs it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL; https://github.com/package-url/purl-spec names the type `pypi`."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(path: Path) -> tuple[Locked, ...]:
    """The packages of a lock; raises at the first line that does not pin by hash."""
    found: list[Locked] = []
    head: re.Match[str] | None = None
    hashes: list[str] = []
    needed_by: list[str] = []
    open_line = False
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        pin, digest, via = _PIN.fullmatch(line), _HASH.fullmatch(line), _VIA.fullmatch(line)
        if open_line and digest is None:
            raise LockError(f"{path.name}:{number}: a hash is to follow")
        if digest is not None and open_line:
            hashes.append(digest["hash"])
            open_line = digest["more"] is not None
        elif via is not None and head is not None:
            needed_by += [canonicalize_name(via["name"])] if via["name"] else []
        elif pin is not None or not line:
            if head is not None:
                pinned = (canonicalize_name(head["name"]), head["version"], head["marker"] or "")
                found.append(Locked(*pinned, tuple(hashes), tuple(sorted(needed_by))))
            head, hashes, needed_by, open_line = pin, [], [], pin is not None
        else:
            raise LockError(f"{path.name}:{number}: expected `name==version`, pinned by hash")
    return tuple(sorted(found))


def within(names: set[str], lock: tuple[Locked, ...]) -> set[str]:
    """These packages and all that they need, by the lock."""
    reached = set(names)
    while more := {one.name for one in lock if reached & set(one.needed_by)} - reached:
        reached |= more
    return reached


def names_of(requirements: list[str]) -> set[str]:
    """The packages that requirements name."""
    return {canonicalize_name(Requirement(one).name) for one in requirements}
