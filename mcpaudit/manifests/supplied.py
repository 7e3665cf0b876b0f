"""Saved manifests that a user hands over with `--manifests`, for air-gapped and CI use.

`DIR/<server name>.json` or `DIR/<agent>/<server name>.json`: a saved `tools/list` result, an MCPB bundle or
its manifest, a Docker catalog entry, or a registry `server.json`.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.masked_digest import digested_one
from mcpaudit.knowledge.secrets import KnowsSecrets
from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.presence import is_file

ENDINGS = (".json", ".mcpb", ".dxt", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Supplied:
    """The saved manifests of one folder, by the path that names their server."""

    folder: Path
    offers: dict[str, Offer]
    gaps: tuple[Gap, ...]
    documents: dict[str, Document]

    def without_server(self, names: Collection[tuple[str, str]]) -> tuple[Gap, ...]:
        """Manifests that none of these agents and servers asks for: mistyped names, most often."""
        known = {server for _, server in names} | {f"{agent}/{server}" for agent, server in names}
        return tuple(
            Gap("not-understood", Place(offer.file), f"there is no server named `{name}` here")
            for name, offer in sorted(self.offers.items())
            if name not in known
        )

    def offer(self, agent: str, server: str) -> Offer | None:
        """The manifest for a server of an agent; one for that agent alone is the better match."""
        return self.offers.get(f"{agent}/{server}") or self.offers.get(server)


def read_folder(folder: Path, packs: KnowsSecrets) -> Supplied:
    """Read every saved manifest of a folder; what cannot be read becomes a gap."""
    offers: dict[str, Offer] = {}
    gaps: list[Gap] = []
    documents: dict[str, Document] = {}
    try:
        paths = sorted(folder.rglob("*"))
    except OSError as error:
        # It went away while it was listed: some versions of Python say so.
        return Supplied(folder, {}, (Gap("unreadable", Place(folder.name), str(error.strerror)),), {})
    for path in paths:
        if path.suffix not in ENDINGS or not is_file(path):
            continue
        name = path.relative_to(folder).as_posix().removesuffix(path.suffix)
        shown = f"{folder.name}/{name}{path.suffix}"
        result = read_offer(path, shown)
        if isinstance(result, Gap):
            gaps.append(result)
            continue
        if result.document is not None:
            documents[shown] = digested_one(result.document, packs)
            result = replace(result, document=documents[shown])
        offers[name] = result
    return Supplied(folder, offers, tuple(gaps), documents)
