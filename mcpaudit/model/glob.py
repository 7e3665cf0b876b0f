"""Whether a name fits a pattern of the shell's kind."""

from fnmatch import fnmatchcase


def globbed(name: str, pattern: str) -> bool:
    """As `fnmatchcase` says, which compiles every pattern; most need no more than a comparison."""
    start, star, end = pattern.partition("*")
    if "?" in pattern or "[" in pattern or "*" in end:
        return fnmatchcase(name, pattern)
    if not star:
        return name == pattern
    return len(name) >= len(start) + len(end) and name.startswith(start) and name.endswith(end)
