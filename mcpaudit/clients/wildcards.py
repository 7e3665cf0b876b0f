"""Patterns of rules in which `*` stands for any text and `?` for one character, and all else for itself."""

import re
from functools import lru_cache


def fits(pattern: str, name: str) -> bool:
    """Whether a pattern is about this name as a whole."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re.Pattern[str]:
    first, *rest = (
        "".join("." if one == "?" else re.escape(one) for one in part) for part in text.split("*")
    )
    if not rest:
        return re.compile(first, re.DOTALL)
    # What stands between two stars is taken where it first is, for good: to try every place takes for ever.
    *between, last = rest
    return re.compile(f"{first}{''.join(f'(?>.*?{part})' for part in between if part)}.*{last}", re.DOTALL)
