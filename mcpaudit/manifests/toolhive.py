"""ToolHive's registry: container images with their tools, in its own form or inside a registry entry.

Sources: stacklok/toolhive-registry, `registry/*/spec.yaml` (older) and of 2026 `registries/toolhive/servers`
(`_meta` of an MCP registry entry, with `tool_definitions` as servers list them).
"""

from collections.abc import Iterator

from mcpaudit.knowledge.capability import read_listing
from mcpaudit.manifests.offer import Offer
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

_PROVIDED = "io.modelcontextprotocol.registry/publisher-provided"


def from_entry(root: Node) -> Offer | None:
    """One server's entry; `None` where this is none."""
    if root.child("image") is None and root.at("_meta", _PROVIDED) is None:
        return None
    found = next(filter(None, map(_definitions, _bodies(root))), None)
    if found is None:
        return None
    body, tools = found
    listing = read_listing({"tools": tools})
    listed = listing.tools if listing else ()
    if not listed:
        return None
    variables = [*_variables(body), *_variables(root)]
    return Offer(
        document=root.document,
        source="registry",
        tools=listed,
        complete=not (listing and listing.skipped),
        reason=f"the ToolHive registry entry {root.document.file}",
        version=root.text("version"),
        needs_env=tuple(sorted(dict.fromkeys(variables))),
    )


def _bodies(root: Node) -> Iterator[Node]:
    """Where tools may stand: at the top, or below each publisher's name and image."""
    if root.child("tier") or root.child("tool_definitions") or root.child("transport"):
        yield root
    provided = root.at("_meta", _PROVIDED)
    for _, publisher in provided.items() if provided else ():
        for _, body in publisher.items() if isinstance(publisher.value, dict) else ():
            yield body


def _definitions(body: Node) -> tuple[Node, list[Json]] | None:
    for key in ("tool_definitions", "tools"):
        node = body.child(key)
        if node is not None and isinstance(node.value, list) and node.value:
            tools: list[Json] = [{"name": one} if isinstance(one, str) else one for one in node.value]
            return body, tools
    return None


def _variables(node: Node) -> Iterator[str]:
    for key in ("env_vars", "environmentVariables"):
        table = node.child(key)
        for one in table.elements() if table and isinstance(table.value, list) else ():
            if one.text("name"):
                yield one.text("name")
