"""Kilo Code's older files, `.kilocode/mcp.json` and `.kilo/mcp.json`: read strictly, and converted.

Source: npm @kilocode/cli-linux-x64 7.7.9 (its bundle) and that client's own server listing, observed.
"""

from dataclasses import replace

from mcpaudit.clients.files import STRICT, accepted
from mcpaudit.clients.known.kilo_code.files import ID, TITLE
from mcpaudit.clients.reading import Reading
from mcpaudit.model.gap import Gap
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

# The weaker first; of one name the stronger file's entry replaces the other's.
OLDER = ("{project}/.kilocode/mcp.json", "{project}/.kilo/mcp.json")


def older_entries(reading: Reading) -> dict[str, Node]:
    """The servers of the older files; one that breaks their conversion takes both files along."""
    found: dict[str, Node] = {}
    for template in OLDER:
        root = reading.file(template, "json", f"{TITLE} older project servers", ID)
        root = accepted(reading, root, TITLE, ID, STRICT)
        servers = root.child("mcpServers") if root else None
        found |= dict(servers.items()) if servers else {}
    broken = next((name for name, node in found.items() if _breaks(node.value)), None)
    if broken is not None:
        reason = f"{TITLE} ignores all its older files because it cannot convert {broken}"
        reading.gaps.append(Gap("ignored", found[broken].place, reason, ID))
        return {}
    return found


def _breaks(value: Json) -> bool:
    """Whether the conversion of older entries fails at this one (two of these observed)."""
    if not isinstance(value, dict):
        return value is None
    text = value.get("alwaysAllow")
    return bool(isinstance(text, str) and text) or not isinstance(value.get("args"), list | str | None)


def converted(node: Node) -> Node | None:
    """An older entry in the newer form, as far as merging asks for it; `None` for one that is skipped."""
    table = node.value if isinstance(node.value, dict) else {}
    remote = table.get("type") in ("sse", "streamable-http")
    if not table.get("url" if remote else "command"):
        return None
    # `enabled` is no word of the older files (observed).
    unused = ("enabled", "command" if remote else "url")
    entry = {key: one for key, one in table.items() if key not in unused}
    if isinstance(table.get("args"), str):
        # Each letter becomes a word of its own (observed).
        entry["args"] = [*str(table["args"])]
    entry |= {"type": "remote" if remote else "local"} | ({"enabled": False} if table.get("disabled") else {})
    return replace(node, value=entry)
