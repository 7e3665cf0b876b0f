"""The MCP registry's `server.json`: packages, remotes and needed variables, but no tools.

Source: the registry schema of 2025-09-29.
"""

from mcpaudit.manifests.offer import Offer
from mcpaudit.parsing.node import Node


def from_entry(root: Node) -> Offer | None:
    """One server's registry entry; `None` where this is none."""
    if not isinstance(root.value, dict) or not (root.child("packages") or root.child("remotes")):
        return None
    if not root.text("name"):
        return None
    needs = []
    packages = root.child("packages")
    for package in packages.elements() if packages else ():
        variables = package.child("environmentVariables")
        needs += [one.text("name") for one in variables.elements()] if variables else []
    return Offer(
        document=root.document,
        source="registry",
        tools=(),
        complete=False,
        reason=f"the registry entry {root.document.file}, which lists no tools",
        version=root.text("version"),
        needs_env=tuple(sorted(filter(None, needs))),
    )
