"""Which of several entries of one name is loaded, and what happens to the others."""

from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.model.server import Installation
from mcpaudit.parsing.node import Node


def settle(
    installations: Sequence[Installation], strongest_first: Sequence[str], idle: Sequence[str] = ()
) -> tuple[Installation, ...]:
    """Mark, per name, the entry whose level wins; the rest keep their place and say what hides them.

    An entry that can never load (rejected, blocked) hides nothing: the next one takes its place. The same
    goes for entries in one of the `idle` states.
    """
    rank = {level: index for index, level in enumerate(strongest_first)}
    by_name: dict[str, list[Installation]] = {}
    for installation in installations:
        by_name.setdefault(installation.name, []).append(installation)
    settled: list[Installation] = []
    for rivals in by_name.values():
        contenders = [one for one in rivals if one.state not in ("rejected", "blocked", *idle)]
        # The sort is stable: within a level the entry that was read first wins (nearest folder first).
        contenders.sort(key=lambda one: rank.get(one.level, len(rank)))
        for one in rivals:
            if not contenders or one not in contenders:
                settled.append(one)
            elif one is contenders[0]:
                hidden = tuple(other.place for other in contenders[1:])
                settled.append(replace(one, shadows=(*one.shadows, *hidden)))
            else:
                settled.append(replace(one, shadowed_by=contenders[0].place))
    return tuple(settled)


def switched_off(one: Installation, entry: Node, key: str, says: str) -> Installation:
    """An installation whose own entry switches it off."""
    switch = entry.child(key)
    place = switch.place if switch else None
    return replace(one, state="disabled", reason=f"the entry says `{says}`", decided=place)


def distinct(installations: Sequence[Installation]) -> tuple[Installation, ...]:
    """Give every installation an id of its own; the one that the agent can use keeps the plain name."""
    taken: set[str] = set()
    found: dict[int, Installation] = {}
    for index, one in sorted(enumerate(installations), key=lambda pair: (not pair[1].reachable, pair[0])):
        kind = "shadowed" if one.shadowed_by else one.state if one.state != "loaded" else ""
        number = 1
        while one.id in taken:
            tag = ", ".join(filter(None, (one.level, kind, str(number) if number > 1 else "")))
            one, number = replace(one, tag=tag), number + 1
        taken.add(one.id)
        found[index] = one
    return tuple(found[index] for index in sorted(found))


def assume_approved(installations: Sequence[Installation]) -> tuple[Installation, ...]:
    """Judge pending installations as once the user trusts the folder and approves its servers."""
    return tuple(replace(one, assumed=True) if one.state == "pending" else one for one in installations)
