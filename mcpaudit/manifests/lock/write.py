"""A lock as the bytes of its file: sorted, a tool on three lines, so that a review shows what changed."""

import json
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from mcpaudit.model.lock import FULL, OBJECTS, Lock, LockedServer, LockedTool
from mcpaudit.parsing.canonical import digest
from mcpaudit.parsing.document import Json

HASH = "sha256:"

_TOOL_LINES = (
    ("name", "actions", "touches", "annotations"),
    ("parameters", "required"),
    ("title", "description", "schema"),
    ("full_title",),
    ("full_description",),
)
_SERVER_LINES = (
    ("id",),
    ("installed_as",),
    ("version", "pinned", "configured"),
    ("integrity", "integrity_reason"),
    ("given_env", "given_headers"),
    ("needs_env", "needs_scopes"),
    ("manifest",),
    ("digest",),
)


def dump(lock: Lock) -> bytes:
    """The file. Characters beyond ASCII are escaped: what a reviewer does not see could be anything."""
    head = _lines((("format",), ("tool",), ("scope",)), to_json(lock), "  ")
    servers = ",\n".join(f"    {{\n{_server(server)}\n    }}" for server in lock.servers)
    listed = f'  "servers": [\n{servers}\n  ]' if servers else '  "servers": []'
    return f"{{\n{head},\n{listed}\n}}\n".encode()


def sealed(server: LockedServer) -> LockedServer:
    """The entry with its digest."""
    return replace(server, digest=digest_of(server))


def digest_of(server: LockedServer) -> str:
    """The digest of an entry; a text beside its own digest adds nothing to it."""
    data = to_json(server)
    del data["digest"]
    data["tools"] = [
        {name: held for name, held in to_json(tool).items() if name not in FULL} for tool in server.tools
    ]
    return HASH + digest(data)


def text_digest(text: str) -> str:
    """`sha256:HEX` of a text; empty for none."""
    return HASH + sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


def to_json(row: Any) -> dict[str, Json]:
    """A row of the lock as an object."""
    return {one.name: _value(one.name, getattr(row, one.name)) for one in fields(row)}


def _value(name: str, held: Any) -> Json:
    if name in OBJECTS:
        return dict(held)
    if isinstance(held, tuple):
        return [_value("", item) for item in held]
    return to_json(held) if hasattr(held, "__dataclass_fields__") else held


def _server(server: LockedServer) -> str:
    tools = ",\n".join(f"        {{{_tool(tool)}}}" for tool in server.tools)
    listed = f'      "tools": [\n{tools}\n      ]' if tools else '      "tools": []'
    return f"{_lines(_SERVER_LINES, to_json(server), '      ')},\n{listed}"


def _tool(tool: LockedTool) -> str:
    data = {name: held for name, held in to_json(tool).items() if name not in FULL or held}
    return _lines(_TOOL_LINES, data, "         ").strip()


def _lines(groups: tuple[tuple[str, ...], ...], data: dict[str, Json], indent: str) -> str:
    """One line for each group of keys."""
    lines = [
        indent + ", ".join(f"{_text(name)}: {_text(data[name])}" for name in group if name in data)
        for group in groups
        if any(name in data for name in group)
    ]
    return ",\n".join(lines)


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True)
