"""A report written by hand: the logistics team's installation, with something of everything in it."""

from dataclasses import replace

from mcpaudit.model.finding import SEVERITIES, STATUSES
from mcpaudit.model.report import SCHEMA, Report
from mcpaudit.model.report_access import AccessRow, RuleRow
from mcpaudit.model.report_credential import CredentialRow, ScopeRow, ScopeUseRow
from mcpaudit.model.report_fact import ExcessRow, RemedyRow, SupposedRow
from mcpaudit.model.report_inventory import AgentRow
from mcpaudit.model.run import Coverage, GapRow, Input, PolicyRow, RunSettings, Summary, ToolInfo
from tests.report.sample_findings import CONFLICTS, FINDINGS, FLOWS, PATCHES, WAIVERS
from tests.report.sample_parts import (
    CALENDAR,
    CLAUDE,
    CURSOR,
    FILES,
    HOST,
    INSTALLATIONS,
    ORDERS,
    SERVERS,
    TOOLS,
    at,
    step,
    witness,
)


def _access(
    agent: str, name: str, tool: str, actions: str, resource: str, decision: str, labels: str = ""
) -> AccessRow:
    installation = f"{agent}/{name}"
    server = next(row.server for row in INSTALLATIONS if row.id == installation)
    return AccessRow(
        id=f"{installation}/{tool} -> {resource}",
        agent=agent,
        installation=installation,
        server=server,
        tool=tool,
        actions=tuple(actions.split()),
        resource=resource,
        labels=tuple(labels.split()),
        decision=decision,
        mode="interactive",
        certainty="possible" if name == "asana" and resource == CALENDAR else "certain",
        credential="",
        transitive=name in ("asana", "slack") and resource == CALENDAR,
        universal=resource == HOST,
        conditional=name == "asana" and resource == CALENDAR,
        witness=witness(agent, name, tool, resource),
    )


ACCESS = (
    _access(CLAUDE, "slack", "slack_post_message", "create send", "slack:acme/message", "ask"),
    _access(
        CLAUDE,
        "slack",
        "slack_get_channel_history",
        "list read",
        "slack:acme/message",
        "allow",
        "private_data",
    ),
    _access(CLAUDE, "asana", "asana_create_task", "create write", "asana:acme/task", "allow"),
    _access(CLAUDE, "asana", "asana_sync_calendar", "create write", CALENDAR, "allow", "private_data"),
    _access(CLAUDE, "calendar", "list-events", "list read", CALENDAR, "allow", "private_data"),
    _access(CLAUDE, "calendar", "create-event", "create write", CALENDAR, "ask", "private_data"),
    _access(CLAUDE, "calendar", "delete-event", "delete", CALENDAR, "deny", "private_data"),
    _access(CLAUDE, "postgres", "query", "list read", ORDERS, "allow", "private_data production"),
    _access(CLAUDE, "files", "read_file", "list read", FILES, "allow"),
    _access(CLAUDE, "files", "write_file", "create write", FILES, "ask"),
    _access(CLAUDE, "builtin", "Bash", "list read create write delete execute send", HOST, "allow"),
    _access(CURSOR, "slack", "slack_post_message", "create send", "slack:acme/message", "ask"),
    _access(
        CURSOR,
        "postgres",
        "query",
        "list read create write delete",
        ORDERS,
        "allow",
        "private_data production",
    ),
    _access(CURSOR, "files", "read_file", "list read", "file:?/file/~", "allow"),
    _access(CURSOR, "files", "write_file", "create write", "file:?/file/~", "unknown"),
    _access(CURSOR, "builtin", "run_terminal_cmd", "list read create write delete execute send", HOST, "ask"),
)

