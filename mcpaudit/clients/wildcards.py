"""Patterns of rules in which `*` stands for any text and `?` for one character, and all else for itself."""

import re
from functools import lru_cache


def fits(pattern: str, name: str) -> bool:
    """Whether a pattern is about this name as a whole."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in re.sub(r"\*+", "*", text)), re.DOTALL)
