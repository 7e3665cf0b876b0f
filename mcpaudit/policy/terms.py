"""The words for facts, edges and actions, each with what it means, from `terms.yaml`."""

from functools import lru_cache
from typing import Literal

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word."""

    name: str
    kind: Literal["conflict", "flow", "excess", "edge", "action"]
    doc: str
    near_miss: str
    """What looks like it and is not it; empty where nothing does."""


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """All terms by name."""
    raw = shipped.table("policy/terms.yaml")
    return {name: Term(name, body["is"], body["doc"], body.get("not", "")) for name, body in raw.items()}
