"""What the sample's policies found, and what was waived of it."""

from mcpaudit.model.report_fact import (
    ConflictRow,
    CutRow,
    FlowRow,
    LegRow,
    LossRow,
    RemedyRow,
    RoleRow,
    SupposedRow,
)
from mcpaudit.model.report_finding import AnswerRow, EditRow, FindingRow, PatchedRow, PatchRow, WaiverRow
from tests.report.sample_parts import CALENDAR, CLAUDE, CURSOR, HOST, ORDERS, at, step, witness

_BYPASS = (
    step("loads", CLAUDE, "postgres", "Claude Code loads `postgres`", at(".mcp.json", 19)),
    step(
        *("restricts", "postgres", ORDERS, "`--read-only` withholds create, write and delete"),
        at(".mcp.json", 21, 58, "mcpServers", "postgres", "args", 2),
    ),
    step("offers", "builtin:claude-code", "Bash", "Claude Code brings the shell `Bash`"),
    step(
        *("acts-on", "Bash", HOST, "the rule `Bash(psql:*)` lets it run without asking"),
        at(".claude/settings.json", 4, 7, "permissions", "allow", 0),
    ),
    step("covers", HOST, ORDERS, "`psql` reaches the same database with the same connection string"),
)


def _role(
    part: str, agent: str, server: str, name: str, tools: str, actions: str, verdict: str, says: str
) -> RoleRow:
    return RoleRow(part, agent, server, name, tuple(tools.split()), tuple(actions.split()), verdict, says)


CONFLICTS = (
    ConflictRow(
        id=f"bypass: npm:@modelcontextprotocol/server-postgres + builtin:claude-code on {ORDERS}",
        kind="bypass",
        agents=(CLAUDE,),
        resource=ORDERS,
        resources=(),
        labels=("private_data", "production"),
        servers=("npm:@modelcontextprotocol/server-postgres", "builtin:claude-code"),
        roles=(
            _role(
                *("restricted", CLAUDE, "npm:@modelcontextprotocol/server-postgres", "postgres", "query"),
                *("list read", "allow", "may only read, by `--read-only`"),
            ),
            _role(
                *("bypass", CLAUDE, "builtin:claude-code", "builtin", "Bash", "create write delete", "allow"),
                "runs `psql` without asking and writes",
            ),
        ),
        modes=("interactive", "headless", "bypass"),
        certainty="certain",
        transitive=False,
        silent=True,
        also=("identity",),
        remedies=(
            RemedyRow(
                "deny",
                "in Claude Code, deny `Bash` of the client itself",
                1,
                SupposedRow((), ("claude-code/builtin:claude-code/Bash",), ()),
                (),
            ),
            RemedyRow(
                *("give-up", "in Claude Code, drop the project rule `mcp__postgres`", 0),
                SupposedRow((), (), (at(".claude/settings.json", 9, 7),)),
                (at(".claude/settings.json", 9, 7),),
            ),
        ),
        witness=_BYPASS,
    ),
    ConflictRow(
        id=f"ambiguous-route: npm:@cocal/google-calendar-mcp + npm:@roychri/mcp-server-asana on {CALENDAR}",
        kind="ambiguous-route",
        agents=(CLAUDE,),
        resource=CALENDAR,
        resources=(),
        labels=("private_data",),
        servers=("npm:@cocal/google-calendar-mcp", "npm:@roychri/mcp-server-asana"),
        roles=(
            _role(
                *(
                    "route",
                    CLAUDE,
                    "npm:@cocal/google-calendar-mcp",
                    "calendar",
                    "create-event",
                    "create write",
                    "ask",
                ),
                "asks before it changes an event",
            ),
            _role(
                *(
                    "route",
                    CLAUDE,
                    "npm:@roychri/mcp-server-asana",
                    "asana",
                    "asana_sync_calendar",
                    "create write",
                ),
                *("allow", "changes the same events through its calendar integration, without asking"),
            ),
        ),
        modes=("interactive",),
        certainty="possible",
        transitive=True,
        silent=True,
        also=(),
        remedies=(RemedyRow("rename", "in Claude Code, give `asana` another name", 0, None, ()),),
        witness=witness(CLAUDE, "asana", "asana_sync_calendar", CALENDAR),
    ),
)


def _leg(server: str, name: str, tool: str, resource: str, actions: str, egress: bool) -> LegRow:
    return LegRow(
        *(CLAUDE, server, name, tool, 1, resource, tuple(actions.split()), "allow", egress, "certain")
    )


