"""The best manifest there is: live > supplied > lock > Docker catalog > source > shipped catalog > none."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.builtin import builtin_manifest
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import ProviderMatch, providers_of
from mcpaudit.manifests import catalog
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Manifest
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site

if TYPE_CHECKING:
    from mcpaudit.knowledge.capability import RawTool
    from mcpaudit.knowledge.inference import Inference
    from mcpaudit.manifests.offer import Offer
    from mcpaudit.manifests.supplied import Supplied
    from mcpaudit.model.lock import Lock


Fetch = Callable[[Installation], "Offer | None"]


@dataclass(slots=True)
class Manifests:
    """Finds manifests and keeps them, so that one server is worked out once."""

    packs: Packs
    supplied: "Supplied | None" = None
    offers: "dict[str, Offer]" = field(default_factory=dict)
    """Manifests that lie on the audited machine, by server id."""
    lock: "Lock | None" = None
    """The project's lock; `None` also where it is about to be compared with what is installed."""
    site: Site | None = None
    """Where servers' own sources are looked for; `None` where they are not to be."""
    fetch: "Fetch | None" = None
    """Asks a package index for what lies nowhere here; `None` where nothing is to be contacted."""
    proposed: "Lock | None" = None
    """A lock that nobody has accepted: it may add tools and actions, and proves nothing."""
    live: "Mapping[str, Offer]" = field(default_factory=dict)
    """What running servers have just answered, by `AGENT/NAME`."""
    _inference: "Inference | None" = None
    _kept: dict[tuple[str, ...], Manifest] = field(default_factory=dict)
    _sources: "dict[tuple[str, ...], Offer | None]" = field(default_factory=dict)
    _providers: dict[tuple[str, ...], tuple[ProviderMatch, ...]] = field(default_factory=dict)

    def of(self, installation: Installation) -> Manifest:
        """The best manifest there is for an installation; never a silent empty one."""
        server = installation.server
        if server.builtin:
            return builtin_manifest(installation.client)
        given = self._given(installation)
        plain = not (given and given.tools)
        locked = self.lock.entry(installation) if self.lock and plain else None
        proposed = self.proposed.entry(installation) if self.proposed and plain else None
        seals = (one.digest if one else "" for one in (locked, proposed))
        key = (*_runs(installation), given.file if given else "", *seals, *self.provider_ids(installation))
        if key not in self._kept:
            found = self._work_out(installation, self._offer(installation))
            if proposed is not None:
                # Imported here: only a comparison knows such a lock.
                from mcpaudit.manifests.lock.source import with_proposed

                found = with_proposed(found, proposed, installation)
            if locked is not None:
                # Imported here: most projects have no lock.
                from mcpaudit.manifests.lock.source import with_lock

                found = with_lock(found, locked, installation)
            self._kept[key] = found
        return self._kept[key]

    def raw_tools(self, installation: Installation) -> "tuple[RawTool, ...]":
        """The tools of its manifest as the server describes them, in its order; empty where not known."""
        offer, manifest = self._offer(installation), self.of(installation)
        known = offer is not None and manifest.source == offer.source
        if offer is None or not known:
            return ()
        # Imported here: only a lock asks for it.
        from mcpaudit.manifests.tool_secrets import tools_of

        return tools_of(offer, self.packs)

    def _given(self, installation: Installation) -> "Offer | None":
        """What the server itself has just answered, or else what a user handed over."""
        if answer := self.live.get(f"{installation.agent}/{installation.name}"):
            return answer
        return self.supplied.offer(installation.agent, installation.name) if self.supplied else None

    def _offer(self, installation: Installation) -> "Offer | None":
        """What a file or its source lists for an installation, if anything does."""
        offer = self._given(installation) or self.offers.get(installation.server.id)
        return offer if offer is not None and offer.tools else self._source(installation) or offer

    def _source(self, installation: Installation) -> "Offer | None":
        """What the server's own source says, where that lies on the machine and is the better word."""
        if self.site is None or installation.server.transport != "stdio":
            return None
        key = _runs(installation)
        if key not in self._sources:
            # Imported here: an audit of remote servers reads no source.
            from mcpaudit.manifests.source import offer_of

            known = catalog.manifest_of(installation.server)
            found = offer_of(installation, self.site, known.version if known else "")
            sure = known is not None and known.certainty is Certainty.CERTAIN
            if found is None and self.fetch is not None and not sure:
                found = self.fetch(installation)
            # A list that the server gave is better than a reading of its source that has holes.
            self._sources[key] = None if known and found and not found.complete else found
        return self._sources[key]

    def providers(self, installation: Installation) -> tuple[ProviderMatch, ...]:
        """The providers that an installation works with, best first."""
        names = tuple(name for name, _ in installation.entry.env)
        key = (installation.server.id, *names)
        if key not in self._providers:
            self._providers[key] = tuple(providers_of(installation.server, names, self.packs))
        return self._providers[key]

    def provider_ids(self, installation: Installation) -> tuple[str, ...]:
        """The ids of those providers."""
        return tuple(match.provider for match in self.providers(installation))

    def _work_out(self, installation: Installation, offer: "Offer | None") -> Manifest:
        server = installation.server
        known = catalog.manifest_of(server)
        if offer is None or (not offer.tools and known is not None):
            return known or self._none(installation)
        if not offer.tools:
            return Manifest(server.id, offer.source, False, (), offer.reason, offer.version)
        # Imported here: the lexicon is only needed where a manifest is not in the catalog.
        from mcpaudit.knowledge.inference import Inference
        from mcpaudit.knowledge.masked_digest import digested_one
        from mcpaudit.manifests.tool_secrets import tools_of

        if self._inference is None:
            self._inference = Inference(self.packs)
        providers = self.provider_ids(installation)
        return Manifest(
            server=server.id,
            source=offer.source,
            complete=offer.complete,
            tools=self._inference.tools(tools_of(offer, self.packs), server.id, providers),
            reason=offer.reason,
            version=offer.version,
            digest=digested_one(offer.document, self.packs).sha256 if offer.document else "",
            # What a user hands over is taken at its word; other files speak of a version that may not run.
            certainty=Certainty.CERTAIN if offer.proved or offer.source == "supplied" else Certainty.POSSIBLE,
            needs_env=offer.needs_env,
            scopes=offer.scopes,
            integrity=offer.integrity,
            state=offer.state,
        )

    def _none(self, installation: Installation) -> Manifest:
        server = installation.server
        if server.transport in ("http", "sse", "ws"):
            reason = "it is a remote server and no manifest of it was supplied"
        elif server.id.startswith(("path:", "module:")):
            reason = "it is a program of your own, and neither its source nor a manifest was found"
        else:
            reason = "the shipped catalog does not know it, and neither its source nor a manifest was found"
        return Manifest(server.id, "none", False, (), reason, certainty=Certainty.UNKNOWN)


def _runs(installation: Installation) -> tuple[str, ...]:
    """What decides which tools a server offers, as far as its entry tells."""
    entry, package = installation.entry, installation.server.package
    words = (*(name for name, _ in entry.env), "", *(word.text for word in entry.server_args()))
    return (installation.server.id, package.version if package else "", entry.command, *words)
