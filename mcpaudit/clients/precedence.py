"""Which of several entries of one name is loaded, and what happens to the others."""

from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.model.server import Installation


def settle(installations: Sequence[Installation], strongest_first: Sequence[str]) -> tuple[Installation, ...]:
    """Mark, per name, the entry whose level wins; the rest keep their place and say what hides them.

    An entry that can never load (rejected, blocked) hides nothing: the next one takes its place.
    """
    rank = {level: index for index, level in enumerate(strongest_first)}
    by_name: dict[str, list[Installation]] = {}
    for installation in installations:
        by_name.setdefault(installation.name, []).append(installation)
    settled: list[Installation] = []
    for rivals in by_name.values():
        contenders = [one for one in rivals if one.state not in ("rejected", "blocked")]
        # The sort is stable: within a level the entry that was read first wins (nearest folder first).
        contenders.sort(key=lambda one: rank.get(one.level, len(rank)))
        for one in rivals:
            if not contenders or one not in contenders:
                settled.append(one)
            elif one is contenders[0]:
                settled.append(replace(one, shadows=tuple(other.place for other in contenders[1:])))
            else:
                settled.append(replace(one, shadowed_by=contenders[0].place))
    return tuple(settled)


def assume_approved(installations: Sequence[Installation]) -> tuple[Installation, ...]:
    """Judge pending installations as once the user trusts the folder and approves its servers."""
    return tuple(replace(one, assumed=True) if one.state == "pending" else one for one in installations)