CREDENTIALS = (
    CredentialRow(
        id="claude-code/slack SLACK_BOT_TOKEN",
        holder="claude-code/slack",
        agents=(CLAUDE, CURSOR),
        provider="slack",
        kind="bot",
        name="SLACK_BOT_TOKEN",
        literal=True,
        length=57,
        group=1,
        correlation="",
        file="",
        line=0,
        scopes=("channels:history", "chat:write"),
        scope_source="declared",
        scope_location=at(".mcp.json", 8, 28, "mcpServers", "slack", "env", "SLACK_SCOPES"),
        expires="",
        lifetime="static",
        refresh=False,
        location=at(".mcp.json", 6, 28, "mcpServers", "slack", "env", "SLACK_BOT_TOKEN"),
    ),
    CredentialRow(
        id="claude-code/asana ASANA_ACCESS_TOKEN",
        holder="claude-code/asana",
        agents=(CLAUDE,),
        provider="asana",
        kind="pat",
        name="ASANA_ACCESS_TOKEN",
        literal=False,
        length=0,
        group=0,
        correlation="",
        file="~/.asana",
        line=0,
        scopes=None,
        scope_source="opaque",
        scope_location=None,
        expires="",
        lifetime="unknown",
        refresh=None,
        location=at(".mcp.json", 11, 31, "mcpServers", "asana", "env", "ASANA_ACCESS_TOKEN"),
    ),
)

SCOPES = (
    ScopeUseRow(
        id="slack for npm:@modelcontextprotocol/server-slack",
        provider="slack",
        servers=("npm:@modelcontextprotocol/server-slack",),
        installations=("claude-code/slack",),
        agents=(CLAUDE, CURSOR),
        kinds=("bot",),
        group=1,
        source="declared",
        granted=("channels:history", "files:write"),
        at_most="",
        needed=("channels:history", "chat:write"),
        scopes=(
            ScopeRow("channels:history", True, True, "`history` needs it", "certain", ("history",), (), ()),
            ScopeRow("chat:write", False, True, "`post` needs it to send", "possible", ("post",), (), ()),
            ScopeRow("files:write", True, False, "no enabled tool needs it", "certain", (), (), ()),
        ),
        undecided=("lookup",),
    ),
)

COVERAGE = Coverage(
    clients=("claude-code", "claude-desktop", "cody", "cursor"),
    levels=("project", "user"),
    files_read=5,
    credential_files=("~/.asana",),
    gaps=(
        GapRow(
            kind="malformed",
            reason="a comma is missing after the value of `command`; nothing below it was read",
            client="cody",
            location=at(".vscode/settings.json", 9, 5),
        ),
    ),
    without_manifest=("path:tools/dispatch/server.js",),
    incomplete_manifests=("npm:@roychri/mcp-server-asana",),
    policies=(
        PolicyRow(
            "decision-contradiction",
            "Two clients decide differently about one tool",
            "high",
            22,
            1,
            "shipped",
        ),
        PolicyRow("literal-credential", "A secret stands in a configuration file", "high", 2, 1, "shipped"),
        PolicyRow(
            "read-only-bypass",
            "A stated restriction is bypassed through another route",
            "high",
            3,
            1,
            "shipped",
        ),
        PolicyRow("second-route", "Two servers change the same resource", "medium", 3, 1, "shipped"),
        PolicyRow("silent-shell", "A shell runs without asking", "critical", 2, 1, "shipped"),
        PolicyRow("token-without-refresh", "Nothing renews a token", "medium", 2, 1, "shipped"),
        PolicyRow("unbounded-server", "A server's tools are not known", "medium", 7, 1, "shipped"),
        PolicyRow(
            "unneeded-server", "A server is installed that the task does not need", "low", 7, 1, "shipped"
        ),
        PolicyRow(
            "unpinned-package", "A package is fetched without a fixed version", "medium", 5, 4, "shipped"
        ),
        PolicyRow("unsafe-container", "A container may write to the host", "high", 0, 0, "shipped"),
    ),
    limits=(
        "Flows from untrusted text to a place outside were not analysed.",
        "Scopes that a provider grants on its own site cannot be seen in files.",
    ),
)

RULES = (
    RuleRow(
        *(CLAUDE, "allow", "Bash(psql:*)", "project", "command", True, True, True),
        problem="",
        location=at(".claude/settings.json", 4, 7),
    ),
    RuleRow(
        *(CLAUDE, "deny", "mcp__calender__delete-event", "project", "tool", False, False, False),
        problem="",
        location=at(".claude/settings.json", 9, 7),
    ),
)

