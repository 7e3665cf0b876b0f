"""Changes of configuration files that a person may apply."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.supposition import Part, Supposition

Tree = Literal["project", "home"]
TREES: tuple[Tree, ...] = ("project", "home")


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What changes in one file."""

    file: str
    """As reports name it."""
    tree: Tree
    """Below which folder its diff counts: the audited one, or the user's home."""
    says: tuple[str, ...]
    """What each change does, a clause each."""
    diff: str
    """As `git apply` takes it; no line of it holds a secret."""


@dataclass(frozen=True, slots=True)
class Made:
    """One change, and what was wished for that it brings about."""

    file: str
    says: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Patches:
    """A supposition as changes of files, as far as they can bring it about."""

    files: tuple[FilePatch, ...] = ()
    done: Supposition = field(default_factory=Supposition)
    """The part of the supposition that the changes bring about."""
    left: tuple[str, ...] = ()
    """What they do not, and why: a sentence each."""
    made: tuple[Made, ...] = ()
    missed: Mapping[Part, str] = field(default_factory=dict)
    """Why a part of what was wished for cannot be brought about."""
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The changed files, whole, to be audited again; they may hold secrets and are never shown."""

    def of(self, tree: Tree) -> tuple[FilePatch, ...]:
        """The changes below one folder."""
        return tuple(one for one in self.files if one.tree == tree)
