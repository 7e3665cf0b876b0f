"""The patches that answer an audit's findings, and what an audit of the patched files says of them."""

from collections.abc import Mapping
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.model.fact import Difference
from mcpaudit.model.finding import Finding, Safety
from mcpaudit.model.patch import FilePatch, Made, Patches, Tree


@dataclass(frozen=True, slots=True)
class Answer:
    """What the patches do about one finding."""

    safety: Safety
    changes: tuple[Made, ...] = ()
    reason: str = ""
    """Why there is no change, or which part of the remedy has none."""

    @property
    def whole(self) -> bool:
        """Whether nothing of the remedy is left to be done by hand."""
        return bool(self.changes) and not self.reason


@dataclass(frozen=True, slots=True)
class Fix:
    """One patch: all changes of one class below one folder."""

    tree: Tree
    safety: Safety
    changes: tuple[Made, ...]
    files: tuple[FilePatch, ...]


@dataclass(frozen=True, slots=True)
class Fixes:
    """The patches of one audit, and what each finding has of them."""

    fixes: tuple[Fix, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By fingerprint; a finding whose policy states no remedy has none."""
    stages: Mapping[Safety, Patches] = field(default_factory=dict)
    """The files with the safe patch, and with the one that needs review on top of it."""

    def answered(self, safety: Safety) -> frozenset[str]:
        """The findings that a stage should end, those of the stage before it included."""
        return frozenset(
            key
            for key, one in self.answers.items()
            if one.whole and (one.safety == "safe" or safety == "needs-review")
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What an audit of the patched files says of one patch."""

    safety: Safety
    answered: int
    """How many findings it should end."""
    still: tuple[Finding, ...]
    """Those of them that it does not: there should be none."""
    besides: int
    """How many findings more are gone."""
    raised: tuple[Finding, ...]
    changes: Difference
    disagreements: tuple[str, ...]
    """Where access changes otherwise than was intended: there should be none."""

    @property
    def holds(self) -> bool:
        """Whether the patch does what it says and nothing else."""
        return not self.still and not self.disagreements
