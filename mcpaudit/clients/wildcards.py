"""Patterns of rules in which `*` stands for any text and `?` for one character, and all else for itself."""


def fits(pattern: str, name: str) -> bool:
    """Whether a pattern is about this name as a whole; nothing is compiled, as a file may hold thousands."""
    first, *rest = pattern.split("*")
    # Most rules are about another server, and that shows here.
    if "?" not in first and not name.startswith(first):
        return False
    if not rest:
        return len(first) == len(name) and _stands(first, name, 0)
    if not _stands(first, name, 0):
        return False
    at = len(first)
    *between, last = rest
    for part in between:
        # What stands between stars is taken where it first is, for good: to try every place takes for ever.
        at = _found(part, name, at)
        if at < 0:
            return False
        at += len(part)
    end = len(name) - len(last)
    return end >= at and _stands(last, name, end)


def _stands(part: str, name: str, at: int) -> bool:
    return at + len(part) <= len(name) and _pieces_stand(part.split("?"), name, at)


def _pieces_stand(pieces: list[str], name: str, at: int) -> bool:
    for piece in pieces:
        if not name.startswith(piece, at):
            return False
        at += len(piece) + 1
    return True


def _found(part: str, name: str, at: int) -> int:
    """Where the part first stands from there on; -1 for nowhere."""
    pieces = part.split("?")
    longest = max(pieces, key=len)
    ahead, last = part.index(longest), len(name) - len(part)
    while at <= last and (at := name.find(longest, at + ahead, last + ahead + len(longest)) - ahead) >= 0:
        if _pieces_stand(pieces, name, at):
            return at
        at += 1
    return -1
