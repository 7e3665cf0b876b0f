"""Cline (VS Code, JetBrains, CLI): one file for all of them; the editors ask, the command line does not.

Source: cline/cline of August 2026, sdk/packages/core/src/extensions/mcp (files, entries, names),
apps/vscode/src/sdk/sdk-tool-policies.ts and apps/cli/src/commands/program.ts (approval).
"""

import hashlib
import re

from mcpaudit.clients.decisions import allows, by_mode
from mcpaudit.clients.declared import Declared, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.layers import layered
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation
from mcpaudit.parsing.node import Node

_OLDER = "{userdata}/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
_CLI = "Cline's command line runs tools unasked"


def unwrap(name: str, entry: Node) -> Node:
    """What the command line writes stands below `transport`."""
    del name
    inner = entry.child("transport")
    return layered([entry, inner]) if inner is not None and isinstance(inner.value, dict) else entry


def name_of(one: Installation, tool: Tool) -> str:
    """As the model sees it: what no name may hold becomes `_`, and then a digest tells names apart."""
    plain = f"{one.name}__{tool.name}"
    name = re.sub(r"[^A-Za-z0-9_-]", "_", plain)
    if name == plain and len(name) <= 64:
        return name
    raw = plain.encode("utf-8", "surrogatepass")
    return f"{name[:55]}_{hashlib.sha1(raw, usedforsecurity=False).hexdigest()[:8]}"


CLIENT = Declared(
    "cline",
    "Cline",
    (
        Source("user", "{home}/.cline/data/settings/cline_mcp_settings.json"),
        Source("user", "{home}/.cline/mcp.json"),
        Source("editor", _OLDER),
    ),
    by_mode(
        interactive=allows(f"{_CLI}; the editors ask, unless the tool is approved there", sure=False),
        headless=allows(_CLI),
        bypass=allows(_CLI),
    ),
    Dialect(
        type=("type", "transportType"),
        plain_url="sse",
        options=("disabled",),
        login_tables=("oauth", "oauthClient"),
        harmless=("autoApprove", "timeout", "remoteConfigured", "metadata", "transport"),
    ),
    approves="autoApprove",
    approved=Certainty.POSSIBLE,
    unwrap=unwrap,
    naming=name_of,
).client
