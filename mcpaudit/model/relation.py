"""How two descriptions of what can be reached stand to each other, in three values: yes, no, and perhaps."""

from enum import StrEnum


class Relation(StrEnum):
    """How the first of two resources stands to the second."""

    EQUAL = "equal"
    CONTAINS = "contains"
    WITHIN = "within"
    POSSIBLE = "possible"
    DISJOINT = "disjoint"


def combine(*relations: Relation) -> Relation:
    """The relation of wholes from those of their parts: one that differs keeps them apart."""
    found = set(relations) - {Relation.EQUAL}
    if Relation.DISJOINT in found:
        return Relation.DISJOINT
    if not found:
        return Relation.EQUAL
    if len(found) == 1:
        return found.pop()
    return Relation.POSSIBLE


def by_glob(a: str, b: str) -> Relation:
    """How the texts that match one pattern of `*` stand to those that match another."""
    if a == b:
        return Relation.EQUAL
    if _matches(a, b):
        return Relation.CONTAINS
    if _matches(b, a):
        return Relation.WITHIN
    if "*" not in a or "*" not in b:
        return Relation.DISJOINT
    head, tail = (a.partition("*")[0], b.partition("*")[0]), (a.rpartition("*")[2], b.rpartition("*")[2])
    begin = head[0].startswith(head[1]) or head[1].startswith(head[0])
    end = tail[0].endswith(tail[1]) or tail[1].endswith(tail[0])
    return Relation.POSSIBLE if begin and end else Relation.DISJOINT


def _matches(pattern: str, text: str) -> bool:
    """Whether `*` of the pattern can stand for whatever the text has there, its own `*` among it."""
    first, *middle = pattern.split("*")
    if not middle:
        return False
    last = middle.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
