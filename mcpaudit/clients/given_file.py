"""A configuration file named by hand: its servers are listed, but which client loads it is not known."""

from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Client
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import named, shell_like
from mcpaudit.dataclass import dataclass
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.parsing.document import Syntax
from mcpaudit.parsing.node import Node

ID, TITLE = "file", "A file given by hand"


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which clients write their servers into a file."""

    pointer: tuple[str, ...]
    dialect: Dialect


COMMON = Dialect(
    expand=named, url=("url", "httpUrl", "serverUrl"), options=("disabled",), except_tools="disabledTools"
)
SHAPES = (
    Shape(("mcpServers",), COMMON),
    Shape(("servers",), COMMON),
    Shape(("mcp", "servers"), COMMON),
    Shape(
        ("mcp_servers",), Dialect(headers=("http_headers",), options=("enabled",), only_tools="enabled_tools")
    ),
    Shape(("context_servers",), COMMON),
    Shape(("mcp",), Dialect(expand=shell_like, env="environment", options=("enabled",))),
    Shape(("cody.mcpServers",), COMMON),
    Shape(("amp.mcpServers",), COMMON),
)
SYNTAXES: dict[str, Syntax] = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}


def load(reading: Reading, path: Path) -> AgentConfig | None:
    """Read every server that the file declares, in whatever shape; `None` where it is no such file."""
    agent = Agent(ID, ID, TITLE)
    root = reading.open(path, path.name, SYNTAXES.get(path.suffix.lower(), "json"), TITLE, ID)
    if root is None:
        return None
    found: list[Installation] = []
    for servers, shape in tables(root):
        found += EntryReader(reading, agent, shape.dialect).installations(servers, "file")
    if not found and not any(root.child(shape.pointer[0]) for shape in SHAPES):
        reason = "no server table was found in it (mcpServers, servers, mcp_servers, mcp, context_servers)"
        reading.gaps.append(Gap("not-understood", root.place, reason, ID))
        return None
    return AgentConfig(agent, tuple(found))


def tables(root: Node) -> Iterator[tuple[Node, Shape]]:
    """The tables of servers in a document, each with the way in which it is written."""
    for shape in SHAPES:
        servers = root.at(*shape.pointer) if len(shape.pointer) > 1 else root.child(shape.pointer[0])
        if servers is not None and _holds_entries(servers):
            yield servers, shape


def _holds_entries(servers: Node) -> bool:
    """`mcp` and `servers` mean other things elsewhere: a table counts when a member looks like an entry."""
    if not isinstance(servers.value, dict):
        return False
    if servers.route and servers.route[-1] in ("mcpServers", "mcp_servers", "context_servers"):
        return True
    marks = {"command", "url", "httpUrl", "serverUrl", "type"}
    return any(isinstance(value, dict) and marks & value.keys() for value in servers.value.values())


def decide(config: AgentConfig, installation: Installation, tool: Tool, mode: Mode) -> Decision:
    """Which client loads the file decides, and that is not known."""
    del config, installation, tool, mode
    return Decision(Verdict.UNKNOWN, "the client that loads this file is not known", None, Certainty.UNKNOWN)


def _not_looked_for(reading: Reading) -> None:
    """Only a person names such a file."""
    del reading


CLIENT = Client(ID, TITLE, _not_looked_for, decide)
