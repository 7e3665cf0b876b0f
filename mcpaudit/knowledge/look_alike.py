"""Packages named one slip away from well-known servers: how a wrong one is installed unseen.

What is known are the servers that provider packs name. A name that is known itself is no slip.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from mcpaudit.knowledge.pack import Packs, plain

_PUBLISHED = ("npm:", "pypi:", "oci:")
_SHORTEST = 8
"""Characters; of a shorter name too many others are one slip away."""


def resembles(server_id: str) -> str:
    """The well-known server that a package's id is one slip away from; empty where there is none.

    A slip is one letter too few, too many or another, or two next to each other in the wrong order. A digit
    more or another one is none: digits number versions.
    """
    if not server_id.startswith(_PUBLISHED) or Packs.shipped().provider_of_server(server_id):
        return ""
    own = plain(server_id)
    near = (one for text in (own, *_without_one(own)) for one in _well_known().get(text, ()))
    return min((one for one in near if _one_slip(own, one)), default="")


@lru_cache(maxsize=1)
def _well_known() -> dict[str, list[str]]:
    """The ids of long names, by themselves and by all that is left of each without one letter."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in Packs.shipped().servers():
        if one.startswith(_PUBLISHED) and len(one.partition(":")[2]) >= _SHORTEST:
            for text in (one, *_without_one(one)):
                found[text].append(one)
    return found


def _without_one(text: str) -> Iterable[str]:
    start = text.index(":") + 1
    return {text[:at] + text[at + 1 :] for at in range(start, len(text))}


def _one_slip(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    start = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    left, right = short[start:], long[start:]
    if len(short) < len(long):
        return left == right[1:] and not right[0].isdigit()
    if left[1:] == right[1:]:
        changed = left[0] + right[0]
        return "/" not in changed and not changed.isdigit()
    return left[:2] == right[1::-1] and left[2:] == right[2:]
