"""Scopes: what each credential was granted, what the enabled tools of its servers need, and what is amiss."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.access.scopes import Atom, Scopes, for_signing_in
from mcpaudit.analysis.scope_witness import ScopeWitness
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.pack_reader import Vocabulary
from mcpaudit.model.access import Access
from mcpaudit.model.action import OBSERVING, in_words
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.credential import TOLD, Credential, ScopeSource
from mcpaudit.model.scope import ScopeFact, ScopeUse
from mcpaudit.model.server import Installation

_CARRIERS_OF_NONE = ("oauth_client", "login")
"""Kinds that are no token themselves: where there is a token, it is the one that was granted something."""


@dataclass(slots=True)
class Held:
    """The credentials of one provider in one installation."""

    provider: str
    credentials: tuple[Credential, ...]
    vocabulary: Vocabulary
    granted: tuple[str, ...] | None
    source: ScopeSource

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for installations that hold the same secrets, with the same scopes."""
        return (self.provider, tuple(sorted({one.secret.group for one in self.credentials})), self.granted)


@dataclass(slots=True)
class _Needs:
    """What the enabled tools of some installations do with one provider."""

    rows: dict[Atom, list[Access]] = field(default_factory=lambda: defaultdict(list))
    undecided: set[str] = field(default_factory=set)
    """Tools of which it is not known which scopes they need."""
    whole: bool = True
    """Whether every tool is known that could need something."""


def scope_uses(access: AccessGraph, rows: Sequence[Access], packs: Packs) -> tuple[ScopeUse, ...]:
    """One for each provider and each set of secrets that installations hold of it, in a fixed order."""
    return Uses(access, packs, by_installation(rows)).all()


def by_installation(rows: Iterable[Access]) -> dict[str, list[Access]]:
    """The rows of each installation."""
    found: dict[str, list[Access]] = defaultdict(list)
    for row in rows:
        found[row.installation].append(row)
    return found


