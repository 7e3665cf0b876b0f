"""Recognises what kind of manifest a file is, and reads it."""

from pathlib import Path

from mcpaudit.knowledge.capability import read_listing
from mcpaudit.manifests import bundle, declaration, docker, registry, toolhive
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import read


def read_offer(path: Path, shown: str) -> Offer | Gap:
    """The manifest in a file, whatever its format; a file that is none is a gap with the reason."""
    if path.suffix in (".mcpb", ".dxt"):
        return bundle.read_bundle(path, shown)
    document = read(path, shown, "yaml" if path.suffix in (".yaml", ".yml") else "json")
    if document is None:
        return Gap("unreadable", Place(shown), "the file is not there")
    if isinstance(document, Gap):
        return document
    root = Node(document, document.data)
    for reader in _READERS:
        offer = reader(root)
        if offer is not None:
            return offer
    reason = "this is no saved tools/list, no manifest of a bundle or plugin, no entry of a known registry"
    return Gap("not-understood", Place(shown), reason)


def _listing(root: Node) -> Offer | None:
    """A saved `tools/list` result, bare, in its JSON-RPC envelope, or with the server's facts around it."""
    listing = read_listing(root.document.data)
    if listing is None:
        return None
    more = any(
        isinstance(part, Node) and isinstance(part.value, dict) and bool(part.value.get("nextCursor"))
        for part in (root, root.child("result"))
    )
    reason = f"the saved list in {root.document.file}"
    if not listing.tools:
        reason += ", which lists no tools"
    elif more:
        reason += ", which is only its first page"
    elif listing.skipped:
        reason += f", in which {listing.skipped} entries are no tools"
    version = root.value.get("version") if isinstance(root.value, dict) else None
    return Offer(
        document=root.document,
        source="supplied",
        tools=listing.tools,
        complete=bool(listing.tools) and not more and not listing.skipped,
        reason=reason,
        version=version if isinstance(version, str) else "",
    )


# The most telling first: a registry entry may hold the tools of ToolHive's.
_READERS = (
    bundle.from_manifest,
    toolhive.from_entry,
    docker.from_entry,
    registry.from_entry,
    declaration.from_smithery,
    _listing,
    declaration.from_plugin,
)