EXCESS = (
    ExcessRow(
        id="unneeded server: url:https://mcp.weather.example/mcp for dispatch",
        level="server",
        kind="unneeded",
        subject="url:https://mcp.weather.example/mcp",
        name="weather",
        agents=(CLAUDE,),
        profile="dispatch",
        reason="no need of the profile `dispatch` is met by it, and none of the minimum sets contains it",
        certainty="certain",
        remedies=(
            RemedyRow(
                *("remove", "in Claude Code, remove `weather`", 3),
                SupposedRow(("claude-code/weather",), (), ()),
                (at(".mcp.json", 33, 5),),
            ),
        ),
        witness=(
            step("loads", "claude-code", "weather", "Claude Code loads `weather`", at(".mcp.json", 33, 5)),
        ),
    ),
)


def _summary() -> Summary:
    still_open = [row for row in FINDINGS if row.status in ("fail", "possible", "inconclusive")]
    severities = [row.severity for row in still_open]
    statuses = [row.status for row in FINDINGS]
    return Summary(
        verdict="findings",
        exit_code=1,
        agents=2,
        servers=sum(not row.builtin for row in SERVERS),
        installations=sum(row.level != "builtin" for row in INSTALLATIONS),
        tools=sum(not row.server.startswith("builtin:") for row in TOOLS),
        resources=len({row.resource for row in ACCESS}),
        silent_changes=4,
        by_severity=tuple((name, severities.count(name)) for name in SEVERITIES),
        by_status=tuple((name, statuses.count(name)) for name in STATUSES),
    )


SAMPLE = Report(
    schema=SCHEMA,
    tool=ToolInfo("mcpaudit", "0.1.0"),
    as_of="2026-11-22",
    run=RunSettings("linux", "interactive", False, False, "high", "dispatch", (), True),
    inputs=(
        Input(".claude/settings.json", "4c" * 32, "Claude Code project settings"),
        Input(".cursor/mcp.json", "5d" * 32, "Cursor project servers"),
        Input(".mcp.json", "1a" * 32, "Claude Code project servers"),
        Input("mcpaudit.yaml", "7f" * 32, "configuration"),
        Input("~/.cursor/permissions.json", "9b" * 32, "Cursor user permissions"),
    ),
    coverage=COVERAGE,
    agents=(
        AgentRow(CLAUDE, "claude-code", "Claude Code", "."),
        AgentRow(CURSOR, "cursor", "Cursor", "."),
    ),
    servers=SERVERS,
    installations=INSTALLATIONS,
    tools=TOOLS,
    rules=RULES,
    credentials=CREDENTIALS,
    scopes=SCOPES,
    access=ACCESS,
    conflicts=CONFLICTS,
    flows=FLOWS,
    excess=EXCESS,
    usage=(),
    changes=(),
    findings=FINDINGS,
    patches=PATCHES,
    waivers=WAIVERS,
    summary=_summary(),
)

NOTHING = replace(
    SAMPLE,
    inputs=(),
    agents=(),
    servers=(),
    installations=(),
    tools=(),
    rules=(),
    credentials=(),
    scopes=(),
    access=(),
    conflicts=(),
    excess=(),
    findings=(),
    patches=(),
    waivers=(),
    coverage=replace(
        COVERAGE, files_read=0, gaps=(), without_manifest=(), incomplete_manifests=(), policies=()
    ),
    summary=Summary("nothing-collected", 3, 0, 0, 0, 0, 0, 0, (), ()),
)
"""Nothing was found to audit."""

CLEAN = replace(
    SAMPLE,
    findings=(),
    patches=(),
    conflicts=(),
    excess=(),
    waivers=(),
    coverage=replace(COVERAGE, gaps=(), without_manifest=(), incomplete_manifests=()),
    summary=replace(SAMPLE.summary, verdict="clean", exit_code=0, by_severity=(), by_status=()),
)
"""The same installation under policies that accept all of it."""
