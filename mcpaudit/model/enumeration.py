"""Names as prose."""

from collections.abc import Sequence


def few(items: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`: the first ones, and how many there are besides."""
    rest = [f"{len(items) - most} more"] if len(items) > most else []
    *before, last = [*items[:most], *rest] or [""]
    return " and ".join(filter(None, [", ".join(before), last]))
