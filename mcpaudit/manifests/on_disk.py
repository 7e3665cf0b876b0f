"""Manifests that already lie on the audited machine: Docker's catalogs and Claude Desktop's extensions."""

from typing import TYPE_CHECKING

from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import read

if TYPE_CHECKING:
    from mcpaudit.manifests.offer import Offer


def offers_on_disk(site: Site) -> "dict[str, Offer]":
    """The servers of every Docker catalog in the user's home, by server id."""
    found: dict[str, Offer] = {}
    folder = site.locate("{home}/.docker/mcp/catalogs")
    if folder is None or not folder[0].is_dir():
        return found
    # Imported here: most machines have no such catalog.
    from mcpaudit.manifests import docker

    for path in sorted(folder[0].glob("*.yaml")):
        document = read(path, f"{folder[1]}/{path.name}", "yaml")
        if isinstance(document, Document):
            found |= docker.entries(Node(document, document.data))
    return found
