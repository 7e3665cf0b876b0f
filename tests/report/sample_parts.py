"""The sample's agents, servers and tools."""

from mcpaudit.model.place import Location
from mcpaudit.model.report_access import DecisionRow, HintsRow, ToolRow, TouchRow
from mcpaudit.model.report_inventory import InstallationRow, ManifestRow, PackageRow, ServerRow
from mcpaudit.model.step import Step

CLAUDE = "claude-code"
CURSOR = "cursor"

CALENDAR = "google:ops@acme.example/calendar.event"
ORDERS = "sql:db.acme.internal:5432/dispatch/orders"
FILES = "file:?/file/~/logistics"
HOST = "host:local"


def at(file: str, line: int, column: int = 5, *route: str | int) -> Location:
    return Location(file, line, column, route)


def step(
    kind: str,
    source: str,
    target: str,
    reason: str,
    where: Location | None = None,
    certainty: str = "certain",
) -> Step:
    return Step(kind, source, target, reason, certainty, where)


def witness(agent: str, name: str, tool: str, resource: str) -> tuple[Step, ...]:
    row = next(row for row in INSTALLATIONS if row.id == f"{agent}/{name}")
    return (
        step("loads", agent, row.server, f"{TITLES[agent]} loads `{name}`", row.location),
        step("offers", row.server, tool, f"`{name}` offers the tool `{tool}`"),
        step("acts-on", tool, resource, f"`{tool}` acts on {resource}"),
    )


TITLES = {CLAUDE: "Claude Code", CURSOR: "Cursor"}


def _server(
    id: str, name: str, version: str = "", source: str = "catalog", complete: bool = True, reason: str = ""
) -> ServerRow:
    ecosystem, _, rest = id.partition(":")
    pinned = bool(version)
    return ServerRow(
        id=id,
        name=name,
        transport="http" if ecosystem == "url" else "stdio",
        package=PackageRow("npm", rest, version, pinned) if ecosystem == "npm" else None,
        url=rest if ecosystem == "url" else "",
        builtin=ecosystem == "builtin",
        owner="Dispatch" if name in ("postgres", "dispatch") else "",
        purpose="Reads open orders" if name == "postgres" else "",
        trusted=True if name == "postgres" else None,
        operations=("health",) if name == "postgres" else (),
        providers=(name,) if name in ("slack", "asana") else (),
        manifest=ManifestRow(
            source=source,
            complete=complete,
            digest="",
            reason=reason or "facts about this package from mcpaudit's own catalog",
            version=version,
            certainty="certain" if pinned else "possible",
        ),
    )


SERVERS = (
    _server(
        "builtin:claude-code",
        "Claude Code's own tools",
        source="builtin",
        reason="what Claude Code itself brings",
    ),
    _server("builtin:cursor", "Cursor's own tools", source="builtin", reason="what Cursor itself brings"),
    _server("npm:@cocal/google-calendar-mcp", "calendar"),
    _server("npm:@modelcontextprotocol/server-filesystem", "files"),
    _server("npm:@modelcontextprotocol/server-postgres", "postgres", "0.6.2"),
    _server("npm:@modelcontextprotocol/server-slack", "slack"),
    _server(
        "npm:@roychri/mcp-server-asana",
        "asana",
        complete=False,
        reason="the catalog lists the tools of 1.6, not of latest",
    ),
    _server(
        *("path:tools/dispatch/server.js", "dispatch", "", "none", False),
        reason="no saved list of tools, no bundle, and the source builds its tools at run time",
    ),
    _server(
        "url:https://mcp.weather.example/mcp", "weather", source="supplied", reason="manifests/weather.json"
    ),
)


def _installed(
    agent: str, name: str, server: str, file: str, line: int, level: str = "project", bounds: str = ""
) -> InstallationRow:
    pending = level == "project" and agent == CLAUDE
    return InstallationRow(
        id=f"{agent}/{name}",
        agent=agent,
        client=agent,
        server=server,
        name=name,
        level=level,
        enabled=True,
        state="pending" if pending else "loaded",
        reason="Claude Code asks before it starts a project's servers" if pending else "",
        decided=None,
        assumed=pending,
        shadows=(),
        shadowed_by=None,
        location=at(file, line, 5, "mcpServers", name) if file else Location(""),
        bounds=tuple(bounds.split()),
    )


