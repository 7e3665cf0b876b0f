"""Files that declare a server and none of its tools: Smithery, plugins of Claude Code, Gemini extensions.

Sources: smithery.ai documentation (`smithery.yaml`); anthropics/claude-plugins-official (`plugin.json`);
the documentation bundled in npm @google/gemini-cli 0.61.0 (`gemini-extension.json`). A `commandFunction` is
code; it is not run.
"""

from mcpaudit.manifests.offer import Offer
from mcpaudit.parsing.node import Node


def from_smithery(root: Node) -> Offer | None:
    """A `smithery.yaml`; `None` where this is none."""
    start = root.child("startCommand")
    runtime = root.text("runtime") if isinstance(root.value, dict) and "runtime" in root.value else ""
    if start is None and runtime not in ("typescript", "container", "python"):
        return None
    schema = start.at("configSchema", "properties") if start else None
    needs = [name for name, _ in schema.items()] if schema and isinstance(schema.value, dict) else []
    reason = f"the Smithery configuration {root.document.file}, which lists no tools"
    return Offer(root.document, "registry", (), False, reason, needs_env=tuple(sorted(needs)))


def from_plugin(root: Node) -> Offer | None:
    """A plugin's or extension's manifest; `None` where this is none."""
    servers = root.child("mcpServers")
    if servers is None or not (root.child("name") and root.child("version")):
        return None
    names = ", ".join(servers.value) if isinstance(servers.value, dict) else "those of another file"
    reason = f"the manifest {root.document.file}, which names servers ({names}) and no tools"
    return Offer(root.document, "registry", (), False, reason, root.text("version"))
