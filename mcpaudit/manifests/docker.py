"""Docker's MCP catalog: the richest declared surface of the public catalogs.

Sources: docker/mcp-registry `server.yaml`; docker/mcp-gateway `pkg/catalog/types.go`.
"""

from mcpaudit.knowledge.capability import read_listing
from mcpaudit.manifests.offer import Offer
from mcpaudit.parsing.node import Node


def from_entry(root: Node) -> Offer | None:
    """One server's entry of the catalog or registry; `None` where this is none."""
    if not isinstance(root.value, dict) or not isinstance(
        root.value.get("image") or root.value.get("remote"), str | dict
    ):
        return None
    if not root.value.keys() & {"about", "meta", "run", "secrets", "description", "title", "config"}:
        return None
    listing = read_listing({"tools": root.value.get("tools") or []})
    tools = listing.tools if listing else ()
    reason = f"the Docker catalog entry {root.document.file}"
    return Offer(
        document=root.document,
        source="docker",
        tools=tools,
        complete=bool(tools),
        reason=reason if tools else f"{reason}, which lists no tools",
        needs_env=_secrets(root) or _secrets(root.child("config")),
        scopes=_scopes(root),
    )


def entries(root: Node) -> dict[str, Offer]:
    """All servers of a gateway catalog (`registry: {name: entry}`), by image without tag or digest."""
    table = root.child("registry")
    found: dict[str, Offer] = {}
    for _, node in table.items() if table else ():
        offer = from_entry(node)
        image = node.text("image").partition("@")[0]
        if offer and image:
            name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
            found[f"oci:{name.removeprefix('docker.io/').lower()}"] = offer
    return found


def _secrets(node: Node | None) -> tuple[str, ...]:
    secrets = node.child("secrets") if node else None
    if secrets is None or not isinstance(secrets.value, list):
        return ()
    return tuple(sorted(filter(None, (one.text("env") for one in secrets.elements()))))


def _scopes(root: Node) -> tuple[str, ...]:
    return tuple(str(scope.value) for scope in (root.child("oauth") or root).texts("scopes") or ())
