"""Within what the ids of messages over HTTP are unique: a session, else one exchange."""

from urllib.parse import urlsplit

from mcpaudit.live.relay.http_head import Head, Start

_MOST = 10_000
_LONGEST = 1024


class Scopes:
    """The sessions of one recording."""

    def __init__(self) -> None:
        self._announced: dict[str, None] = {}

    def of(self, head: Head, start: Start, number: int) -> str:
        """The scope of a request: its session, the address that an event stream announced, or itself.

        Sources: MCP 2025-11-25, "Session Management"; MCP 2024-11-05, "HTTP with SSE".
        """
        if session := head.all("mcp-session-id"):
            return f"session {session[0][:_LONGEST]}"
        return start.target if start.target in self._announced else f"exchange {number}"

    def announce(self, endpoint: str) -> str:
        """The scope of the messages behind an address that a server told its client to post to."""
        try:
            parts = urlsplit(endpoint.strip()[:_LONGEST])
        except ValueError:
            return ""
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._announced[target] = None
        if len(self._announced) > _MOST:
            del self._announced[next(iter(self._announced))]
        return target
