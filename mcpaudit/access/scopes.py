"""What a provider's scopes give, and which of them tools need: closure, least, spare and lacking scopes.

What a pack says of a scope is what it grants on kinds of resources and which scopes it contains; containment
is never derived from names. An action that no scope of the provider speaks of is undecided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import IntEnum
from functools import cache

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Grant, Pack, Packs
from mcpaudit.knowledge.pack_reader import Limit, Scope, Vocabulary
from mcpaudit.model.action import CHANGING, in_order
from mcpaudit.model.glob import globbed

# OpenID Connect Core 1.0 sections 3.1.2.1, 5.4 and 11, and Google's and Microsoft's names for the same.
_IDENTITY = frozenset(
    {"openid", "profile", "email", "offline_access", "userinfo.email", "userinfo.profile", "User.Read"}
)


def for_signing_in(name: str) -> bool:
    """Whether a scope only says who signs in, and that they stay so."""
    return _short(name) in _IDENTITY


def _short(name: str) -> str:
    """A scope as packs write it: providers also write it as a URL."""
    return name.rstrip("/").rpartition("/")[2] if "://" in name else name


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """One action on one kind of resource."""

    kind: str
    action: str

    def __str__(self) -> str:
        return f"{self.action} {self.kind}"


class Extent(IntEnum):
    """To how much of a kind something is granted."""

    PART = 0  # what is public, what the app made
    OWN = 1  # what belongs to the user
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Spare:
    """A granted scope that is not needed as it is."""

    name: str
    instead: tuple[str, ...]
    """Smaller scopes that would do; empty where none is needed in its place."""
    sure: bool = True
    """Whether they would do for all of it, and not only for what belongs to the user."""


@dataclass(slots=True)
class Scopes:
    """The scopes of one provider."""

    pack: Pack
    packs: Packs
    vocabulary: Vocabulary = "scopes"
    _tables: dict[str, dict[str, dict[str, Extent]]] = field(default_factory=dict)
    _weights: dict[str, int] = field(default_factory=dict)

    @property
    def listed(self) -> Mapping[str, Scope]:
        """All of the vocabulary, by name."""
        return self.pack.permissions if self.vocabulary == "permissions" else self.pack.scopes

    def known(self, name: str) -> str | None:
        """The pack's name of a scope; `None` where it has none."""
        return next((one for one in (name, _short(name)) if one in self.listed), None)

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """The scopes with all that they contain."""
        found: set[str] = set()
        left = [name for name in names if name in self.listed]
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += [one for one in self.listed[name].implies if one in self.listed]
        return frozenset(found)

    def atoms(self, kind: str, actions: Iterable[str]) -> frozenset[Atom]:
        """What has to be granted for these actions: what is read is listed, too."""
        needed = set(actions)
        if "send" in needed:
            # Sending makes what is sent; where no scope is about sending, it comes with making it.
            sent, made = self.givers(Atom(kind, "send")), needed & {"create", "write"}
            needed -= made if sent else {"send"} if made else set()
        if "read" in needed:
            needed.discard("list")
            if not self.givers(Atom(kind, "read")) and self.givers(Atom(kind, "list")):
                needed = needed - {"read"} | {"list"}
        return frozenset(Atom(kind, action) for action in needed)

    def givers(self, atom: Atom) -> dict[str, Extent]:
        """The scopes that grant it, each with how much of it."""
        rows = self._table(atom.kind).items()
        return {name: row[atom.action] for name, row in rows if atom.action in row}

    def free(self, atom: Atom) -> bool | None:
        """Whether it takes no scope at all; `None` where that holds for a part, like public repositories."""
        kinds = (atom.kind, *self.packs.lineage(self.pack.provider, atom.kind))
        extent = _granted(self.pack.unscoped, kinds).get(atom.action)
        return False if extent is None else True if extent is Extent.WHOLE else None

    def least(self, atoms: Iterable[Atom], among: Iterable[str] | None = None) -> tuple[str, ...]:
        """The smallest scopes that grant all of it: the smallest for each, without those that add nothing."""
        chosen: dict[Atom, str] = {}
        allowed = None if among is None else set(among)
        for atom in self._contents(atoms):
            givers = self.givers(atom)
            if self.free(atom) is not True:
                ranked = sorted(
                    (extent is Extent.PART, self._weight(name), name)
                    for name, extent in givers.items()
                    if allowed is None or name in allowed
                )
                if ranked:
                    chosen[atom] = ranked[0][2]
        kept = sorted(set(chosen.values()), key=lambda name: (-self._weight(name), name))
        for name in sorted(kept, key=lambda name: (self._weight(name), name)):
            others = [one for one in kept if one != name]
            if all(self._as_good(others, name, atom) for atom in chosen):
                kept = others
        return tuple(sorted(kept))

    def spare(self, granted: Iterable[str], needed: Iterable[Atom]) -> tuple[Spare, ...]:
        """The granted scopes that could go, or be smaller, and all that is needed would still be granted."""
        held = [name for name in granted if name in self.listed]
        inside = {one for name in held for one in self.closure([name]) - {name}}
        kept, found = set(held) - inside, []
        atoms = sorted({*needed, *self._contents(needed)})
        for name in sorted(kept, key=lambda name: (-self._weight(name), name)):
            others, smaller = kept - {name}, self.closure([name]) - {name}
            own = [atom for atom in atoms if self._gives([name], atom) is not None]
            if for_signing_in(name) or not all(
                self._as_good([*others, *smaller], name, atom) for atom in own
            ):
                continue
            instead = self.least([atom for atom in own if not self._as_good(others, name, atom)], smaller)
            kept = others | set(instead)
            less = any((self._gives(kept, atom) or 0) < (self._gives([name], atom) or 0) for atom in own)
            found.append(Spare(name, instead, not less))
        return tuple(sorted(found, key=lambda one: one.name))

    def lacking(self, granted: Iterable[str], needed: Iterable[Atom]) -> Mapping[Atom, str]:
        """What is needed and not granted even for a part, with a scope of the least that would grant it."""
        names = [name for name in granted if name in self.listed]
        open_ = [
            atom
            for atom in sorted(set(needed))
            if self._gives(names, atom) is None and self.free(atom) is False
        ]
        least = self.least(open_)
        givers = {atom: [name for name in least if self._gives([name], atom) is not None] for atom in open_}
        return {atom: found[0] for atom, found in givers.items() if found}

    def refused(self, granted: Iterable[str], kind: str, actions: Iterable[str]) -> frozenset[str]:
        """The actions that nothing granted gives, not even for a part, and that other scopes would give."""
        asked, names = set(actions), list(granted)
        lacking = {atom.action for atom in self.lacking(names, self.atoms(kind, asked))}
        # Some actions stand for others: sending for making, listing for reading where no scope is for that.
        if "send" in lacking:
            lacking |= {"create", "write"}
        if "list" in lacking:
            lacking.add("read")
        elif "read" in lacking:
            lacking |= {atom.action for atom in self.lacking(names, [Atom(kind, "list")])}
        return frozenset(lacking & asked)

    def _contents(self, atoms: Iterable[Atom]) -> list[Atom]:
        """What to look for: lists commonly show what is listed, so that listing is taken for reading."""
        read = {atom: Atom(atom.kind, "read") for atom in atoms}
        shown = {
            read[atom] if atom.action == "list" and any(self.givers(read[atom]).values()) else atom
            for atom in read
        }
        return sorted(shown)

    def _as_good(self, others: Iterable[str], name: str, atom: Atom) -> bool:
        """Whether the others grant what this one grants of it, at least for what belongs to the user."""
        own, theirs = self._gives([name], atom), self._gives(others, atom)
        return own is None or (theirs is not None and theirs >= min(own, Extent.OWN))

    def _gives(self, names: Iterable[str], atom: Atom) -> Extent | None:
        """To how much of the kind scopes grant it; `None` where they do not grant it."""
        table = self._table(atom.kind)
        found = [extent for name in names if (extent := table[name].get(atom.action)) is not None]
        return max(found, default=None)

    def _table(self, kind: str) -> dict[str, dict[str, Extent]]:
        """How much of a kind each scope grants, by action."""
        if kind not in self._tables:
            kinds = (kind, *self.packs.lineage(self.pack.provider, kind))
            own = {name: _granted(scope.grants, kinds) for name, scope in self.listed.items()}
            self._tables[kind] = {
                name: _joined(own[one] for one in self.closure([name])) for name in self.listed
            }
        return self._tables[kind]

    def _weight(self, name: str) -> int:
        """How much a scope grants: a change counts double, a part of a kind half."""
        if name not in self._weights:
            grants = {grant for one in self.closure([name]) for grant in self.listed[one].grants}
            self._weights[name] = sum(
                (4 if action in CHANGING or action == "send" else 2) // (2 if grant.limit else 1)
                for grant in grants
                for kind in self.pack.kinds
                if _matches(grant.on, (kind, *self.packs.lineage(self.pack.provider, kind)))
                for action in in_order(grant.do)
            )
        return self._weights[name]


_EXTENTS: dict[Limit, Extent] = {"": Extent.WHOLE, "own": Extent.OWN, "part": Extent.PART}


def _granted(grants: Iterable[Grant], kinds: tuple[str, ...]) -> dict[str, Extent]:
    """How much of a kind grants give, by action; what may be read may be listed."""
    found: dict[str, Extent] = {}
    for grant in grants:
        if _matches(grant.on, kinds):
            for action in (*grant.do, "list") if "read" in grant.do else grant.do:
                found[action] = max(found.get(action, Extent.PART), _EXTENTS[grant.limit])
    return found


def _joined(rows: Iterable[Mapping[str, Extent]]) -> dict[str, Extent]:
    found: dict[str, Extent] = {}
    for row in rows:
        for action, extent in row.items():
            found[action] = max(found.get(action, extent), extent)
    return found


@cache
def _matches(pattern: str, kinds: tuple[str, ...]) -> bool:
    """Whether a grant on a kind or a pattern over kinds holds for a kind, given with what contains it."""
    if pattern.endswith(".**"):
        stem = pattern.removesuffix(".**")
        return any(kind == stem or kind.startswith(f"{stem}.") for kind in kinds)
    return globbed(kinds[0], pattern)