@dataclass(slots=True)
class Uses:
    """Who holds which scopes, and needs which."""

    access: AccessGraph
    packs: Packs
    rows: dict[str, list[Access]]
    scopes: dict[tuple[str, Vocabulary], Scopes] = field(default_factory=dict)
    holders: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The installations that hold each secret."""

    def all(self) -> tuple[ScopeUse, ...]:
        for name, found in self.access.credentials.items():
            for credential in found:
                self.holders[credential.secret.group].add(name)
        held: dict[tuple[object, ...], list[tuple[Installation, Held]]] = defaultdict(list)
        for _, installation in sorted(self.access.installations.items()):
            if installation.reachable and not installation.server.builtin:
                for one in self.held(installation):
                    held[one.key].append((installation, one))
        uses = [self._use(group) for group in held.values()]
        return tuple(sorted(uses, key=lambda use: (use.id, use.installations)))

    def held(self, installation: Installation) -> Iterator[Held]:
        """What an installation holds of each provider."""
        providers = self.access.providers[installation.id]
        by_provider: dict[str, list[Credential]] = defaultdict(list)
        for one in self.access.credentials.get(installation.id, ()):
            own = one.secret.provider or (providers[0] if len(providers) == 1 else "")
            if own:
                by_provider[own].append(one)
        asked = self.access.manifests[installation.id].scopes
        for provider in sorted({*by_provider, *providers}):
            scopes, found = self.of(provider), by_provider.get(provider, [])
            if scopes is None and not any(one.scopes for one in found):
                continue
            known = tuple(sorted({name for one in asked if scopes and (name := scopes.known(one))}))
            if found or known:
                yield _held_of(provider, tuple(found), known, self._vocabulary(provider, found))

    def of(self, provider: str, vocabulary: Vocabulary = "scopes") -> Scopes | None:
        """The scopes of a provider; `None` where its pack states none."""
        pack = self.packs.get(provider)
        if pack is None or not pack.scopes:
            return None
        return self.scopes.setdefault((provider, vocabulary), Scopes(pack, self.packs, vocabulary))

    def _vocabulary(self, provider: str, found: Sequence[Credential]) -> Vocabulary:
        kinds = (self.packs.credential_kind(provider, one.secret.kind, one.secret.name) for one in found)
        return "permissions" if any(one and one.vocabulary == "permissions" for one in kinds) else "scopes"

    def _needs(self, installations: Sequence[Installation], provider: str, scopes: Scopes | None) -> _Needs:
        needs = _Needs()
        for one in installations:
            needs.whole = needs.whole and self.access.manifests[one.id].complete
            for row in self.rows.get(one.id, ()):
                if not row.runs or row.transitive or row.resource.provider not in (provider, "unknown"):
                    continue
                if scopes is None or not row.resource.kind or row.tool == ANY_TOOL:
                    needs.undecided.add(row.tool)
                    continue
                for atom in scopes.atoms(row.resource.kind, row.actions):
                    if scopes.givers(atom) or scopes.free(atom) is not False:
                        needs.rows[atom].append(row)
                    else:
                        needs.undecided.add(row.tool)
        return needs

    def _use(self, group: Sequence[tuple[Installation, Held]]) -> ScopeUse:
        held = group[0][1]
        installations = [one for one, _ in group]
        secrets = {one.secret.group for one in held.credentials}
        sharing = [
            self.access.installations[name]
            for name in sorted({name for secret in secrets for name in self.holders[secret]})
            if self.access.installations[name].reachable
        ]
        scopes = self.of(held.provider, held.vocabulary)
        needs = self._needs(installations, held.provider, scopes)
        facts: list[ScopeFact] = []
        if scopes is not None and held.granted is not None:
            names = {known: name for name in held.granted if (known := scopes.known(name))}
            strange = [
                name for name in held.granted if scopes.known(name) is None and not for_signing_in(name)
            ]
            witness = ScopeWitness(self.access, installations[0], held.credentials, held.granted, held.source)
            # What another server with the same secret needs, is needed.
            every = self._needs(sharing or installations, held.provider, scopes)
            facts += _granted(scopes, names, every, witness)
            facts += _missing(scopes, list(names), needs, witness, doubt=bool(strange))
            facts += [
                ScopeFact(name, True, None, _STRANGE, Certainty.UNKNOWN, known=False) for name in strange
            ]
        return ScopeUse(
            provider=held.provider,
            servers=tuple(sorted({one.server.id for one in installations})),
            installations=tuple(one.id for one in installations),
            agents=tuple(sorted({one.agent for one in installations})),
            kinds=tuple(dict.fromkeys(one.secret.kind for one in held.credentials)),
            group=min(secrets, default=0),
            source=held.source,
            granted=held.granted,
            needed=scopes.least(needs.rows) if scopes is not None else (),
            scopes=tuple(sorted(facts, key=lambda fact: fact.name)),
            undecided=tuple(sorted(needs.undecided)),
        )


_STRANGE = "nothing is known of what it grants"


def _held_of(
    provider: str, found: tuple[Credential, ...], asked: tuple[str, ...], vocabulary: Vocabulary
) -> Held:
    """What one provider's credentials were granted together; `asked` is what the server's code asks for."""
    tokens = [one for one in found if one.secret.kind not in _CARRIERS_OF_NONE] or list(found)
    told = [one for one in tokens if one.scope_source in TOLD and one.scopes is not None]
    if told and len(told) == len(tokens):
        granted = tuple(dict.fromkeys(name for one in told for name in one.scopes or ()))
        return Held(provider, found, vocabulary, granted, told[0].scope_source)
    sources = [one.scope_source for one in tokens if one not in told]
    if asked and set(sources) <= {"unknown"}:
        return Held(provider, found, vocabulary, asked, "manifest")
    return Held(provider, found, vocabulary, None, sources[0] if sources else "unknown")


def _granted(
    scopes: Scopes, names: dict[str, str], needs: _Needs, witness: ScopeWitness
) -> Iterator[ScopeFact]:
    spare = {one.name: one for one in scopes.spare(names, needs.rows)}
    inside = {part for name in names for part in scopes.closure([name]) - {name}}
    sure = Certainty.CERTAIN if not needs.undecided else Certainty.POSSIBLE
    for name in sorted(names):
        using = {row.tool for atom in needs.rows if name in scopes.givers(atom) for row in needs.rows[atom]}
        tools = tuple(sorted(using))
        if for_signing_in(name) or name in inside:
            reason = "it is for signing in" if for_signing_in(name) else "a wider scope contains it"
            yield ScopeFact(name, True, True, reason, Certainty.CERTAIN, tools)
        elif name not in spare:
            yield ScopeFact(name, True, True, f"{_need(tools)} it", Certainty.CERTAIN, tools)
        elif not needs.whole or ANY_TOOL in needs.undecided:
            reason = "not all tools are known that could need it"
            yield ScopeFact(name, True, None, reason, Certainty.UNKNOWN, tools, spare[name].instead)
        else:
            instead = spare[name].instead
            smaller = " and ".join(f"`{one}`" for one in instead)
            reason = f"{smaller} would do for {_listed(tools)}" if instead else "no enabled tool needs it"
            # That reading alone takes less is plain; which changes take less hangs on what names say.
            changed = any(atom.action not in OBSERVING for atom in needs.rows if name in scopes.givers(atom))
            unsure = bool(instead) and (changed or not spare[name].sure)
            doubt = Certainty.POSSIBLE if unsure else sure
            certainty = weakest(sure, doubt, witness.certainty)
            shown = witness.excess(name, reason)
            yield ScopeFact(name, True, False, reason, certainty, tools, instead, shown)


def _missing(
    scopes: Scopes, names: list[str], needs: _Needs, witness: ScopeWitness, *, doubt: bool
) -> Iterator[ScopeFact]:
    lacking: dict[str, list[Atom]] = defaultdict(list)
    for atom, name in scopes.lacking(names, needs.rows).items():
        lacking[name].append(atom)
    for name, atoms in sorted(lacking.items()):
        rows = [row for atom in atoms for row in needs.rows[atom]]
        tools = tuple(sorted({row.tool for row in rows}))
        first = min(rows, key=lambda row: (row.certainty, row.id))
        what = _in_words(atoms)
        reason = f"{_need(tools)} it to {what}"
        certainty = weakest(
            first.certainty, witness.certainty, Certainty.POSSIBLE if doubt else Certainty.CERTAIN
        )
        yield ScopeFact(name, False, True, reason, certainty, tools, (), witness.missing(first, name, what))


def _in_words(atoms: Sequence[Atom]) -> str:
    kinds = dict.fromkeys(atom.kind for atom in atoms)
    told = [f"{in_words(one.action for one in atoms if one.kind == kind)} {kind}" for kind in kinds]
    return ", ".join(told[:3]) + (", and more" if len(told) > 3 else "")


def _need(tools: Sequence[str]) -> str:
    return f"{_listed(tools)} need{'' if len(tools) > 1 else 's'}"


def _listed(tools: Sequence[str]) -> str:
    shown = ", ".join(f"`{one}`" for one in tools[:3])
    return shown + (f" and {len(tools) - 3} more" if len(tools) > 3 else "")
