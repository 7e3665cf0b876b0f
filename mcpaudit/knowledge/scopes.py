"""What a scope allows: as its provider's pack describes it, else as the provider itself publishes it."""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.pack_reader import Grant, Pack, Scope, level_of, matching
from mcpaudit.model.action import Actions, in_order

GOOGLE, GRAPH = "google", "microsoft-graph"
_BEGINNINGS = (
    ("https://www.googleapis.com/auth/", GOOGLE),
    ("https://mail.google.com/", GOOGLE),
    ("https://graph.microsoft.com/", GRAPH),
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """All that one scope allows, with what the scopes allow that it implies."""

    name: str
    """As it was asked for."""
    provider: str
    level: int
    """How much it opens, from 1 (least) to 5."""
    grants: tuple[Grant, ...]
    complete: bool
    """Whether a pack describes it; else it allows at least this, and perhaps more."""

    def by_kind(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The actions by the kind, or pattern over kinds, that they are done to; both in a fixed order.

        What a pattern says of all its kinds is not said again of one.
        """
        found: dict[str, Actions] = {}
        for grant in self.grants:
            found[grant.on] = found.get(grant.on, frozenset()) | grant.do
        wide = {on: do for on, do in found.items() if on.endswith("**")}
        own = {
            on: do
            for on, do in found.items()
            if not any(one != on and do <= wide[one] and matching(one, [on]) for one in wide)
        }
        return tuple((on, in_order(own[on])) for on in sorted(own))


def allowance(name: str, providers: tuple[str, ...], packs: Packs) -> Allowance | None:
    """What a scope allows, for the first provider that knows it; `None` where none does.

    A scope that begins with a provider's address is that provider's, whoever asks for it.
    """
    named = tuple(provider for start, provider in _BEGINNINGS if name.startswith(start))
    for provider in named or providers:
        if scope := scope_of(provider, name, packs):
            opened = tuple(_with_implied(provider, scope, packs))
            grants = tuple(grant for one in opened for grant in one.grants)
            described = packs.get(provider)
            complete = described is not None and scope.name in described.scopes
            return Allowance(name, provider, max(one.level for one in opened), grants, complete)
    return None


def scope_of(provider: str, name: str, packs: Packs) -> Scope | None:
    """One scope, by its full or short name; `None` where neither pack nor table knows it."""
    pack = packs.get(provider)
    if pack is None:
        return None
    found = pack.scopes.get(name) or pack.scopes.get(_short(name))
    if provider == GRAPH:
        return _of_graph(_short(name), pack, found)
    return found or (_of_google(_short(name), pack) if provider == GOOGLE else None)


def _short(name: str) -> str:
    return next((name.removeprefix(start) for start, _ in _BEGINNINGS if name.startswith(start)), name)


def _with_implied(provider: str, scope: Scope, packs: Packs) -> Iterator[Scope]:
    seen, ahead = {scope.name}, [scope]
    while ahead:
        one = ahead.pop()
        yield one
        for name in one.implies:
            implied = scope_of(provider, name, packs)
            if implied and name not in seen:
                seen.add(name)
                ahead.append(implied)


def _of_google(name: str, pack: Pack) -> Scope | None:
    """What the methods that accept a scope do; an interface counts as the kind of its name and all in it."""
    from mcpaudit.knowledge.tables.google import opened_by

    opened = opened_by(name)
    grants = tuple(
        Grant(f"{interface}.**", frozenset().union(*(method.actions for method in methods)))
        for interface, methods in sorted(opened.items())
    )
    return Scope(name, grants, level=level_of(grants, pack.kinds)) if grants else None


def _of_graph(name: str, pack: Pack, curated: Scope | None) -> Scope | None:
    """A permission with Microsoft's own level; what the pack does not describe is read from its name."""
    from mcpaudit.knowledge.tables.graph import permission

    found = permission(name)
    if found is None:
        return curated
    if curated is not None:
        return replace(curated, level=found.level)
    if found.actions is None:
        return None
    grants = tuple(Grant(on, found.actions) for on in _kinds_of(found.resource, pack))
    return Scope(name, grants, level=found.level)


def _kinds_of(resource: str, pack: Pack) -> tuple[str, ...]:
    """What the pack's scopes on the same resource are on; else the resource by its own name."""
    same = (scope for name, scope in pack.scopes.items() if name.partition(".")[0] == resource)
    return tuple(sorted({grant.on for scope in same for grant in scope.grants})) or (resource.lower(),)
