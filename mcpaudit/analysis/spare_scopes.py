"""Scopes that an entry asks for, held against what the tools that stay need of them."""

import re
from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.analysis.facts import Facts
from mcpaudit.clients.credentials.declared import declared_scopes
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.plan import Keep, Narrow, Plan
from mcpaudit.model.scope import ScopeFact, ScopeUse
from mcpaudit.model.server import Installation
from mcpaudit.parsing.document import value_at

_PARTS = re.compile(r"[^\s,]+|[\s,]+")


def with_fewer_scopes(plans: tuple[Plan, ...], after: Facts) -> tuple[Plan, ...]:
    """The plans, with the scopes that nothing needs any more once all else is done; `after` is that state."""
    uses = [use for use in after.scopes if use.source == "declared"]
    return tuple(_fewer(plan, after, uses) for plan in plans) if uses else plans


def _fewer(plan: Plan, after: Facts, uses: list[ScopeUse]) -> Plan:
    return replace(
        plan, keep=tuple(_keep(f"{plan.agent}/{kept.name}", kept, after, uses) for kept in plan.keep)
    )


def _keep(name: str, kept: Keep, after: Facts, uses: list[ScopeUse]) -> Keep:
    installation = after.access.installations.get(name)
    own = [fact for use in uses if name in use.installations for fact in use.scopes]
    if installation is None or not own:
        return kept
    return replace(kept, narrow=(*kept.narrow, *_narrow(installation, own, after)))


def _narrow(one: Installation, facts: list[ScopeFact], after: Facts) -> Iterator[Narrow]:
    asked = declared_scopes(one.entry)
    # Whoever asks for other providers' scopes too, or for ones that nobody knows, may need all of them.
    if asked is None or not all(fact.known for fact in facts):
        return
    spare = [fact for fact in facts if fact.needed is False and fact.certainty is Certainty.CERTAIN]
    document = after.collected.documents.get(asked.place.file)
    raw = value_at(document.data, asked.place.route) if document else None
    if isinstance(raw, list):
        raw = " ".join(map(str, raw))
    if not spare or not isinstance(raw, str):
        return
    text = _without(raw, spare)
    if text != raw:
        yield Narrow(asked.place, " ".join(asked.text.split()), text, text, "scopes")


def _without(raw: str, spare: list[ScopeFact]) -> str:
    """The list without the spare scopes, or with the smaller ones in their place; parted as it was."""
    found: list[str] = []
    names: set[str] = set()
    pieces: list[str] = _PARTS.findall(raw)
    mark = next((piece for piece in pieces if not piece.strip(" ,\t\r\n")), " ")
    for piece in pieces:
        if not piece.strip(" ,\t\r\n"):
            continue
        fact = next((fact for fact in spare if piece == fact.name or piece.endswith(f"/{fact.name}")), None)
        base = piece.removesuffix(fact.name) if fact else ""
        for name in [f"{base}{smaller}" for smaller in fact.instead] if fact else [piece]:
            if name not in names:
                names.add(name)
                found.append(name)
    return mark.join(found)
