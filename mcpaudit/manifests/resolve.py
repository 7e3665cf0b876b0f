"""The best manifest there is: supplied > lock > bundle or Docker catalog > shipped catalog > none."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcpaudit.knowledge.builtin import builtin_manifest
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import ProviderMatch, providers_of
from mcpaudit.manifests import catalog
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Manifest
from mcpaudit.model.server import Installation

if TYPE_CHECKING:
    from mcpaudit.knowledge.capability import RawTool
    from mcpaudit.manifests.offer import Offer
    from mcpaudit.manifests.supplied import Supplied
    from mcpaudit.model.lock import Lock


@dataclass(slots=True)
class Manifests:
    """Finds manifests and keeps them, so that one server is worked out once."""

    packs: Packs
    supplied: "Supplied | None" = None
    offers: "dict[str, Offer]" = field(default_factory=dict)
    """Manifests that lie on the audited machine, by server id."""
    lock: "Lock | None" = None
    """The project's lock; `None` also where it is about to be compared with what is installed."""
    _kept: dict[tuple[str, ...], Manifest] = field(default_factory=dict)
    _providers: dict[tuple[str, ...], tuple[ProviderMatch, ...]] = field(default_factory=dict)

    def of(self, installation: Installation) -> Manifest:
        """The best manifest there is for an installation; never a silent empty one."""
        server = installation.server
        if server.builtin:
            return builtin_manifest(installation.client)
        offer = self._offer(installation)
        given = offer is not None and offer.tools and offer is not self.offers.get(server.id)
        locked = self.lock.entry(installation) if self.lock and not given else None
        version = server.package.version if server.package else ""
        file, seal = offer.document.file if offer else "", locked.digest if locked else ""
        key = (server.id, version, file, seal, *self.provider_ids(installation))
        if key not in self._kept:
            found = self._work_out(installation, offer)
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
        return offer.tools if offer is not None and known else ()

    def _offer(self, installation: Installation) -> "Offer | None":
        """What a file lists for an installation; one that was handed over is the better one."""
        offer = self.supplied.offer(installation.agent, installation.name) if self.supplied else None
        return offer or self.offers.get(installation.server.id)

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
        from mcpaudit.knowledge.capability import infer

        providers = self.provider_ids(installation)
        return Manifest(
            server=server.id,
            source=offer.source,
            complete=offer.complete,
            tools=tuple(infer(raw, server.id, providers, self.packs) for raw in offer.tools),
            reason=offer.reason,
            version=offer.version,
            digest=offer.document.sha256,
            # What a user hands over is taken at its word; other files speak of a version that may not run.
            certainty=Certainty.CERTAIN if offer.source == "supplied" else Certainty.POSSIBLE,
            needs_env=offer.needs_env,
            scopes=offer.scopes,
        )

    def _none(self, installation: Installation) -> Manifest:
        server = installation.server
        if server.transport in ("http", "sse", "ws"):
            reason = "it is a remote server and no manifest of it was supplied"
        elif server.id.startswith(("path:", "module:")):
            reason = "it is a program of your own and no manifest of it was supplied"
        else:
            reason = "the shipped catalog does not know it and no manifest of it was supplied"
        return Manifest(server.id, "none", False, (), reason, certainty=Certainty.UNKNOWN)
