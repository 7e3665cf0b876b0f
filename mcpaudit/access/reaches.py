"""Reach through integrations: what comes along with a provider's data, by packs and by asserted links."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import did_you_mean
from mcpaudit.knowledge.pack import Packs, Reach
from mcpaudit.model.action import CHANGING, EVERYTHING, OBSERVING, Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Link
from mcpaudit.model.gap import Gap
from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.place import Place
from mcpaudit.model.relation import Relation
from mcpaudit.model.resource import UNKNOWN, Resource
from mcpaudit.model.tenant import tenants


@dataclass(slots=True)
class LinkUse:
    """A link of `mcpaudit.yaml`, and what it came to here."""

    link: Link
    asserted: bool = False
    """Whether some reach is certain on its word."""
    removed: set[str] = field(default_factory=set)
    """The tenants from which it took a reach away, as `provider:tenant`."""

    @property
    def effective(self) -> bool:
        """Whether it decides on anything that is installed."""
        return self.asserted or bool(self.removed)


@dataclass(frozen=True, slots=True)
class Reached:
    """One resource that can be reached through another."""

    target: Resource
    actions: Actions
    certainty: Certainty
    reason: str
    place: Place | None = None


@dataclass(slots=True)
class Integrations:
    """What packs know of integrations, with the links that the organisation asserts or denies."""

    packs: Packs
    uses: Sequence[LinkUse]

    def of(self, resource: Resource) -> Iterator[Reached]:
        """Everything that can be reached through a resource."""
        for reach in self.packs.reaches(resource.provider):
            if reach.provider not in ("*", resource.provider) and _through(resource, reach):
                yield from self._known(resource, reach)
        yield from self._only_asserted(resource)

    def _known(self, resource: Resource, reach: Reach) -> Iterator[Reached]:
        if reach.provider == "local" and not resource.tenant.startswith(("localhost", "host")):
            return  # what runs on another machine reaches that machine
        target = self._target(reach)
        asserted = [use for use in self._speaking(resource, target) if use.link.holds]
        for use in asserted:
            use.asserted = True
            yield self._asserted(use.link, target, reach.do, f": {reach.when}")
        if asserted:
            return
        denied = [
            use
            for use in self._speaking(resource, target)
            if not use.link.holds and use.link.target.match(target) is Match.WITHIN
        ]
        for use in denied:
            use.removed.add(f"{resource.provider}:{resource.tenant}")
        if not denied:
            documented = reach.confidence == "documented"
            certainty = Certainty.CERTAIN if documented else Certainty.POSSIBLE
            yield Reached(target, reach.do, certainty, reach.when)

    def _only_asserted(self, resource: Resource) -> Iterator[Reached]:
        """Links that no pack knows: without stated actions, whatever is done here may be done there."""
        for use in self.uses:
            link = use.link
            if not link.holds or not _from(link, resource) or "*" in link.target.provider:
                continue
            if any(link.target.match(self._target(reach)) for reach in self.packs.reaches(resource.provider)):
                continue
            use.asserted = True
            yield self._asserted(link, Resource(link.target.provider), EVERYTHING, "")

    def _speaking(self, resource: Resource, target: Resource) -> Iterator[LinkUse]:
        for use in self.uses:
            if _from(use.link, resource) and use.link.target.match(target):
                yield use

    def _target(self, reach: Reach) -> Resource:
        kind = "" if "*" in reach.on else reach.on
        tenant = "host" if reach.provider == "local" else UNKNOWN
        return Resource(reach.provider, tenant, kind, (), self.packs.lineage(reach.provider, kind))

    def _asserted(self, link: Link, target: Resource, known: Actions, why: str) -> Reached:
        to = link.target
        kind = target.kind or (to.kind if _literal(to.kind) else "")
        found = Resource(
            target.provider,
            to.tenant if _literal(to.tenant) else target.tenant,
            kind,
            _beginning(to) if to.kind == kind or to.provider == "sql" else (),
            self.packs.lineage(target.provider, kind),
        )
        reason = f"the organisation says that {link.source} reaches {to.text}{why}"
        return Reached(found, link.actions or known, Certainty.CERTAIN, reason, link.place)


def without_effect(uses: Iterable[LinkUse], providers: Sequence[str]) -> Iterator[Gap]:
    """Links that decide nothing here: misspelt, outdated, or of a tenant that is not known."""
    for use in uses:
        if not use.effective:
            says = "asserts" if use.link.holds else "denies"
            what = f"{use.link.source} reaches {use.link.target.text}"
            reason = f"it {says} that {what}, and no reach of what is installed depends on that"
            named = (use.link.source.partition(":")[0], use.link.target.provider)
            hints = [did_you_mean(one, providers) for one in named if one not in providers and _literal(one)]
            yield Gap("without-effect", use.link.place, "; ".join((reason, *filter(None, hints))))


def _through(resource: Resource, reach: Reach) -> bool:
    kinds = {resource.kind, *resource.lineage}
    return not reach.sources or not resource.kind or bool(kinds & set(reach.sources))


def _from(link: Link, resource: Resource) -> bool:
    """Whether a link speaks of a resource for sure: of a tenant, only where the resource's is known."""
    provider, _, tenant = link.source.partition(":")
    if provider != resource.provider:
        return False
    return not tenant or tenants(provider, tenant, resource.tenant) is Relation.EQUAL


def _literal(part: str) -> bool:
    return "*" not in part and part != UNKNOWN


def _beginning(pattern: Pattern) -> tuple[str, ...]:
    """The parts of a pattern's path before its first wildcard."""
    found = []
    for part in pattern.path:
        if not _literal(part):
            break
        found.append(part)
    return tuple(found)


def carried_over(actions: Actions, reach: Actions) -> Actions:
    """What actions on the near side come to on the far side: seeing shows, changing changes."""
    carried: Actions = frozenset()
    if actions & OBSERVING:
        carried |= reach & OBSERVING
    if actions & CHANGING:
        carried |= reach & CHANGING
    return carried
