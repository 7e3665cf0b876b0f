"""Names by which models call tools, taken apart: `mcp__server__tool`."""

PREFIX = "mcp__"


def apart(name: str) -> tuple[str, str] | None:
    """The server and the tool of a name with the prefix; `None` for any other.

    Where the server's own name holds `__`, the parts are not the true ones; together they still are, and
    evidence is held against installations by both together.
    """
    if not name.startswith(PREFIX):
        return None
    server, _, tool = name.removeprefix(PREFIX).partition("__")
    return (server, tool) if server and tool else None
