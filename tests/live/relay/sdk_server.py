"""A small server made with the MCP SDK, by standard input and output or by HTTP on a port that it prints."""

import socket
import sys

from mcp.server import MCPServer

server = MCPServer("small")


@server.tool()
def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


@server.tool()
def fail() -> str:
    """Always fail."""
    raise ValueError("no such thing")


def main(transport: str) -> None:
    if transport == "stdio":
        server.run()
        return
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    app = server.sse_app() if transport == "sse" else server.streamable_http_app()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
