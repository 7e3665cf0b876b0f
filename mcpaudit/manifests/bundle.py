"""MCPB and DXT bundles: a zip with a `manifest.json` that lists the tools.

Source: MANIFEST.md and the schema in npm @anthropic-ai/mcpb 2.1.2 (manifest versions 0.1 to 0.4).
"""

import zipfile
from pathlib import Path

from mcpaudit.knowledge.capability import read_listing
from mcpaudit.manifests.archive import BROKEN, MAX_TOTAL
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import open_regular, parse


def read_bundle(path: Path, shown: str) -> Offer | Gap:
    """The tools of a bundle file; nothing of it is unpacked to disk."""
    try:
        with open_regular(path, MAX_TOTAL) as stream, zipfile.ZipFile(stream) as archive:
            info = archive.getinfo("manifest.json")
            if info.file_size > MAX_BYTES:
                return Gap("unreadable", Place(shown), "its manifest.json is larger than 16 MiB")
            with archive.open(info) as member:
                raw = member.read(MAX_BYTES + 1)
    except KeyError:
        return Gap("malformed", Place(shown), "the bundle holds no manifest.json")
    except BROKEN:
        return Gap("malformed", Place(shown), "the file is no readable bundle (a zip archive)")
    document = parse(raw, f"{shown}!manifest.json", "json")
    if isinstance(document, Gap):
        return document
    offer = from_manifest(Node(document, document.data))
    return offer or Gap("not-understood", Place(shown), "its manifest.json is no bundle manifest")


def from_manifest(root: Node) -> Offer | None:
    """The tools of a bundle's `manifest.json`; `None` where this is none."""
    if not isinstance(root.value, dict) or not root.value.keys() & {"manifest_version", "dxt_version"}:
        return None
    listing = read_listing({"tools": root.value.get("tools") or []})
    generated = root.flag("tools_generated") is True
    tools = listing.tools if listing else ()
    reason = f"the bundle manifest {root.document.file}"
    if generated:
        reason += ", which says that more tools are generated at run time"
    elif not tools:
        reason += ", which lists no tools"
    settings = root.child("user_config")
    secret = tuple(
        name for name, node in (settings.items() if settings else ()) if node.flag("sensitive") is True
    )
    return Offer(
        document=root.document,
        source="bundle",
        tools=tools,
        complete=bool(tools) and not generated,
        reason=reason,
        version=root.text("version"),
        needs_env=secret,
    )
