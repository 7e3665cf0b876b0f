"""Where two lines of history parted: the best common ancestors of two commits.

Source: git's document `git-merge-base`; a common ancestor is best where no other one descends from it.
"""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import RevisionError

MOST = 200_000
"""Commits that are looked at."""
_ONE, _OTHER, _STALE = 1, 2, 4
_BOTH = _ONE | _OTHER


@dataclass(frozen=True, slots=True)
class Commit:
    """What of a commit says where it stands in history."""

    parents: tuple[str, ...]
    time: int
    """Only for the order in which commits are looked at: whoever makes one can write what they like."""


Read = Callable[[str], Commit | None]
"""A commit by its id; `None` for one that the repository does not have."""


def merge_bases(read: Read, one: str, other: str) -> tuple[str, ...]:
    """The best common ancestors, sorted: several after criss-cross merges, none of histories that never met.

    Raises RevisionError where too much of the history is missing to be sure.
    """
    seen = _Painted(read, one, other)
    found = seen.common()
    for end in (one, other):
        if end in found:
            # Every common ancestor is one of this commit, too, however much is missing.
            return (end,)
    if seen.missing:
        raise RevisionError("the history here does not go back to where the two parted")
    return tuple(sorted(found)) if len(found) < 2 else _best(read, found)


class _Painted:
    """Commits marked by which of the two they are ancestors of, the latest ones first."""

    def __init__(self, read: Read, one: str, other: str) -> None:
        self._read = read
        self._marks: dict[str, int] = {}
        self._waiting: list[tuple[int, str]] = []
        self._open: set[str] = set()
        """Those waiting that are not known to be ancestors of a common one."""
        self.missing = False
        self._mark(one, _ONE)
        self._mark(other, _OTHER)

    def common(self) -> set[str]:
        """Common ancestors, the best ones among them."""
        found = set()
        while self._open:
            _, name = heappop(self._waiting)
            self._open.discard(name)
            mark = self._marks[name]
            if mark == _BOTH:
                found.add(name)
                mark |= _STALE
            commit = self._read(name)
            if commit is None:
                self.missing |= not mark & _STALE
                continue
            for parent in commit.parents:
                self._mark(parent, mark)
        return {name for name in found if not self._marks[name] & _STALE}

    def _mark(self, name: str, mark: int) -> None:
        had = self._marks.get(name, 0)
        if had | mark == had:
            return
        if len(self._marks) > MOST:
            raise RevisionError(f"the two parted more than {MOST:,} commits ago")
        self._marks[name] = had | mark
        commit = self._read(name)
        heappush(self._waiting, (-commit.time if commit else 0, name))
        if (had | mark) & _STALE:
            self._open.discard(name)
        else:
            self._open.add(name)


def _best(read: Read, found: Iterable[str]) -> tuple[str, ...]:
    """Those that no other one descends from."""
    best, waiting, seen = set(found), list(found), set[str]()
    while waiting:
        commit = read(waiting.pop())
        for parent in commit.parents if commit else ():
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
        if len(seen) > MOST:
            raise RevisionError(f"the two parted more than {MOST:,} commits ago")
    return tuple(sorted(best - seen))
