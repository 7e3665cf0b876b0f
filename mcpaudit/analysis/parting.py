"""Who has to go so that no two of a group meet: a small vertex cover, without a look at every two."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mcpaudit.dataclass import dataclass

Side = Mapping[str, str]
"""Parties, each with a key: two of one key do not meet."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Every party of one side meets every party of the other, unless both have one key."""

    left: Side
    right: Side


class Parting:
    """Meetings from which parties are taken."""

    def __init__(self, meetings: Iterable[Meeting]) -> None:
        self._meetings = [_Left(meeting) for meeting in meetings]
        self._of: dict[str, list[_Left]] = defaultdict(list)
        for meeting in self._meetings:
            for party in meeting.parties:
                self._of[party].append(meeting)

    def alone(self) -> Iterator[str]:
        """Each party that is in every meeting: without it nobody meets."""
        for party, own in sorted(self._of.items()):
            if len(own) == len(self._meetings) and not self._without(party):
                yield party

    def cover(self, cost: Mapping[str, int]) -> list[str]:
        """Parties without which nobody meets, and none too many: what costs least for each it meets first."""
        meets = {party: sum(one.meets(party) for one in own) for party, own in self._of.items()}
        taken: list[str] = []
        for party in sorted(meets, key=lambda name: (cost[name] / max(meets[name], 1), name)):
            if any(one.open for one in self._of[party]):
                self._take(party)
                taken.append(party)
        return [party for party in reversed(taken) if self._needed(party)]

    def _needed(self, party: str) -> bool:
        """Whether someone meets again when a party comes back; if not, it stays."""
        self._take(party, back=True)
        if again := any(one.open for one in self._of[party]):
            self._take(party)
        return again

    def _without(self, party: str) -> bool:
        """Whether others meet without one party."""
        self._take(party)
        left = any(one.open for one in self._of[party])
        self._take(party, back=True)
        return left

    def _take(self, party: str, *, back: bool = False) -> None:
        for meeting in self._of[party]:
            meeting.take(party, 1 if back else -1)


class _Left:
    """What is left of one meeting: how many parties of each key, on each side."""

    def __init__(self, meeting: Meeting) -> None:
        self._sides: Sequence[tuple[Side, Counter[str]]] = [
            (side, Counter(side.values())) for side in (meeting.left, meeting.right)
        ]
        self.parties = {**meeting.left, **meeting.right}

    @property
    def open(self) -> bool:
        """Whether two of different keys are left."""
        left, right = (keys for _, keys in self._sides)
        return bool(left and right) and (len(left) > 1 or len(right) > 1 or left.keys() != right.keys())

    def meets(self, party: str) -> int:
        """How many of the other side a party meets."""
        (left, mine), (right, theirs) = self._sides
        there = len(right) - theirs[left[party]] if party in left else 0
        return there + (len(left) - mine[right[party]] if party in right else 0)

    def take(self, party: str, step: int) -> None:
        """Take a party away, or put it back."""
        for side, keys in self._sides:
            if party in side:
                keys[side[party]] += step
                if not keys[side[party]]:
                    del keys[side[party]]
