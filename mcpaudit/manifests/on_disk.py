"""Manifests that already lie on the audited machine: the catalogs of Docker's MCP gateway."""

from dataclasses import field
from typing import TYPE_CHECKING

from mcpaudit.dataclass import dataclass
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_folder
from mcpaudit.parsing.reader import read

if TYPE_CHECKING:
    from mcpaudit.manifests.offer import Offer


@dataclass(slots=True)
class OnDisk:
    """What a machine's catalogs offer, by server id, with the files and what could not be read."""

    offers: "dict[str, Offer]" = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


def read_catalogs(site: Site) -> OnDisk:
    """Every Docker catalog in the user's home; one that cannot be read becomes a gap."""
    found = OnDisk()
    folder = site.locate("{home}/.docker/mcp/catalogs")
    if folder is None or not is_folder(folder[0]):
        return found
    # Imported here: most machines have no such catalog.
    from mcpaudit.manifests import docker

    try:
        names = sorted(path.name for path in folder[0].iterdir() if path.suffix == ".yaml")
    except OSError as error:
        reason = f"this folder cannot be listed: {error.strerror or 'it cannot be opened'}"
        found.gaps.append(Gap("unreadable", Place(folder[1]), reason))
        return found
    for name in names:
        document = read(folder[0] / name, f"{folder[1]}/{name}", "yaml")
        if isinstance(document, Gap):
            found.gaps.append(document)
        elif document is not None:
            found.documents[document.file] = document
            found.offers |= docker.entries(Node(document, document.data))
    return found