FLOWS = (
    FlowRow(
        id="trifecta through servers and own tools: npm:@roychri/mcp-server-asana + builtin:claude-code",
        kind="trifecta",
        through="servers and own tools",
        agents=(CLAUDE,),
        modes=("interactive",),
        sources=(
            _leg("npm:@roychri/mcp-server-asana", "asana", "asana_get_task", "asana:?/task", "read", False),
        ),
        private=(_leg("builtin:claude-code", "builtin", "Read", "local:host/file", "list read", False),),
        sinks=(_leg("builtin:claude-code", "builtin", "Bash", HOST, "execute", True),),
        cut=(
            CutRow(
                *(CLAUDE, "sources", (LossRow("asana", ("asana_get_task",), True),), True),
                "in claude-code, removing `asana` leaves nothing to read that strangers write",
                SupposedRow(("claude-code/asana",), (), ()),
            ),
        ),
        silent=True,
        certainty="certain",
        witness=witness(CLAUDE, "asana", "asana_get_task", "asana:?/task"),
    ),
)


def _finding(
    fingerprint: str, policy: str, severity: str, title: str, message: str, fix: str, **more: object
) -> FindingRow:
    base: dict[str, object] = {
        "status": "fail",
        "certainty": "certain",
        "reason": "",
        "subject": policy,
        "digest": "",
        "agents": (CLAUDE,),
        "controls": (),
        "locations": (at(".mcp.json", 4),),
        "witness": (),
    }
    return FindingRow(
        fingerprint=fingerprint,
        policy=policy,
        severity=severity,
        title=title,
        message=message,
        fix=fix,
        **{**base, **more},  # type: ignore[arg-type]  # a test names only the fields it changes
    )


def _unpinned(index: int, name: str, package: str, file: str, line: int) -> FindingRow:
    agent = CURSOR if file.startswith(".cursor") else CLAUDE
    return _finding(
        *(
            f"c0ffee000000000{index}",
            "unpinned-package",
            "medium",
            "A package is fetched without a fixed version",
        ),
        f"`{name}` runs whatever version of {package} the registry serves that day",
        "Write the version that you reviewed after the package's name, as in `name@1.2.3`.",
        subject=f"npm:{package}",
        agents=(agent,),
        locations=(at(file, line),),
        witness=(
            step(
                "loads",
                agent,
                f"npm:{package}",
                f"`npx -y {package}` names no version",
                at(file, line + 1, 16),
            ),
        ),
    )