INSTALLATIONS = (
    _installed(CLAUDE, "asana", "npm:@roychri/mcp-server-asana", ".mcp.json", 9),
    _installed(CLAUDE, "builtin", "builtin:claude-code", "", 0, "builtin"),
    _installed(CLAUDE, "calendar", "npm:@cocal/google-calendar-mcp", ".mcp.json", 14),
    _installed(CLAUDE, "dispatch", "path:tools/dispatch/server.js", ".mcp.json", 29),
    _installed(CLAUDE, "files", "npm:@modelcontextprotocol/server-filesystem", ".mcp.json", 24, bounds=FILES),
    _installed(
        CLAUDE, "postgres", "npm:@modelcontextprotocol/server-postgres", ".mcp.json", 19, bounds=ORDERS
    ),
    _installed(CLAUDE, "slack", "npm:@modelcontextprotocol/server-slack", ".mcp.json", 4),
    _installed(CLAUDE, "weather", "url:https://mcp.weather.example/mcp", ".mcp.json", 33),
    _installed(CURSOR, "builtin", "builtin:cursor", "", 0, "builtin"),
    _installed(CURSOR, "files", "npm:@modelcontextprotocol/server-filesystem", ".cursor/mcp.json", 8),
    _installed(CURSOR, "postgres", "npm:@modelcontextprotocol/server-postgres", ".cursor/mcp.json", 13),
    _installed(CURSOR, "slack", "npm:@modelcontextprotocol/server-slack", ".cursor/mcp.json", 3),
)


def _tool(
    server: str, name: str, actions: str, resource: str, mismatch: str = "", **decisions: str
) -> ToolRow:
    names = {row.agent: row.id for row in INSTALLATIONS if row.server == server}
    return ToolRow(
        server=server,
        name=name,
        actions=tuple(actions.split()),
        resources=(resource,),
        certainty="certain",
        hints=HintsRow(bool(mismatch) or None, None, None, None),
        hint_mismatch=mismatch,
        evidence=(f"the name of the tool says `{name.split('_')[-1].split('-')[0]}`",),
        touches=(
            TouchRow(
                resource,
                tuple(actions.split()),
                "certain",
                (f"the name of the tool says `{name.split('_')[-1].split('-')[0]}`",),
            ),
        ),
        decisions=tuple(
            DecisionRow(
                agent=agent.replace("_", "-"),
                installation=names[agent.replace("_", "-")],
                interactive=verdict,
                headless="deny" if verdict == "ask" else verdict,
                bypass="deny" if verdict == "deny" else "allow",
                reason="a rule of the project says so" if verdict in ("allow", "deny") else "no rule matches",
                rule=at(".claude/settings.json", 4, 7)
                if agent == "claude_code" and verdict == "allow"
                else None,
                beats=(),
                hints_ignored=None,
            )
            for agent, verdict in sorted(decisions.items())
        ),
    )


ALL = "list read create write delete execute send"

TOOLS = (
    _tool("builtin:claude-code", "Bash", ALL, HOST, claude_code="allow"),
    _tool("builtin:cursor", "run_terminal_cmd", ALL, HOST, cursor="ask"),
    _tool("npm:@cocal/google-calendar-mcp", "create-event", "create write", CALENDAR, claude_code="ask"),
    _tool("npm:@cocal/google-calendar-mcp", "delete-event", "delete", CALENDAR, claude_code="deny"),
    _tool("npm:@cocal/google-calendar-mcp", "list-events", "list read", CALENDAR, claude_code="allow"),
    _tool(
        "npm:@modelcontextprotocol/server-filesystem",
        "read_file",
        "list read",
        FILES,
        claude_code="allow",
        cursor="allow",
    ),
    _tool(
        *("npm:@modelcontextprotocol/server-filesystem", "write_file", "create write", FILES),
        claude_code="ask",
        cursor="unknown",
    ),
    _tool(
        "npm:@modelcontextprotocol/server-postgres",
        "query",
        "list read",
        ORDERS,
        claude_code="allow",
        cursor="allow",
    ),
    _tool(
        *(
            "npm:@modelcontextprotocol/server-slack",
            "slack_get_channel_history",
            "list read",
            "slack:acme/message",
        ),
        claude_code="allow",
    ),
    _tool(
        *(
            "npm:@modelcontextprotocol/server-slack",
            "slack_post_message",
            "create send",
            "slack:acme/message",
        ),
        claude_code="ask",
        cursor="ask",
    ),
    _tool(
        "npm:@roychri/mcp-server-asana",
        "asana_create_task",
        "create write",
        "asana:acme/task",
        claude_code="allow",
    ),
    _tool(
        *("npm:@roychri/mcp-server-asana", "asana_sync_calendar", "create write", CALENDAR),
        mismatch="the server claims that it only reads, but its name says `sync` and its schema has a `body`",
        claude_code="allow",
    ),
    _tool(
        "url:https://mcp.weather.example/mcp",
        "get_forecast",
        "read",
        "web:mcp.weather.example",
        claude_code="ask",
    ),
)
