"""How the odd servers talk: messages, the handshake, pages of tools."""

import json
import sys
from typing import Any

SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
LATEST = "2026-07-28"


def tool(name: str, **more: Any) -> dict[str, Any]:
    """A tool as servers list it."""
    return {"name": name, "description": "Reads a note.", "inputSchema": SCHEMA, **more}


def put(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say(**message: Any) -> None:
    """One message."""
    put(json.dumps({"jsonrpc": "2.0", **message}))


def requests() -> Any:
    """What the client asks, without its notifications."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            yield message


def greet(message: dict[str, Any], version: str = "2025-06-18") -> bool:
    """Answer the handshake; whether the message was part of it."""
    own = {"name": "odd", "version": "4.5.6"}
    if message["method"] == "initialize" and version != LATEST:
        held = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": own}
        say(id=message["id"], result=held)
    elif message["method"] == "server/discover" and version == LATEST:
        meta = {"io.modelcontextprotocol/serverInfo": own}
        held = {"supportedVersions": [LATEST], "capabilities": {"tools": {}}, "_meta": meta}
        say(id=message["id"], result={**held, "resultType": "complete", "ttlMs": 0, "cacheScope": "private"})
    elif message["method"] == "tools/list":
        return False
    else:
        say(id=message["id"], error={"code": -32601, "message": "Method not found"})
    return True


def serve(page: Any, version: str = "2025-06-18") -> None:
    """Answer `tools/list` by what `page` gives for the cursor."""
    for message in requests():
        if not greet(message, version):
            result = page((message.get("params") or {}).get("cursor"))
            if version == LATEST:
                result |= {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
            say(id=message["id"], result=result)


def good(*names: str) -> Any:
    """One page with these tools."""
    return lambda cursor: {"tools": [tool(name) for name in names or ("get_note", "delete_note")]}