FINDINGS = (
    _finding(
        *("7be1f02d9a34c815", "silent-shell", "critical", "A shell runs without asking"),
        "Claude Code may run `psql` with any argument unasked; and `psql` can start a shell with `\\!`",
        "Remove the rule `Bash(psql:*)`, or allow the one script that the task needs: `Bash(./orders.sh)`.",
        subject="claude-code/builtin/Bash",
        controls=("owasp-mcp:MCP05:2025", "nist-800-53:AC-6", "cwe:CWE-78"),
        locations=(at(".claude/settings.json", 4, 7, "permissions", "allow", 0),),
        witness=_BYPASS[2:4],
        patch=AnswerRow("safe", (EditRow(".claude/settings.json", "drop the rule `Bash(psql:*)`"),), ""),
    ),
    _finding(
        *(
            "1f6a9c03d2b84e57",
            "read-only-bypass",
            "high",
            "A stated restriction is bypassed through another route",
        ),
        f"Claude Code may only list and read {ORDERS} through `postgres`, but its own shell lets it create,"
        " write and delete there without asking",
        "Give the shell no rule that reaches the database, or connect with a role that may only read: then"
        " the restriction holds whatever route is taken.",
        subject=CONFLICTS[0].id,
        controls=("nist-800-53:AC-6", "owasp-mcp:MCP02:2025"),
        locations=(at(".mcp.json", 21, 58), at(".claude/settings.json", 4, 7)),
        witness=_BYPASS,
        patch=AnswerRow("needs-review", (), "it comes from settings that the organisation manages"),
    ),
    _finding(
        *(
            "a4403be1759dc26f",
            "decision-contradiction",
            "high",
            "Two clients decide differently about one tool",
        ),
        "Claude Code asks before `slack_post_message` runs, and Cursor's user settings let it run",
        "Decide once: write the same rule for both clients.",
        status="possible",
        certainty="possible",
        subject="npm:@modelcontextprotocol/server-slack/slack_post_message",
        agents=(CLAUDE, CURSOR),
        locations=(at("~/.cursor/permissions.json", 3, 5),),
        witness=(
            step("loads", CURSOR, "slack", "Cursor loads `slack`", at(".cursor/mcp.json", 3)),
            step(
                *("restricts", CURSOR, "slack", "the pattern `slack:*` may match this tool"),
                *(at("~/.cursor/permissions.json", 3, 5), "possible"),
            ),
        ),
    ),
    _finding(
        *("5510c7aa9e8b13d4", "second-route", "medium", "Two servers change the same resource"),
        f"`calendar` asks before it changes {CALENDAR}, while `asana` would change it without asking",
        "Switch off the calendar integration of Asana, or let `asana_sync_calendar` ask too.",
        status="possible",
        certainty="possible",
        subject=CONFLICTS[1].id,
        locations=(at(".mcp.json", 9), at(".mcp.json", 14)),
        witness=CONFLICTS[1].witness,
    ),
    _finding(
        *("33d0e5f17a62b9c8", "token-without-refresh", "medium", "Nothing renews a token"),
        "`SLACK_BOT_TOKEN` of `slack` is static and nothing declares that it is renewed",
        "Use the OAuth flow with rotation, or note in mcpaudit.yaml what renews the token.",
        subject="claude-code/slack SLACK_BOT_TOKEN",
        locations=(at(".mcp.json", 6, 28),),
    ),
    _unpinned(1, "asana", "@roychri/mcp-server-asana", ".mcp.json", 9),
    _unpinned(2, "calendar", "@cocal/google-calendar-mcp", ".mcp.json", 14),
    _unpinned(3, "files", "@modelcontextprotocol/server-filesystem", ".cursor/mcp.json", 8),
    _unpinned(4, "slack", "@modelcontextprotocol/server-slack", ".mcp.json", 4),
    _finding(
        *("e7a2d9045bc13f68", "unbounded-server", "medium", "A server's tools are not known"),
        "What `dispatch` lets Claude Code do could not be worked out",
        "Save its list of tools: `mcpaudit lock --fetch`, or put the file where `--manifests` looks.",
        status="inconclusive",
        certainty="unknown",
        reason="`tools/dispatch/server.js` builds its list of tools at run time",
        subject="path:tools/dispatch/server.js",
        locations=(at(".mcp.json", 29),),
    ),
    _finding(
        *("fb85210dce947a36", "unneeded-server", "low", "A server is installed that the task does not need"),
        "No need of the profile `dispatch` is met by `weather`",
        "Remove `weather` from .mcp.json.",
        subject="url:https://mcp.weather.example/mcp",
        locations=(at(".mcp.json", 33),),
    ),
    _finding(
        *("9d1c0a77b3e2c4f1", "literal-credential", "high", "A secret stands in a configuration file"),
        "`SLACK_BOT_TOKEN` stands in .mcp.json in full",
        "Take it from the environment: `${SLACK_BOT_TOKEN}`.",
        status="waived",
        reason="moved to the vault with ticket OPS-411; until 2026-12-31",
        subject="claude-code/slack SLACK_BOT_TOKEN",
        locations=(at(".mcp.json", 6, 28),),
    ),
    *(
        _finding(
            *(fingerprint, "unneeded-server", "low", "A server is installed that the task does not need"),
            f"No need of the profile `dispatch` is met by `{name}`",
            f"Remove `{name}` from .mcp.json.",
            status="baselined",
            reason="accepted by the baseline",
            subject=f"npm:{name}",
        )
        for fingerprint, name in (("b" * 16, "clock"), ("c" * 16, "jokes"))
    ),
)

WAIVERS = (
    WaiverRow(
        fingerprint="9d1c0a77b3e2c4f1",
        policy="literal-credential",
        owner="maria@acme.example",
        approver="jon@acme.example",
        reason="moved to the vault with ticket OPS-411",
        expires="2026-12-31",
        state="applied",
        explanation="covers 1 finding for 39 more days",
        warning="it ends in 9 days",
        location=at(".mcpaudit/waivers.yaml", 3, 3),
    ),
    WaiverRow(
        fingerprint="00aa11bb22cc33dd",
        policy="unneeded-server",
        owner="maria@acme.example",
        approver="jon@acme.example",
        reason="needed until the fair",
        expires="2026-10-01",
        state="expired",
        explanation="it expired 52 days ago and waives nothing any more",
        warning="",
        location=at(".mcpaudit/waivers.yaml", 12, 3),
    ),
)

PATCHES = (
    PatchRow(
        "project",
        "safe",
        (PatchedRow(".claude/settings.json", "drop the rule `Bash(psql:*)`", ("7be1f02d9a34c815",)),),
        '--- a/.claude/settings.json\n+++ b/.claude/settings.json\n@@ -2,5 +2,4 @@\n   "permissions": {\n'
        '     "allow": [\n-      "Bash(psql:*)",\n       "mcp__slack"\n     ]\n',
    ),
    PatchRow(
        "home",
        "needs-review",
        (PatchedRow("~/.cursor/mcp.json", "give `web` `127.0.0.1` for `0.0.0.0`", ()),),
        "--- a/.cursor/mcp.json\n+++ b/.cursor/mcp.json\n@@ -1,1 +1,1 @@\n-0.0.0.0\n+127.0.0.1\n",
    ),
)
